"""The words of a search: what they mean in schools, and what was meant by a slip."""
