"""Verifications of the book that people ask for in the browser, and those of every night."""
