"""A school joins: is it in already, who claims it, and the operator's queue of claims."""

from __future__ import annotations

from flask import Flask


def init_app(app: Flask) -> None:
    """Add the pages."""
