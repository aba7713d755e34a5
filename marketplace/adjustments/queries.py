"""Reading adjustments: all of them for the network's staff, a school's own for the school."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from marketplace.accounts.actor import Actor
from marketplace.accounts.holders import schools_of_roles
from marketplace.accounts.models import Person
from marketplace.accounts.roles import Permission
from marketplace.adjustments.kinds import KINDS
from marketplace.adjustments.models import Adjustment, AdjustmentEvent, AdjustmentState
from marketplace.errors import NotFound
from marketplace.network.two_people import operators_query
from marketplace.schools.models import School
from marketplace.web.navigation import ActorLike
from marketplace.web.paging import Page, paginate

PAGE = 30


@dataclass(frozen=True, slots=True)
class Filters:
    """Which adjustments are asked for; what is empty narrows nothing."""

    kind: str = ""
    school: str = ""
    """A URN, or a part of a name."""
    person_id: int | None = None
    """Who proposed or decided."""


def list_adjustments(
    session: Session, filters: Filters, *, after: str = "", limit: int = PAGE
) -> Page[Adjustment]:
    """Return a page of all adjustments: those that are open first, then the latest."""
    query = sa.select(Adjustment).options(*_with_people())
    if filters.kind in KINDS:
        query = query.where(Adjustment.kind == filters.kind)
    if filters.school.isascii() and filters.school.isdecimal() and len(filters.school) <= 9:
        urn = int(filters.school)
        query = query.where(sa.or_(Adjustment.school_urn == urn, Adjustment.other_urn == urn))
    elif filters.school:
        named = sa.select(School.urn).where(
            sa.func.lower(School.name).contains(filters.school.lower(), autoescape=True)
        )
        query = query.where(Adjustment.school_urn.in_(named))
    if filters.person_id is not None:
        query = query.where(
            sa.or_(
                Adjustment.proposed_by_id == filters.person_id,
                Adjustment.decided_by_id == filters.person_id,
            )
        )
    is_decided = sa.case((Adjustment.state == AdjustmentState.PROPOSED, 0), else_=1)
    return paginate(session, query, is_decided, Adjustment.id.desc(), after=after, limit=limit)


def list_of_school(
    session: Session, actor: Actor, *, after: str = "", limit: int = PAGE
) -> Page[Adjustment]:
    """Return a page of what was done to the school acted for, the latest first."""
    return paginate(
        session,
        sa.select(Adjustment).where(_done_to(actor.school())).options(*_with_people()),
        Adjustment.id.desc(),
        after=after,
        limit=limit,
    )


def get_adjustment(session: Session, adjustment_id: int, actor: Actor) -> Adjustment:
    """Return an adjustment: any for the network's staff, for a school what was done to it.

    Raises:
        NotFound: there is none that the actor may see.
    """
    query = sa.select(Adjustment).where(Adjustment.id == adjustment_id).options(*_with_people())
    if actor.urn is not None:
        query = query.where(_done_to(actor.urn))
    adjustment = session.scalar(query)
    if adjustment is None:
        raise NotFound
    return adjustment


def trail_of(session: Session, adjustment_id: int) -> list[AdjustmentEvent]:
    """Return what was done about an adjustment, the first step first."""
    return list(
        session.scalars(
            sa.select(AdjustmentEvent)
            .where(AdjustmentEvent.adjustment_id == adjustment_id)
            .options(joinedload(AdjustmentEvent.person))
            .order_by(AdjustmentEvent.id)
        )
    )


def people_of_adjustments(session: Session) -> list[tuple[int, str]]:
    """Return who has proposed or decided adjustments, with their names, by name."""
    rows = session.execute(
        sa.select(Person.id, Person.name)
        .where(
            sa.or_(
                Person.id.in_(sa.select(Adjustment.proposed_by_id)),
                Person.id.in_(sa.select(Adjustment.decided_by_id)),
            )
        )
        .order_by(sa.func.lower(Person.name), Person.id)
    )
    return [(person_id, name) for person_id, name in rows]


def open_of_school(session: Session, urn: int) -> list[Adjustment]:
    """Return the open adjustments that concern the school ``urn``."""
    return list(
        session.scalars(
            sa.select(Adjustment)
            .where(
                sa.or_(Adjustment.school_urn == urn, Adjustment.other_urn == urn),
                Adjustment.state == AdjustmentState.PROPOSED,
            )
            .options(*_with_people())
            .order_by(Adjustment.id)
        )
    )


def first_to_decide(
    session: Session, actor: ActorLike, limit: int
) -> list[tuple[Adjustment, str, int]]:
    """Return what ``actor`` may decide, the longest waiting first, with the school's name.

    The last of each is how many there are in all.
    """
    query = _first_to_decide(actor.may(Permission.MANAGE_NETWORK))
    rows = session.execute(query, {"person_id": actor.person_id, "most": limit})
    return [(adjustment, name, count) for adjustment, name, count in rows]


@cache
def _first_to_decide(is_operator: bool) -> sa.Select[Adjustment, str, int]:
    """Made once, as it is asked on each start page of the network's people."""
    person_id = sa.bindparam("person_id", type_=sa.Integer)
    return (
        sa.select(Adjustment, School.name, sa.func.count().over())
        .join(School, School.urn == Adjustment.school_urn)
        .where(*_waits_for(person_id, is_operator))
        .order_by(Adjustment.proposed_at, Adjustment.id)
        .limit(sa.bindparam("most", type_=sa.Integer))
    )


def count_to_decide(actor: ActorLike) -> sa.ScalarSelect[int]:
    """Return the query that counts what ``actor`` may decide."""
    return (
        sa.select(sa.func.count())
        .select_from(Adjustment)
        .where(*_waits_for(actor.person_id, actor.may(Permission.MANAGE_NETWORK)))
    ).scalar_subquery()


def visible_ids(session: Session, ids: Iterable[int], actor: Actor) -> set[int]:
    """Return which of ``ids`` the actor may open."""
    if actor.urn is None:
        return set(ids) if actor.may(Permission.AUDIT_LEDGER) else set()
    if not actor.may(Permission.VIEW_ADJUSTMENTS):
        return set()
    return set(
        session.scalars(
            sa.select(Adjustment.id).where(Adjustment.id.in_(list(ids)), _done_to(actor.urn))
        )
    )


def _waits_for(
    person_id: int | sa.BindParameter[int], is_operator: bool
) -> list[sa.ColumnElement[bool]]:
    """What another has proposed; where there are several operators, it is for them alone.

    Nobody decides about a school where they hold a role.
    """
    own_schools = schools_of_roles(person_id)
    conditions = [
        Adjustment.state == AdjustmentState.PROPOSED,
        Adjustment.proposed_by_id != person_id,
        Adjustment.school_urn.not_in(own_schools),
        sa.or_(Adjustment.other_urn.is_(None), Adjustment.other_urn.not_in(own_schools)),
    ]
    if not is_operator:
        conditions.append(operators_query() <= 1)
    return conditions


def _done_to(urn: int) -> sa.ColumnElement[bool]:
    """What was done to the school: approved, or at once, whatever became of it."""
    return sa.and_(
        sa.or_(Adjustment.school_urn == urn, Adjustment.other_urn == urn),
        sa.or_(Adjustment.state == AdjustmentState.DONE, Adjustment.confirm_by.is_not(None)),
    )


def _with_people() -> list[sa.sql.base.ExecutableOption]:
    return [
        joinedload(Adjustment.school),
        joinedload(Adjustment.other),
        joinedload(Adjustment.proposed_by),
        joinedload(Adjustment.decided_by),
    ]
