"""Schools that take part, close and open again, and the people of the network."""

from __future__ import annotations

from marketplace.accounts.actor import Actor
from marketplace.accounts.current_user import actor_of
from marketplace.accounts.roles import Role
from marketplace.database import db
from marketplace.network.joining import join, schools_changed
from marketplace.network.models import Succession
from marketplace.network.proposals import propose_succession
from marketplace.network.succession import succeed_by_register, withdraw_open_successions
from marketplace.schools.models import School
from marketplace.settings import Policy
from tests.marketplace.accounts.factories import PersonFactory
from tests.marketplace.schools.factories import SchoolFactory


def joined_school(**facts: object) -> School:
    """A school that takes part: with an account, a credit limit and the joining grant."""
    school = SchoolFactory(**facts)
    join(db.session(), school, Policy(), actor="test")
    return school


def close(school: School, successor: School | None = None) -> None:
    """The register says that ``school`` has closed, and who came after it."""
    school = db.session.get_one(School, school.urn)
    school.status = "closed"
    school.successor_urn = successor.urn if successor else None
    db.session.flush()
    schools_changed(db.session(), [school.urn], [], actor="test")


def reopen(school: School) -> None:
    """The register says that ``school`` is open again."""
    school = db.session.get_one(School, school.urn)
    school.status, school.successor_urn = "open", None
    db.session.flush()
    schools_changed(db.session(), [], [school.urn], actor="test")
    withdraw_open_successions(db.session(), [school.urn])


def proposed_succession() -> Succession:
    """A closed school for which an operator has proposed a successor."""
    old, new = joined_school(), SchoolFactory()
    close(old)
    succeed_by_register(db.session(), old.urn, Policy())
    return propose_succession(db.session(), operator(), old.urn, new.urn)


def operator() -> Actor:
    """A new person who runs the network."""
    return _of_network(Role.OPERATOR)


def auditor() -> Actor:
    """A new person who reads the whole book."""
    return _of_network(Role.AUDITOR)


def _of_network(role: Role) -> Actor:
    person = PersonFactory(roles=[(role, None)])
    return actor_of(person, frozenset({role}), None)
