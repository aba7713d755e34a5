"""The seals of the book, for those who keep their fingerprints elsewhere."""
