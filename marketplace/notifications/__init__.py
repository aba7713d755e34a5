"""Telling people what needs them: kinds, recipients by permission, preferences, channels."""

from __future__ import annotations

from flask import Flask


def init_app(app: Flask) -> None:
    """Add the kinds, and the pages of preferences."""
