"""Journals that leave the book and come into it: CSV, hledger and Beancount."""
