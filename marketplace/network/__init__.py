"""The operator's desk: schools join, are frozen when they close."""
