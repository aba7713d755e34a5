"""The journal: every record of the book, found by what auditors ask for, and exported.

What is shown is read from the ledger. Which records fit is found in an index of this package
(`models`), which the worker keeps up (`indexing`); what was recorded since is looked through as it
stands in the ledger, so that a page is never behind.
"""
