"""The public doors: the front page with its live figures, and the health check."""

from __future__ import annotations

import sqlalchemy as sa
from flask import jsonify, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from ledger import Book
from marketplace.database import db
from marketplace.discovery.search import latest
from marketplace.discovery.views import card_of
from marketplace.exchanges.queries import hours_exchanged
from marketplace.listings.models import Audience, Kind, Listing, ListingStatus
from marketplace.listings.topics import TOPICS
from marketplace.people.access import PUBLIC, access, viewer
from marketplace.schools.models import School

TOPICS_SHOWN = (
    "phonics", "send", "middle-leadership", "curriculum", "behaviour", "assessment",
    "computing", "governance", "timetabling", "mfl",
)  # fmt: skip


@access(PUBLIC)
def front() -> ResponseReturnValue:
    """What this is, in one breath, with live figures and a way in."""
    if viewer() is not None:
        return redirect(url_for("home"))
    session = db.session()
    kinds = dict(
        session.execute(
            sa.select(Listing.kind, sa.func.count())
            .where(Listing.status == ListingStatus.OPEN)
            .group_by(Listing.kind)
        ).all()
    )
    schools = session.scalar(
        sa.select(sa.func.count()).select_from(School).where(School.joined_at.is_not(None))
    )
    search_url = url_for("discovery.find")
    return render_template(
        "front.html",
        figures={
            "schools": schools or 0,
            "offers": kinds.get(Kind.OFFER, 0),
            "requests": kinds.get(Kind.REQUEST, 0),
            "hours": hours_exchanged(session) // 60,
        },
        latest=[card_of(one) for one in latest(session, 6, Listing.audience == Audience.NATIONAL)],
        search_url=search_url,
        topics=[
            (TOPICS[slug].name, url_for("discovery.find", topic=slug))
            for slug in TOPICS_SHOWN
            if slug in TOPICS
        ],
    )


@access(PUBLIC)
def healthz() -> ResponseReturnValue:
    """Say whether the service and its database answer, and how far the book has come (JSON)."""
    try:
        head = Book(db.session()).head()
    except sa.exc.DBAPIError:
        db.session.rollback()
        return jsonify(status="unavailable", database="unreachable"), 503
    return jsonify(
        status="ok",
        database=db.engine.dialect.name,
        ledger={"last": head.last, "entries": head.entries},
    )
