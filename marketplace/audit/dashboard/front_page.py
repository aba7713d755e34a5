"""The figures of the public front page: kept with the others, counted where none are kept yet."""

from __future__ import annotations

from dataclasses import asdict, dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from marketplace.audit.dashboard.queries import kept_figures
from marketplace.exchanges.queries import minutes_exchanged
from marketplace.listings.models import Kind
from marketplace.listings.queries import count_open_by_kind, count_open_by_topic
from marketplace.schools.models import School

TOPICS_SHOWN = 12


@dataclass(frozen=True, slots=True)
class FrontPageFigures:
    """How many schools take part, what they offer and ask for, and the hours exchanged.

    ``topics`` are the slugs with the most listings, each with how many it has.
    """

    schools: int
    offers: int
    requests: int
    hours: int
    topics: list[list[str | int]]

    def to_json(self) -> dict[str, object]:
        """Return the figures as they are kept."""
        return asdict(self)


def front_page_figures(session: Session) -> FrontPageFigures:
    """Return the figures: those of the worker’s last count, or of now before its first."""
    figures = kept_figures(session)
    if figures is None or not figures.front_page:
        return count_front_page(session)
    return FrontPageFigures(**figures.front_page)


def count_front_page(session: Session) -> FrontPageFigures:
    """Count the figures: of a large network too long for a page that anybody opens."""
    kinds = count_open_by_kind(session)
    schools = sa.select(sa.func.count()).where(School.joined_at.is_not(None))
    return FrontPageFigures(
        schools=session.scalar(schools) or 0,
        offers=kinds.get(Kind.OFFER, 0),
        requests=kinds.get(Kind.REQUEST, 0),
        hours=minutes_exchanged(session) // 60,
        topics=[list(topic) for topic in count_open_by_topic(session, TOPICS_SHOWN)],
    )
