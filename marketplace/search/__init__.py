"""Finding help: the search criteria, the search itself, and the search page."""

from __future__ import annotations

from flask import Flask

from marketplace.accounts.roles import Permission
from marketplace.listings.suggesting import set_suggester
from marketplace.search import balance, commands, hourly, own_topics, own_words, views
from marketplace.search.index import keeping
from marketplace.search.index.reading import Reader
from marketplace.search.own_words.keeping import topics_meant
from marketplace.search.way_back import back_to_search, kept_search
from marketplace.web.navigation import Entry, navigation


def init_app(app: Flask) -> None:
    """Add the search page, the index behind it and its commands."""
    app.register_blueprint(views.blueprint)
    app.add_template_global(back_to_search)
    app.add_template_global(kept_search)
    app.extensions[Reader.KEY] = Reader()
    hourly.init_app(app)
    balance.init_app(app)
    keeping.init_app(app)
    set_suggester(app, topics_meant)
    app.cli.add_command(commands.search)
    own_topics.init_app(app)
    own_words.init_app(app)
    navigation(app).add(
        Entry(
            "Find help",
            "search.find",
            Permission.VIEW_LISTINGS,
            order=10,
            pages=(
                "pages.listing",
                "pages.school",
                "matching.ask",
                "saved_searches.ours",
                "saved_searches.new",
                "saved_searches.saved",
            ),
        )
    )
