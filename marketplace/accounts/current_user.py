"""Who is signed in: the person, the memberships they hold, and the one they act in."""

from __future__ import annotations

from collections.abc import Iterable

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
from marketplace.schools.models import School
from marketplace.setting_groups import SignInSettings
from marketplace.web.tokens import hash_token


class CurrentUser(UserMixin):
    """The signed-in person and their session, in plain values that outlive the database session.

    ``memberships`` has an actor for each school (and the network) where the person holds a role;
    ``actor`` is the one they act as now.
    """

    def __init__(
        self,
        person: Person,
        sign_in: SignIn,
        token: str,
        memberships: Iterable[Actor],
        membership_key: str | None,
        second_factor_roles: Iterable[str] = (),
        *,
        address_fails: bool = False,
    ) -> None:
        self.person_id = person.id
        self.name = person.name
        self.email = person.email
        self.address_fails = address_fails
        self.token = token
        self.sign_in_id = sign_in.id
        self.method = sign_in.method
        self.last_used_at = sign_in.last_used_at
        self.second_factor_at = sign_in.second_factor_at
        self.confirmed_at = sign_in.confirmed_at
        self.memberships = tuple(memberships)
        self.actor = next(
            (actor for actor in self.memberships if actor.key == membership_key),
            self.memberships[0] if self.memberships else Actor(person.id, person.name, frozenset()),
        )
        self.needs_second_factor = not self.all_roles.isdisjoint(second_factor_roles)
        self.lacks_second_factor = self.needs_second_factor and sign_in.second_factor_at is None

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
    token_hash = hash_token(token)
    held = _held_roles(
        sa.select(SignIn.person_id).where(SignIn.token_hash == token_hash).scalar_subquery()
    )
    rows = session.execute(
        sa.select(
            Person,
            SignIn,
            held.c.role,
            held.c.school_urn,
            School,
            sa.exists().where(FailingAddress.address == Person.email),
        )
        .join(SignIn, SignIn.person_id == Person.id)
        .outerjoin(held, held.c.person_id == Person.id)
        .outerjoin(School, School.urn == held.c.school_urn)
        .where(SignIn.token_hash == token_hash)
        .order_by(School.urn.is_(None), School.name, School.urn)
    ).all()
    if not rows or not rows[0][0].active:
        return None
    person, sign_in, *_, address_fails = rows[0]
    roles: dict[int | None, set[Role]] = {}
    schools: dict[int | None, School] = {}
    for _, _, role, urn, school, _ in rows:
        if role is not None:
            roles.setdefault(urn, set()).add(Role(role))
            schools[urn] = school
    limits = sessions.limits_for(settings, {role for held in roles.values() for role in held})
    if sessions.is_over(sign_in, limits, clock.now()):
        return None
    memberships = [
        actor_of(person, frozenset(school_roles), schools[urn])
        for urn, school_roles in roles.items()
        # A closed school cannot act; its people's other memberships stay.
        if urn is None or schools[urn].status != "closed"
    ]
    memberships += _support(session, memberships, membership_key)
    return CurrentUser(
        person,
        sign_in,
        token,
        memberships,
        membership_key,
        settings.second_factor_roles,
        address_fails=address_fails,
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
    if school is None:
        return Actor(person.id, person.name, roles)
    return Actor(
        person_id=person.id,
        person_name=person.name,
        roles=roles,
        urn=school.urn,
        school_name=school.name,
        trust_id=school.trust_id,
        local_authority_code=school.local_authority_code,
        region=school.region,
        easting=school.easting,
        northing=school.northing,
        pause_reason=(school.pause_reason or "") if school.paused_at else None,
    )
