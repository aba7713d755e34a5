"""Who may see what: the one rule of audiences, and the named groups of schools.

- ``audience``: an audience as a value, and the rule in plain Python;
- ``models``: groups, and the columns of everything that has an audience;
- ``queries``: the rule as a condition of the database, and how many schools see something;
- ``words``: audiences as people read them.
"""

from __future__ import annotations

from flask import Flask

from marketplace.audiences import holdings


def init_app(app: Flask) -> None:
    """Register what groups hold on people."""
    holdings.init_app(app)
