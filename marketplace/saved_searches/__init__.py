"""Saved searches: a search that tells its person of what is new, at once, daily or weekly.

- ``criteria``: what is asked, out of an address, as it is stored, and in words;
- ``matching``: which new listings fit, by a small index of what is new;
- ``running``: the job, and the log that keeps a listing from being told twice;
- ``unsubscribing``: the signed link that ends the alerts of one search.
"""

from __future__ import annotations

from flask import Flask, request, url_for

from marketplace.outbox import get_schedule
from marketplace.saved_searches import holdings, running, views
from marketplace.saved_searches.criteria import SavedCriteria


def save_search_url() -> str:
    """Return the address at which the search of the current page is saved."""
    criteria = SavedCriteria.of_address(request.args)
    exactly = "1" if request.args.get("exactly") else None
    return url_for("saved_searches.new", exactly=exactly, **criteria.address())


def init_app(app: Flask) -> None:
    """Add the pages, the job, and what the search page asks for its link."""
    app.register_blueprint(views.blueprint)
    app.add_template_global(save_search_url)
    holdings.init_app(app)
    get_schedule(app).every("run_saved_searches", running.EVERY, running.run_saved_searches_job)
