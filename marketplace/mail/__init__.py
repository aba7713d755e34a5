"""E-mail: written in the caller's transaction, sent by the worker, and what became of each."""

from __future__ import annotations

from flask import Flask

from marketplace.mail import rendering


def init_app(app: Flask) -> None:
    """Add the templates of e-mails."""
    rendering.init_app(app)
