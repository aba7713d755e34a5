"""Exporting the journal as CSV, hledger or Beancount, and importing one from CSV."""
