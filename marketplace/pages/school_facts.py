"""The facts of a school in words, as several pages show them."""

from __future__ import annotations

from sqlalchemy.orm import Session

from marketplace.accounts.actor import Actor
from marketplace.exchanges.reviews.presenters import ReviewRow, rows_about
from marketplace.exchanges.reviews.queries import reviews_about
from marketplace.profiles.track_record.models import TrackRecord
from marketplace.schools.facts import Phase, SizeBand
from marketplace.schools.models import School
from marketplace.schools.positions import metres_between, position_of
from marketplace.web.formats import miles


def phase_label(school: School) -> str | None:
    """Return the school's phase in words, if it is known."""
    return Phase(school.phase).label if school.phase else None


def size_label(school: School) -> str | None:
    """Return the school's size in words, if it is known."""
    return SizeBand(school.size_band).label if school.size_band else None


def distance_to(school: School, actor: Actor) -> str | None:
    """Return how far the school is from the actor's, if both positions are known."""
    metres = metres_between(actor.position, position_of(school))
    return miles(metres) if metres is not None and school.urn != actor.urn else None


def what_schools_say(
    session: Session, record: TrackRecord | None, school: School, most: int
) -> list[ReviewRow]:
    """Return the latest reviews about a school; its track record says whether there are any."""
    if record is None or not record.opinions:
        return []
    return rows_about(reviews_about(session, school.urn, limit=most).rows, school.name)
