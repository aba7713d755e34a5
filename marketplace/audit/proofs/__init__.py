"""Proofs of single transactions: to download, and to check in the reader's own browser."""
