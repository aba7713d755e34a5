"""Who is signed in: the person, the memberships they hold, and the one they act in."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from functools import cache
from typing import Any

import sqlalchemy as sa
from flask_login import UserMixin
from sqlalchemy.orm import Session

from marketplace import clock
from marketplace.accounts import sessions
from marketplace.accounts.actor import Actor
from marketplace.accounts.models import Person, RoleGrant, SignIn, TrustGrant
from marketplace.accounts.roles import Permission, Role
from marketplace.accounts.support_access import supporting_actor
from marketplace.mail.models import FailingAddress
from marketplace.schools import traits
from marketplace.schools.models import School
from marketplace.setting_groups import SignInSettings
from marketplace.web.tokens import hash_token


class CurrentUser(UserMixin):
    """The signed-in person and their session, in plain values that outlive the database session.

    ``row`` is one of `_held_in_session`.
    ``memberships`` has an actor for each school (and the network) where the person holds a role;
    ``actor`` is the one they act as now.
    """

    def __init__(
        self,
        row: Any,
        token: str,
        memberships: Iterable[Actor],
        membership_key: str | None,
        second_factor_roles: Iterable[str],
    ) -> None:
        self.person_id: int = row.person_id
        self.name: str = row.person_name
        self.email: str = row.email
        self.address_fails: bool = row.address_fails
        self.token = token
        self.sign_in_id: int = row.sign_in_id
        self.method: str = row.method
        self.last_used_at: datetime = row.last_used_at
        self.second_factor_at: datetime | None = row.second_factor_at
        self.confirmed_at: datetime = row.confirmed_at
        self.memberships = tuple(memberships)
        self.actor = next(
            (actor for actor in self.memberships if actor.key == membership_key),
            self.memberships[0]
            if self.memberships
            else Actor(self.person_id, self.name, frozenset()),
        )
        self.needs_second_factor = not self.all_roles.isdisjoint(second_factor_roles)
        self.lacks_second_factor = self.needs_second_factor and self.second_factor_at is None

    def get_id(self) -> str:
        """Return what the browser keeps: the token of its session."""
        return self.token

    @property
    def confirmed_recently(self) -> bool:
        """Whether the person has just proved who they are, so that they need not do it again."""
        return clock.now() - self.confirmed_at <= sessions.CONFIRMED_FOR

    @property
    def all_roles(self) -> frozenset[Role]:
        """The roles that the person holds anywhere."""
        return frozenset(role for actor in self.memberships for role in actor.roles)

    def may(self, permission: Permission) -> bool:
        """Say whether the person may do this where they act now."""
        return self.actor.may(permission)


def load_current_user(
    session: Session, token: str, membership_key: str | None, settings: SignInSettings
) -> CurrentUser | None:
    """Return the person whose session has ``token``, in one query; ``None`` if it is over.

    ``membership_key`` is the key of the membership to act in, if the person holds it.
    """
    rows = session.execute(_held_in_session(), {"token_hash": hash_token(token)}).all()
    if not rows or not rows[0].active:
        return None
    roles: dict[int | None, set[Role]] = {}
    schools: dict[int | None, Any] = {}
    for row in rows:
        if row.role is not None:
            roles.setdefault(row.school_urn, set()).add(Role(row.role))
            schools[row.school_urn] = row if row.school_urn is not None else None
    person = rows[0]
    limits = sessions.limits_for(settings, {role for held in roles.values() for role in held})
    if sessions.is_over(person, limits, clock.now()):
        return None
    memberships = [
        _acting(person.person_id, person.person_name, frozenset(school_roles), schools[urn])
        for urn, school_roles in roles.items()
        # A closed school cannot act; its people's other memberships stay.
        if urn is None or schools[urn].status != "closed"
    ]
    memberships += _support(session, memberships, membership_key)
    return CurrentUser(person, token, memberships, membership_key, settings.second_factor_roles)


@cache
def _held_in_session() -> sa.Select[*tuple[Any, ...]]:
    """The person whose session has ``token_hash``, with each role and the school where it is held.

    Made once, of columns: it is asked on every page, of somebody who may act for many schools.
    """
    is_it = SignIn.token_hash == sa.bindparam("token_hash")
    person_id = sa.select(SignIn.person_id).where(is_it).scalar_subquery()
    held = _held_roles(person_id)
    return (
        sa.select(
            Person.id.label("person_id"),
            Person.name.label("person_name"),
            Person.email,
            Person.active,
            SignIn.id.label("sign_in_id"),
            SignIn.method,
            SignIn.created_at,
            SignIn.last_used_at,
            SignIn.ended_at,
            SignIn.second_factor_at,
            SignIn.confirmed_at,
            held.c.role,
            held.c.school_urn,
            School.urn,
            School.name,
            School.status,
            School.trust_id,
            School.local_authority_code,
            School.region,
            School.easting,
            School.northing,
            *traits.COLUMNS,
            School.joined_at,
            School.paused_at,
            School.pause_reason,
            sa.exists().where(FailingAddress.address == Person.email).label("address_fails"),
        )
        .join(SignIn, SignIn.person_id == Person.id)
        .outerjoin(held, held.c.person_id == Person.id)
        .outerjoin(School, School.urn == held.c.school_urn)
        # The person is named here, too: PostgreSQL would go through all people beside few sessions.
        .where(is_it, Person.id == person_id)
        .order_by(School.urn.is_(None), School.name, School.urn)
    )


def _held_roles(person_id: sa.ScalarSelect[int]) -> sa.Subquery:
    """The roles of a person, each with its school; those for a trust at each of its schools.

    The person is named in both parts: joined from outside, all of both tables would be read.
    """
    at_schools = sa.select(RoleGrant.person_id, RoleGrant.role, RoleGrant.school_urn).where(
        RoleGrant.person_id == person_id
    )
    at_trusts = (
        sa.select(
            TrustGrant.person_id,
            TrustGrant.role,
            School.urn,
        )
        .join(School, School.trust_id == TrustGrant.trust_id)
        .where(TrustGrant.person_id == person_id, School.joined_at.is_not(None))
    )
    return sa.union_all(at_schools, at_trusts).subquery("held")


def _support(
    session: Session, memberships: Iterable[Actor], membership_key: str | None
) -> list[Actor]:
    """The operator reading a school's pages, if the session says so; only then it is looked up."""
    for actor in memberships:
        if actor.urn is None and actor.may(Permission.MANAGE_NETWORK):
            support = supporting_actor(session, actor, membership_key)
            return [] if support is None else [support]
    return []


def actor_of(person: Person, roles: frozenset[Role], school: School | None) -> Actor:
    """Return ``person`` acting with ``roles`` for ``school``, or for the network."""
    return _acting(person.id, person.name, roles, school)


def _acting(person_id: int, person_name: str, roles: frozenset[Role], school: Any) -> Actor:
    """Somebody acting for ``school``, which is one or has its columns; for the network if None."""
    if school is None:
        return Actor(person_id, person_name, roles)
    return Actor(
        person_id=person_id,
        person_name=person_name,
        roles=roles,
        urn=school.urn,
        school_name=school.name,
        trust_id=school.trust_id,
        local_authority_code=school.local_authority_code,
        region=school.region,
        easting=school.easting,
        northing=school.northing,
        traits=traits.traits_of(school),
        joined_at=school.joined_at,
        pause_reason=(school.pause_reason or "") if school.paused_at else None,
    )
