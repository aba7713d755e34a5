"""Reading the schools of the register and the network, for the operator."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from functools import cache

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from marketplace import clock
from marketplace.errors import NotFound
from marketplace.network.models import OPEN_STATES, SchoolActivity, Succession
from marketplace.schools.facts import search_name
from marketplace.schools.models import School
from marketplace.web.paging import Page, paginate

PAGE = 30


class Idle(StrEnum):
    """Which schools the page of activity shows."""

    ALL = "all"
    DAYS_30 = "30"
    DAYS_90 = "90"
    DAYS_180 = "180"
    NEVER = "never"


def list_schools(
    session: Session,
    search_text: str,
    *,
    joined_only: bool = False,
    after: str = "",
    limit: int = PAGE,
) -> Page[School]:
    """Return a page of the register's schools by name.

    ``search_text`` is a URN or a part of a name; ``joined_only`` leaves out schools that do not
    take part.
    """
    query = sa.select(School).options(joinedload(School.local_authority))
    if search_text.isdecimal():
        query = query.where(School.urn == int(search_text[:9]))
    elif search_text:
        name = search_name(search_text).replace("\\", "").replace("%", "").replace("_", "")
        query = query.where(School.search_name.like(f"%{name}%"))
    if joined_only:
        query = query.where(School.joined_at.is_not(None))
    return paginate(session, query, School.search_name, School.urn, after=after, limit=limit)


def get_school_here(session: Session, urn: int) -> School:
    """Return the school with everything that the operator's page of it shows.

    Raises:
        NotFound: the register has no such school.
    """
    school = session.scalar(
        sa.select(School)
        .where(School.urn == urn)
        .options(
            joinedload(School.local_authority),
            joinedload(School.trust),
            joinedload(School.successor),
            joinedload(School.continued_by),
        )
    )
    if school is None:
        raise NotFound("The register has no school with this URN.")
    return school


@dataclass(frozen=True, slots=True)
class ActivityRow:
    """A school that takes part, and when its people were last active."""

    school: School
    last_sign_in_at: datetime | None
    last_activity_at: datetime | None
    last_exchange_at: datetime | None


def list_activity(
    session: Session, idle: Idle, *, after: str = "", limit: int = PAGE
) -> Page[ActivityRow]:
    """Return a page of the schools that take part, the longest idle first."""
    query = (
        sa.select(SchoolActivity, School)
        .join(School, School.urn == SchoolActivity.school_urn)
        .where(School.joined_at.is_not(None))
    )
    if idle is Idle.NEVER:
        query = query.where(
            SchoolActivity.last_sign_in_at.is_(None), SchoolActivity.last_activity_at.is_(None)
        )
    elif idle is not Idle.ALL:
        query = query.where(
            SchoolActivity.idle_since < clock.now() - timedelta(days=int(idle.value))
        )
    page = paginate(
        session,
        query,
        SchoolActivity.idle_since,
        SchoolActivity.school_urn,
        after=after,
        limit=limit,
    )
    return page.map(
        lambda row: ActivityRow(
            row[1], row[0].last_sign_in_at, row[0].last_activity_at, row[0].last_exchange_at
        )
    )


def activity_of(session: Session, urn: int) -> SchoolActivity | None:
    """Return when the school's people were last active, if it takes part."""
    return session.get(SchoolActivity, urn)


@dataclass(frozen=True, slots=True)
class WaitingRow:
    """A closed school about which the operators have to decide."""

    school: School
    successions: tuple[Succession, ...]


def list_waiting(session: Session, *, after: str = "", limit: int = PAGE) -> Page[WaitingRow]:
    """Return a page of the schools that wait for a decision, by URN."""
    waiting = sa.select(Succession.from_urn).where(Succession.state.in_(OPEN_STATES))
    page = paginate(
        session,
        sa.select(School)
        .where(School.urn.in_(waiting))
        .options(joinedload(School.local_authority)),
        School.urn,
        after=after,
        limit=limit,
    )
    rows: dict[int, list[Succession]] = {school.urn: [] for school in page.rows}
    if rows:
        for succession in session.scalars(_of(*rows)):
            rows[succession.from_urn].append(succession)
    return page.map(lambda school: WaitingRow(school, tuple(rows[school.urn])))


def first_waiting(session: Session, limit: int) -> list[tuple[int, str, datetime, int]]:
    """Return the schools that have waited longest: URN, name, since when, and how many wait."""
    rows = session.execute(_first_waiting(), {"most": limit})
    return [(urn, name, at, count) for urn, name, at, count in rows]


@cache
def _first_waiting() -> sa.Select[int, str, datetime, int]:
    """Made once, as it is asked on each start page of the network's people."""
    since = sa.func.min(Succession.created_at)
    return (
        sa.select(School.urn, School.name, since, sa.func.count().over())
        .join(Succession, Succession.from_urn == School.urn)
        .where(Succession.state.in_(OPEN_STATES))
        .group_by(School.urn, School.name)
        .order_by(since, School.urn)
        .limit(sa.bindparam("most", type_=sa.Integer))
    )


def waiting_of(session: Session, urn: int) -> WaitingRow:
    """Return the school ``urn`` with what waits for a decision about it.

    Raises:
        NotFound: nothing waits.
    """
    successions = tuple(session.scalars(_of(urn)))
    if not successions:
        raise NotFound("Nothing about this school waits for a decision.")
    return WaitingRow(get_school_here(session, urn), successions)


def get_succession(session: Session, succession_id: int) -> Succession:
    """Return one succession, whatever its state.

    Raises:
        NotFound: there is none of this number.
    """
    succession = session.get(Succession, succession_id)
    if succession is None:
        raise NotFound
    return succession


def count_waiting() -> sa.ScalarSelect[int]:
    """Return the query that counts the schools about which the operators have to decide."""
    return (
        sa.select(sa.func.count(Succession.from_urn.distinct()))
        .where(Succession.state.in_(OPEN_STATES))
        .scalar_subquery()
    )


def _of(*urns: int) -> sa.Select[Succession]:
    return (
        sa.select(Succession)
        .where(Succession.from_urn.in_(urns), Succession.state.in_(OPEN_STATES))
        .options(
            joinedload(Succession.to_school).joinedload(School.local_authority),
            joinedload(Succession.proposed_by),
        )
        .order_by(Succession.id)
    )
