"""Processes and servers killed in mid-flight; what the application promises holds all the same."""
