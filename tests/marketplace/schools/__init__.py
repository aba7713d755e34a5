"""Tests of the school register."""
