"""Who may see what: the one rule of audiences, and the named groups of schools.

- ``audience``: an audience as a value, and the rule in plain Python;
- ``models``: groups, and the columns of everything that has an audience;
- ``queries``: the rule as a condition of the database, and how many schools see something;
- ``words``: audiences as people read them;
- ``choosing``, ``forms``, ``views``: the part of a form that says who may see something;
- ``groups``: the pages and verbs of groups.
"""

from __future__ import annotations

from flask import Flask

from marketplace.audiences import groups, holdings, views


def init_app(app: Flask) -> None:
    """Add the pages of groups, and what forms ask while an audience is chosen."""
    holdings.init_app(app)
    app.register_blueprint(views.blueprint)
    groups.init_app(app)
