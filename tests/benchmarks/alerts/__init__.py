"""How many saved searches the worker runs in a minute."""
