"""How the book is written on each database, and what is asked of either."""
