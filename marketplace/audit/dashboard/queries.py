"""What the dashboards and the page of unusual entries read: a fixed number of statements."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from ledger import schema
from marketplace import clock
from marketplace.audit.dashboard.models import NetworkFigures, NetworkMonth, UnusualEntry
from marketplace.audit.dashboard.unusual import UnusualRule
from marketplace.exchanges.models import Exchange, State
from marketplace.web.paging import Page, paginate

PAGE = 30
MONTHS_SHOWN = 12
HOLDS_ENDING = timedelta(days=14)


@dataclass(frozen=True, slots=True)
class OpenCounts:
    """What is open now: disputes, deliveries that wait, holds near their end."""

    disputes: int
    unconfirmed: int
    holds_ending: int


def open_counts(session: Session) -> OpenCounts:
    """Return what is open now: one statement."""
    now = clock.now()
    row = session.execute(_open_counts(), {"now": now, "soon": now + HOLDS_ENDING}).one()
    return OpenCounts(*row)


@cache
def _open_counts() -> sa.Select[*tuple[Any, ...]]:
    """Made once: making it takes longer than its answer."""
    held = schema.held
    in_state = sa.select(sa.func.count()).select_from(Exchange)
    return sa.select(
        in_state.where(Exchange.state == State.DISPUTED).scalar_subquery(),
        in_state.where(Exchange.state == State.DELIVERED).scalar_subquery(),
        sa.select(sa.func.count())
        .where(
            held.c.side == "out",
            held.c.expires_at > sa.bindparam("now", type_=schema.Instant),
            held.c.expires_at <= sa.bindparam("soon", type_=schema.Instant),
        )
        .scalar_subquery(),
    )


def latest_months(session: Session) -> list[NetworkMonth]:
    """Return the latest months in which anything was exchanged, the earliest first."""
    return list(reversed(session.scalars(_latest_months()).all()))


@cache
def _latest_months() -> sa.Select[NetworkMonth]:
    return sa.select(NetworkMonth).order_by(NetworkMonth.month.desc()).limit(MONTHS_SHOWN)


def kept_figures(session: Session) -> NetworkFigures | None:
    """Return the counts that are kept; None before the worker has counted."""
    return session.get(NetworkFigures, 1)


def unusual_by_rule(figures: NetworkFigures | None) -> list[tuple[UnusualRule, int]]:
    """Return how many entries each rule marks, in the order of the rules."""
    counts = figures.unusual if figures is not None else {}
    return [(rule, counts.get(rule.value, 0)) for rule in UnusualRule]


def list_unusual(
    session: Session, rule: UnusualRule | None = None, *, after: str = "", limit: int = PAGE
) -> Page[UnusualEntry]:
    """Return a page of the unusual entries, the newest first: all, or those of one rule."""
    query = sa.select(UnusualEntry)
    if rule is not None:
        query = query.where(UnusualEntry.rule == rule.value)
    newest_first = UnusualEntry.number.desc(), UnusualEntry.rule.desc()
    return paginate(session, query, *newest_first, after=after, limit=limit)
