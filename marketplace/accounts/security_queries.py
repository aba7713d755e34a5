"""Reading the security log: one's own, a school's, the whole network's."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from marketplace.accounts.actor import Actor
from marketplace.accounts.models import Person, RoleGrant, SecurityEvent
from marketplace.accounts.roles import Permission
from marketplace.errors import NotFound
from marketplace.schools.models import School
from marketplace.web.paging import Page, paginate

PAGE = 50

Subject, Doer = aliased(Person), aliased(Person)

SecurityEntry = tuple[SecurityEvent, str | None, str | None, str | None]
"""An event with the names of whose account it concerns, of who did it, and of the school."""


def school_with_log(session: Session, actor: Actor, urn: int) -> School:
    """Return the school whose security log ``actor`` may read: their own, or any for an operator.

    Raises:
        NotAllowed: if the roles do not allow it.
        NotFound: if it is another school, or one that does not take part.
    """
    actor.require(Permission.MANAGE_MEMBERS)
    school = session.get(School, urn)
    if school is None or school.joined_at is None or actor.urn not in (None, urn):
        raise NotFound
    return school


def own_events(
    session: Session, person_id: int, *, after: str = "", limit: int = PAGE
) -> Page[SecurityEntry]:
    """Return what concerns the person's account, the latest first."""
    return _page(session, SecurityEvent.person_id == person_id, after=after, limit=limit)


def school_events(
    session: Session, urn: int, *, after: str = "", limit: int = PAGE
) -> Page[SecurityEntry]:
    """Return what happened at the school, and to the accounts of those who hold roles there.

    What happened to them at another school is not among it.
    """
    people = sa.select(RoleGrant.person_id).where(RoleGrant.school_urn == urn)
    condition = sa.or_(
        SecurityEvent.school_urn == urn,
        SecurityEvent.school_urn.is_(None) & SecurityEvent.person_id.in_(people),
    )
    return _page(session, condition, after=after, limit=limit)


def network_events(
    session: Session,
    actor: Actor,
    *,
    kind: str = "",
    person_id: int | None = None,
    school_urn: int | None = None,
    after: str = "",
    limit: int = PAGE,
) -> Page[SecurityEntry]:
    """Return what happened anywhere, the latest first.

    Raises:
        NotAllowed: if the roles do not allow it.
    """
    actor.require(Permission.MANAGE_NETWORK)
    conditions = []
    if kind:
        conditions.append(SecurityEvent.kind == kind)
    if person_id is not None:
        conditions.append(SecurityEvent.person_id == person_id)
    if school_urn is not None:
        conditions.append(SecurityEvent.school_urn == school_urn)
    return _page(session, sa.and_(sa.true(), *conditions), after=after, limit=limit)


def _page(
    session: Session, condition: sa.ColumnElement[bool], *, after: str, limit: int
) -> Page[Any]:
    query = (
        sa.select(SecurityEvent, Subject.name, Doer.name, School.name)
        .outerjoin(Subject, Subject.id == SecurityEvent.person_id)
        .outerjoin(Doer, Doer.id == SecurityEvent.actor_id)
        .outerjoin(School, School.urn == SecurityEvent.school_urn)
        .where(condition)
    )
    return paginate(session, query, SecurityEvent.id.desc(), after=after, limit=limit)
