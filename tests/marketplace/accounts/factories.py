"""Made-up people; all have the password ``PASSWORD``."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from functools import cache

import factory
from argon2 import PasswordHasher

from marketplace.accounts.actor import Actor
from marketplace.accounts.current_user import actor_of
from marketplace.accounts.models import Person
from marketplace.accounts.roles import Role
from marketplace.accounts.service import grant_role
from marketplace.database import db
from marketplace.schools.models import School
from tests.marketplace.factories import BaseFactory

PASSWORD = "correct horse battery"


@cache
def password_hash() -> str:
    """The hash of ``PASSWORD``, as cheap as argon2 goes, so that tests sign in quickly."""
    return PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)


class PersonFactory(BaseFactory):
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


def staff(school: School, *roles: Role, **facts: object) -> Person:
    """Somebody with ``roles`` at ``school``."""
    return PersonFactory(roles=[(role, school) for role in roles], **facts)


def actor_for(school: School, *roles: Role) -> Actor:
    """A new member of ``school``’s staff (a coordinator, if no role is named), acting for it."""
    held = roles or (Role.COORDINATOR,)
    return actor_of(staff(school, *held), frozenset(held), school)
