"""E-mail: written in the caller's transaction, sent by the worker, and what became of each."""

from __future__ import annotations

from flask import Flask


def init_app(app: Flask) -> None:
    """Add the sending of e-mail."""
