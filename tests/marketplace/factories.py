"""Made-up schools and people, as few facts as needed; all have the password ``PASSWORD``."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

import factory
from argon2 import PasswordHasher
from factory.alchemy import SQLAlchemyModelFactory
from sqlalchemy.orm import Session

from marketplace.accounts.actor import Actor
from marketplace.accounts.models import Person
from marketplace.accounts.roles import Role
from marketplace.accounts.service import grant_role
from marketplace.application import Skillbank
from marketplace.clock import today
from marketplace.conversations.models import Enquiry
from marketplace.conversations.service import ask
from marketplace.database import db
from marketplace.exchanges import service
from marketplace.exchanges.models import Exchange, State
from marketplace.exchanges.proposals import Terms, propose
from marketplace.listings.models import Listing
from marketplace.listings.service import Draft, post_listing
from marketplace.network.joining import join
from marketplace.schools.facts import search_name
from marketplace.schools.models import LocalAuthority, School, Trust
from marketplace.settings import Policy

PASSWORD = "correct horse battery"


@contextmanager
def saved(app: Skillbank) -> Iterator[Session]:
    """Make things inside: they are committed at the end, and stay readable after.

    Leave it before a client asks for a page: a request inside it would share its session.
    """
    with app.app_context():
        session = db.session()
        session.expire_on_commit = False
        yield session
        session.commit()
        session.expunge_all()


@cache
def password_hash() -> str:
    """The hash of ``PASSWORD``, as cheap as argon2 goes, so that tests sign in quickly."""
    return PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)


class _Factory(SQLAlchemyModelFactory):
    class Meta:
        abstract = True
        sqlalchemy_session_factory = db.session
        sqlalchemy_session_persistence = "flush"


class LocalAuthorityFactory(_Factory):
    """A local authority: Salford, unless told."""

    class Meta:
        model = LocalAuthority
        sqlalchemy_get_or_create = ("code",)

    code = "355"
    name = "Salford"


class TrustFactory(_Factory):
    """A trust of its own."""

    class Meta:
        model = Trust

    name = factory.Sequence("Trust {}".format)


class SchoolFactory(_Factory):
    """An open primary school of Salford that does not take part yet (see ``joined_school``)."""

    class Meta:
        model = School

    urn = factory.Sequence(lambda number: 100_000 + number)
    name = factory.Sequence("Test Primary School {}".format)
    search_name = factory.LazyAttribute(lambda school: search_name(school.name))
    status = "open"
    type_name = "Community school"
    phase = "primary"
    region = "North West"
    easting = 380_000
    northing = 398_000
    local_authority = factory.SubFactory(LocalAuthorityFactory)
    trust = None


class PersonFactory(_Factory):
    """Somebody who signs in with ``PASSWORD``; ``roles`` is pairs of a role and a school.

    A role for the network is paired with ``None``.
    """

    class Meta:
        model = Person

    email = factory.Sequence("person{}@example.org".format)
    name = factory.Sequence("Person {}".format)
    password_hash = factory.LazyFunction(password_hash)
    active = True
    created_at = factory.LazyFunction(lambda: datetime.now(UTC))

    @factory.post_generation
    def roles(
        self: Person, create: bool, extracted: Iterable[tuple[Role, School | None]] | None
    ) -> None:
        """Give the roles."""
        for role, school in extracted or ():
            grant_role(db.session(), self, role, school)


def joined_school(**facts: object) -> School:
    """A school that takes part: with an account, a credit limit and the joining grant."""
    school = SchoolFactory(**facts)
    join(db.session(), school, Policy(), actor="test")
    return school


def staff(school: School, *roles: Role, **facts: object) -> Person:
    """Somebody with ``roles`` at ``school``."""
    return PersonFactory(roles=[(role, school) for role in roles], **facts)


def actor_for(school: School, *roles: Role) -> Actor:
    """A new member of ``school``’s staff (a coordinator, if no role is named), acting for it."""
    person = staff(school, *(roles or (Role.COORDINATOR,)))
    return Actor(
        person_id=person.id,
        person_name=person.name,
        roles=frozenset(roles or (Role.COORDINATOR,)),
        urn=school.urn,
        school_name=school.name,
        trust_id=school.trust_id,
        local_authority_code=school.local_authority_code,
        region=school.region,
        easting=school.easting,
        northing=school.northing,
    )


def draft(**changes: Any) -> Draft:
    """What a listing says, unless told otherwise."""
    said = Draft(
        kind="offer",
        title="Phonics coaching",
        description="A colleague coaches your Year 1 teachers.",
        topics=("phonics",),
        phases=("ks1",),
        mode="on_site",
        minutes=180,
        audience="national",
    )
    return replace(said, **changes)


def posted(acting: Actor, **changes: Any) -> Listing:
    """A listing put up by ``acting``; ``changes`` to ``draft``."""
    return post_listing(
        db.session(), acting, draft(**changes), idempotency_key=secrets.token_urlsafe(16)
    )


def asked(acting: Actor, listing: Listing, body: str = "Would you help us?") -> Enquiry:
    """A conversation about ``listing`` that ``acting`` has begun."""
    return ask(db.session(), acting, listing, body, idempotency_key=secrets.token_urlsafe(16))


def terms(**changes: Any) -> Terms:
    """What a proposal says: three credits, in a week, unless told otherwise."""
    said = Terms("A colleague comes for a morning.", 180, today() + timedelta(days=7))
    return replace(said, **changes)


def proposed(acting: Actor, listing: Listing, **changes: Any) -> Exchange:
    """An exchange about ``listing`` that ``acting`` has proposed; ``changes`` to ``terms``."""
    idempotency_key = secrets.token_urlsafe(16)
    return propose(
        db.session(), acting, listing, terms(**changes), Policy(), idempotency_key=idempotency_key
    )


def brought_to(state: State, owner: Actor, other: Actor, **changes: Any) -> Exchange:
    """An exchange in ``state``: ``owner`` offers and provides, ``other`` proposed and receives."""
    exchange = proposed(other, posted(owner), **changes)
    session = db.session()
    if state == State.DECLINED:
        return service.decline(session, owner, exchange, "Not this term.", version=1)
    if state == State.PROPOSED:
        return exchange
    service.agree(session, owner, exchange, version=1)
    if state == State.CANCELLED:
        return service.cancel(session, other, exchange, "It snows.", version=2)
    if state == State.AGREED:
        return exchange
    service.deliver(
        session,
        owner,
        exchange,
        minutes=exchange.minutes,
        on_date=today(),
        note="",
        policy=Policy(),
        version=2,
    )
    if state == State.DELIVERED:
        return exchange
    return service.confirm(session, other, exchange, version=3)
