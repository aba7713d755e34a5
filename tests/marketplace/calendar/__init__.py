"""The school year."""
