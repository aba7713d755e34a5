"""Seals: what is recorded, hashed into a chain, and the proofs that anyone can check."""
