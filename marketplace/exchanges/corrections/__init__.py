"""Corrections: what was confirmed is put right, by both schools."""
