"""Adjustments by two people."""
