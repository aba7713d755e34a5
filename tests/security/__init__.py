"""Proof against attacks: the standard, an attacker of our own, and odd input."""
