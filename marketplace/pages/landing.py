"""The public front page: what Skillbank is, live figures, and the way to sign in."""

from __future__ import annotations

import sqlalchemy as sa
from flask import redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from marketplace.accounts.access import PUBLIC, access, find_current_user
from marketplace.database import db
from marketplace.exchanges.queries import minutes_exchanged
from marketplace.listings.models import Kind
from marketplace.listings.queries import count_open_by_kind, count_open_by_topic
from marketplace.listings.topics import TOPICS
from marketplace.schools.models import School

TOPICS_SHOWN = 12


@access(PUBLIC)
def landing() -> ResponseReturnValue:
    """Show what Skillbank is, with live figures and the way to sign in.

    Anyone on the web may read it, so it shows counts and topics only: what a school has posted
    is for schools.
    """
    if find_current_user() is not None:
        return redirect(url_for("pages.dashboard"))
    session = db.session()
    kinds = count_open_by_kind(session)
    schools = session.scalar(
        sa.select(sa.func.count()).select_from(School).where(School.joined_at.is_not(None))
    )
    return render_template(
        "pages/landing.html",
        figures={
            "schools": schools or 0,
            "offers": kinds.get(Kind.OFFER, 0),
            "requests": kinds.get(Kind.REQUEST, 0),
            "hours": minutes_exchanged(session) // 60,
        },
        search_url=url_for("search.find"),
        find_school_url=url_for("claims.find"),
        topics=[
            (TOPICS[slug].name, url_for("search.find", topic=slug), count)
            for slug, count in count_open_by_topic(session, TOPICS_SHOWN)
            if slug in TOPICS
        ],
    )
