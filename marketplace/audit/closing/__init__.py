"""Closing periods in the browser: one person proposes, another one closes."""
