"""Matching both ways: what fits a listing of ours, asking several at once, and who is told.

- ``fitting``: what fits, by the index, and what speaks for each, by the database;
- ``telling``: the schools that a new listing fits, under the rule of audiences;
- ``suggestions``: for the start page, what fits, what to offer and what to take.
"""

from __future__ import annotations

from flask import Flask

from marketplace.listings.events import ListingPosted
from marketplace.matching import telling, views
from marketplace.outbox import get_subscribers


def init_app(app: Flask) -> None:
    """Add the page, and the subscriber that finds whom a new listing fits."""
    app.register_blueprint(views.blueprint)
    get_subscribers(app).subscribe(ListingPosted, telling.SUBSCRIBER, telling.on_posted)
