"""The directory of expertise: colleagues say what they are good at, and who may ask them.

Nobody stands in it without having said so: what an administrator suggests for a colleague is seen
by the two of them alone until the colleague shares it, and the colleague takes it back at once.
"""

from __future__ import annotations

from flask import Flask

from marketplace.accounts.roles import Permission
from marketplace.profiles.experts import gap_views as gap_views
from marketplace.profiles.experts import holdings, queries, views
from marketplace.profiles.experts.beside_search import colleagues_who_know
from marketplace.web.navigation import Entry, navigation


def init_app(app: Flask) -> None:
    """Add the pages of the directory, its entry with what waits, and what the search asks for."""
    app.register_blueprint(views.blueprint)
    app.add_template_global(colleagues_who_know)
    holdings.init_app(app)
    navigation(app).add(
        Entry(
            "Our experts",
            "experts.find",
            Permission.VIEW_LISTINGS,
            order=15,
            shown_to="school",
            waiting=queries.count_suggested,
            waiting_permission=Permission.ASK,
        )
    )
