"""Enquiries between schools about a listing, and their messages."""
