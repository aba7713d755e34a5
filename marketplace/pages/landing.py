"""The public front page: what Skillbank is, live figures, and the way to sign in."""

from __future__ import annotations

from flask import redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from marketplace.accounts.access import PUBLIC, access, find_current_user
from marketplace.audit.dashboard.front_page import front_page_figures
from marketplace.database import db
from marketplace.listings.topics import current_topics


@access(PUBLIC)
def landing() -> ResponseReturnValue:
    """Show what Skillbank is, with live figures and the way to sign in.

    Anyone on the web may read it, so it shows counts and topics only: what a school has posted
    is for schools. Its search finds what schools show to everybody.
    """
    if find_current_user() is not None:
        return redirect(url_for("pages.dashboard"))
    figures = front_page_figures(db.session())
    return render_template(
        "pages/landing.html",
        figures=figures,
        search_url=url_for("pages.offers"),
        find_school_url=url_for("claims.find"),
        topics=[
            (current_topics().name_of(slug), url_for("pages.offers", topic=slug), count)
            for slug, count in figures.topics
            if slug in current_topics().by_slug
        ],
    )
