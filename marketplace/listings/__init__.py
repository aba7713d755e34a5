"""Offers and requests: what schools can give, what they need, and who may see it."""

from __future__ import annotations

from datetime import time

from flask import Flask

from marketplace.accounts.roles import Permission
from marketplace.listings import draft_views, holdings, lasting, moderation, tariff, views
from marketplace.outbox import get_schedule
from marketplace.web.navigation import Entry, navigation

draft_views.add_to(views.blueprint)


def init_app(app: Flask) -> None:
    """Add the pages of a school's own listings."""
    app.register_blueprint(views.blueprint)
    holdings.init_app(app)
    tariff.init_app(app)
    moderation.init_app(app)
    get_schedule(app).every("expire_listings", time(0, 30), lasting.expire_listings_job)
    navigation(app).add(
        Entry(
            "Our listings",
            "listings.ours",
            Permission.VIEW_LISTINGS,
            20,
            shown_to="school",
            pages=(
                "groups.ours",
                "groups.new",
                "groups.group",
                "groups.change",
                "groups.invite",
                "groups.leave",
                "confidential.ours",
                "confidential.ask",
                "confidential.request",
                "confidential.introduce",
                "matching.who_fits",
            ),
        )
    )
