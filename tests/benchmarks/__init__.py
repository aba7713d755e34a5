"""Measurements, apart from the tests: ratios within one run, never limits that fail a build."""
