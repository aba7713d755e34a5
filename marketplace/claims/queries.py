"""Reading claims, and whether a school can be claimed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from functools import cache

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from marketplace import clock
from marketplace.accounts.actor import Actor
from marketplace.accounts.models import Person, RoleGrant, TrustGrant
from marketplace.accounts.roles import Permission, Role
from marketplace.claims.models import Claim, ClaimState
from marketplace.errors import NotFound
from marketplace.schools.facts import Status
from marketplace.schools.models import School, Trust
from marketplace.schools.queries import get_school
from marketplace.web.paging import Page, paginate

PAGE = 30
COLLEAGUES_SHOWN = 5
SUCCESSORS_FOLLOWED = 10

DECIDED = (ClaimState.ACCEPTED, ClaimState.REFUSED, ClaimState.OVERTAKEN)


def administrators_of(session: Session, school: School) -> Sequence[Person]:
    """Return the school's administrators, and its trust's, whose accounts are not switched off.

    A trust's administrator sees to the schools of the trust that take part.
    """
    grants = sa.select(RoleGrant.person_id).where(
        RoleGrant.school_urn == school.urn, RoleGrant.role == Role.ADMINISTRATOR
    )
    is_administrator: sa.ColumnElement[bool] = Person.id.in_(grants)
    if school.trust_id is not None and school.joined_at is not None:
        of_trust = sa.select(TrustGrant.person_id).where(
            TrustGrant.trust_id == school.trust_id,
            TrustGrant.role == Role.TRUST_ADMINISTRATOR,
        )
        is_administrator = sa.or_(is_administrator, Person.id.in_(of_trust))
    return session.scalars(
        sa.select(Person).where(is_administrator, Person.active).order_by(Person.id)
    ).all()


def has_administrator(session: Session, school: School) -> bool:
    """Say whether the school has an administrator: then nobody can claim it."""
    return bool(administrators_of(session, school))


def has_people(session: Session, school: School) -> bool:
    """Say whether somebody holds a role at the school."""
    return bool(session.scalar(sa.select(sa.exists().where(RoleGrant.school_urn == school.urn))))


def final_successor(session: Session, school: School) -> School | None:
    """Return the school at the end of the line of successors, or None if there is none."""
    last = None
    while school.successor_urn is not None:
        school = get_school(session, school.successor_urn)
        last = school
        if school.status != Status.CLOSED:
            break
    return last


def list_claims(
    session: Session, actor: Actor, *, decided: bool, after: str = "", limit: int = PAGE
) -> Page[Claim]:
    """Return a page of claims: those that the operator has to decide, the oldest first, or the
    decided ones, the newest first.

    Raises:
        NotAllowed: if the actor does not run the network.
    """
    actor.require(Permission.MANAGE_NETWORK)
    query = sa.select(Claim).options(
        joinedload(Claim.school).joinedload(School.local_authority), joinedload(Claim.decided_by)
    )
    if decided:
        query = query.where(Claim.state.in_(DECIDED))
        return paginate(session, query, Claim.id.desc(), after=after, limit=limit)
    query = query.where(Claim.state == ClaimState.WAITING)
    return paginate(session, query, Claim.id, after=after, limit=limit)


def list_waiting(session: Session, limit: int) -> list[tuple[Claim, int]]:
    """Return the claims that have waited for longest, at most ``limit``, with how many wait."""
    return [(claim, count) for claim, count in session.execute(_waiting(), {"most": limit})]


@cache
def _waiting() -> sa.Select[Claim, int]:
    """Made once, as it is asked on each start page of an operator."""
    return (
        sa.select(Claim, sa.func.count().over())
        .where(Claim.state == ClaimState.WAITING)
        .options(joinedload(Claim.school))
        .order_by(Claim.id)
        .limit(sa.bindparam("most", type_=sa.Integer))
    )


def get_claim(session: Session, actor: Actor, claim_id: int) -> Claim:
    """Return a claim for the operator, with its school.

    Raises:
        NotAllowed: if the actor does not run the network.
        NotFound: if there is no such claim.
    """
    actor.require(Permission.MANAGE_NETWORK)
    claim = session.scalar(
        sa.select(Claim)
        .where(Claim.id == claim_id)
        .options(
            joinedload(Claim.school).joinedload(School.local_authority),
            joinedload(Claim.school).joinedload(School.trust),
            joinedload(Claim.decided_by),
        )
    )
    if claim is None:
        raise NotFound("There is no claim with this number.")
    return claim


def other_claims(session: Session, claim: Claim) -> Sequence[Claim]:
    """Return the newest other claims for the school, and by the address for any school."""
    return session.scalars(
        sa.select(Claim)
        .where(
            sa.or_(Claim.school_urn == claim.school_urn, Claim.email == claim.email),
            Claim.id != claim.id,
            Claim.state != ClaimState.REPLACED,
        )
        .options(joinedload(Claim.school))
        .order_by(Claim.id.desc())
        .limit(10)
    ).all()


def colleagues_in_trust(session: Session, school: School) -> Sequence[tuple[str, str, str]]:
    """Return who at the trust may know a claimant: whom they see to, their name and address.

    They are the trust's administrators, and those of its other schools.
    """
    if school.trust_id is None:
        return ()
    of_trust = (
        sa.select(Trust.name, Person.name, Person.email, sa.literal(0).label("order"))
        .join(TrustGrant, TrustGrant.trust_id == Trust.id)
        .join(Person, Person.id == TrustGrant.person_id)
        .where(
            Trust.id == school.trust_id,
            TrustGrant.role == Role.TRUST_ADMINISTRATOR,
            Person.active,
        )
    )
    of_schools = (
        sa.select(School.name, Person.name, Person.email, sa.literal(1).label("order"))
        .join(RoleGrant, RoleGrant.school_urn == School.urn)
        .join(Person, Person.id == RoleGrant.person_id)
        .where(
            School.trust_id == school.trust_id,
            School.urn != school.urn,
            School.joined_at.is_not(None),
            RoleGrant.role == Role.ADMINISTRATOR,
            Person.active,
        )
    )
    people = sa.union_all(of_trust, of_schools).subquery()
    rows = session.execute(
        sa.select(people.c[0], people.c[1], people.c[2])
        .order_by(people.c.order, people.c[0], people.c[1])
        .limit(COLLEAGUES_SHOWN)
    )
    return [(place, name, email) for place, name, email in rows]


def is_waiting(session: Session, urn: int) -> bool:
    """Say whether a claim for the school waits for the operator."""
    query = sa.exists().where(Claim.school_urn == urn, Claim.state == ClaimState.WAITING)
    return bool(session.scalar(sa.select(query)))


def count_of_a_day(session: Session, condition: sa.ColumnElement[bool]) -> int:
    """Return how many claims and requests of the last 24 hours fit ``condition``."""
    since = clock.now() - timedelta(days=1)
    query = sa.select(sa.func.count()).select_from(Claim)
    return session.scalar(query.where(condition, Claim.created_at > since)) or 0


def count_waiting(_actor: object) -> sa.ScalarSelect[int]:
    """Count the claims that wait for the operator."""
    return (
        sa.select(sa.func.count())
        .select_from(Claim)
        .where(Claim.state == ClaimState.WAITING)
        .scalar_subquery()
    )
