"""Offers and requests: what schools can give, what they need, and who may see it."""
