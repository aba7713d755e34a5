"""Requests, by what they are about."""
