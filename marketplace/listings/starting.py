"""What a new listing can begin with: a template, or a copy of one of the school's own."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from marketplace.accounts.actor import Actor
from marketplace.calendar.half_terms import school_year
from marketplace.clock import LONDON, today
from marketplace.errors import NotFound
from marketplace.listings.details import details_of
from marketplace.listings.forms import values_of
from marketplace.listings.models import Listing
from marketplace.listings.queries import get_own_listing
from marketplace.listings.templates import templates

MOST_SHOWN = 30


def template_values(slug: str) -> dict[str, Any]:
    """Return the form's data of a template.

    Raises:
        NotFound: if there is no such template.
    """
    if slug not in templates():
        raise NotFound("There is no such template.")
    return dict(templates()[slug].values)


def copied_values(session: Session, actor: Actor, listing_id: int) -> dict[str, Any]:
    """Return the form's data of a copy of one of the school's own listings.

    What is of its time is left out: the last day, by when it is needed, and the half-terms.

    Raises:
        NotFound: if it is not this school's.
    """
    listing = get_own_listing(session, listing_id, actor)
    details = details_of(session, listing_id).details
    values = values_of(listing, details) | {
        "expires_on": None,
        "needed_by": None,
        "half_terms": [],
        "public": False,
    }
    del values["version"]
    return values


@dataclass(frozen=True, slots=True)
class Copyable:
    """A listing of the school that can be copied."""

    id: int
    kind: str
    title: str
    created_at: datetime


def copyable(session: Session, actor: Actor) -> tuple[list[Copyable], list[Copyable]]:
    """Return the school's latest listings of this school year, and those of earlier ones."""
    begin = datetime.combine(date(school_year(today()), 9, 1), datetime.min.time(), LONDON)
    return (
        _latest(session, actor, Listing.created_at >= begin),
        _latest(session, actor, Listing.created_at < begin),
    )


def _latest(session: Session, actor: Actor, condition: sa.ColumnElement[bool]) -> list[Copyable]:
    rows = session.execute(
        sa.select(Listing.id, Listing.kind, Listing.title, Listing.created_at)
        .where(Listing.school_urn == actor.school(), condition)
        .order_by(Listing.id.desc())
        .limit(MOST_SHOWN)
    )
    return [Copyable(*row) for row in rows]
