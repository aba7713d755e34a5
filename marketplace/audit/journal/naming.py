"""Schools, trusts and people as auditors name them, and which of them is meant."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Generic, TypeVar

import sqlalchemy as sa
from sqlalchemy.orm import Session

from ledger import schema
from marketplace.accounts.models import Person
from marketplace.credits.chart import SCHOOLS, account_code, account_names
from marketplace.schools.facts import search_name
from marketplace.schools.finding import find_schools
from marketplace.schools.models import School, Trust

CHOICES = 8
"""So many are offered where several may be meant."""
MOST_PEOPLE = 20

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Meant(Generic[T]):
    """What a text means: ``value``, called ``name``; or why not, or which of ``choices``.

    A choice is what to write instead, and what it is.
    """

    value: T | None = None
    name: str = ""
    problem: str = ""
    choices: tuple[tuple[str, str], ...] = ()


def find_account(session: Session, text: str) -> Meant[frozenset[str]]:
    """Return the account that a URN, a code or a school's name means."""
    code = f"{SCHOOLS}{text}" if text.isdecimal() else text
    if ":" in code:
        if not _with_account(session, [code]):
            return Meant(problem=f"There is no account “{code}”. Write a school’s name or URN.")
        return Meant(frozenset({code}), account_names(session, [code])[code])
    named = session.execute(
        sa.select(School.urn, School.name)
        .where(School.search_name == search_name(text))
        .limit(2 * CHOICES)
    ).all()
    existing = _with_account(session, [account_code(school.urn) for school in named])
    same = [school for school in named if account_code(school.urn) in existing]
    if len(same) == 1:
        return Meant(frozenset({account_code(same[0].urn)}), same[0].name)
    return _find_by_words(session, text)


def _find_by_words(session: Session, text: str) -> Meant[frozenset[str]]:
    """Return the account of a school of which parts of the name, or of the place, were typed."""
    schools = find_schools(session, text, limit=4 * CHOICES).schools
    existing = _with_account(session, [account_code(school.urn) for school in schools])
    with_account = [school for school in schools if account_code(school.urn) in existing]
    if len(with_account) == 1:
        return Meant(frozenset({account_code(with_account[0].urn)}), with_account[0].name)
    if not with_account:
        return Meant(problem=f"There is no account “{text}”. Write a school’s name or URN.")
    return Meant(
        problem=f"Several schools may be meant by “{text}”. Choose one.",
        choices=tuple(
            (str(school.urn), f"{school.name}, {school.place}") for school in with_account[:CHOICES]
        ),
    )


def _with_account(session: Session, codes: Sequence[str]) -> set[str]:
    """Those of ``codes`` of which there is an account."""
    if not codes:
        return set()
    return set(session.scalars(_existing_codes(), {"codes": codes}))


@cache
def _existing_codes() -> sa.Select[*tuple[Any, ...]]:
    code = schema.account.c.code
    return sa.select(code).where(schema.is_one_of(code, "codes"))


def find_trust(session: Session, text: str) -> Meant[frozenset[str]]:
    """Return the accounts of the schools of the trust that a name or a number means."""
    trusts = _trusts(session, text)
    same = [trust for trust in trusts if trust.name.casefold() == text.casefold()]
    if len(trusts) != 1 and len(same) == 1:
        trusts = same
    if len(trusts) > 1:
        return Meant(
            problem=f"Several trusts may be meant by “{text}”. Choose one.",
            choices=tuple((str(trust.id), trust.name) for trust in trusts[:CHOICES]),
        )
    if not trusts:
        return Meant(problem=f"There is no trust “{text}”. Write a part of its name.")
    urns = session.scalars(_schools_of_trust(), {"trust": trusts[0].id})
    return Meant(frozenset(map(account_code, urns)), trusts[0].name)


def _trusts(session: Session, text: str) -> Sequence[Any]:
    """The trusts of a number, of a name, or of a part of one: number and name of each."""
    if text.isascii() and text.isdecimal() and len(text) < 10:
        return session.execute(_trusts_where(by_number=True), {"id": int(text)}).all()
    named = session.execute(_trusts_named(), {"name": text}).all()
    if len(named) == 1:
        return named
    escaped = re.sub(r"([/%_])", r"/\1", text.lower())
    pattern = f"%{escaped}%"
    return session.execute(_trusts_where(by_number=False), {"like": pattern}).all()


# Each of these is made once: making it anew takes longer than its answer.


@cache
def _schools_of_trust() -> sa.Select[*tuple[Any, ...]]:
    return sa.select(School.urn).where(School.trust_id == sa.bindparam("trust"))


@cache
def _trusts_named() -> sa.Select[*tuple[Any, ...]]:
    name = sa.bindparam("name", type_=sa.String)
    return sa.select(Trust.id, Trust.name).where(Trust.name == name).limit(2)


@cache
def _trusts_where(*, by_number: bool) -> sa.Select[*tuple[Any, ...]]:
    query = sa.select(Trust.id, Trust.name).order_by(Trust.name, Trust.id).limit(CHOICES + 1)
    if by_number:
        return query.where(Trust.id == sa.bindparam("id"))
    pattern = sa.bindparam("like", type_=sa.String)
    return query.where(sa.func.lower(Trust.name).like(pattern, escape="/"))


def find_people(session: Session, text: str) -> Meant[frozenset[int]]:
    """Return the people whom an e-mail address, or a part of a name, means; at most a few."""
    if "@" in text:
        person = session.scalar(sa.select(Person).where(Person.email == text.lower()))
        if person is None:
            return Meant(problem=f"Nobody has the e-mail address “{text}”.")
        return Meant(frozenset({person.id}), person.name)
    people = session.execute(
        sa.select(Person.id, Person.name)
        .where(_contains(Person.name, text))
        .order_by(Person.name, Person.id)
        .limit(MOST_PEOPLE + 1)
    ).all()
    if not people:
        return Meant(problem=f"Nobody is called “{text}”. Write a name or an e-mail address.")
    if len(people) > MOST_PEOPLE:
        return Meant(
            problem=f"More than {MOST_PEOPLE} people are called “{text}”. Write more of the name,"
            " or the e-mail address."
        )
    names = sorted({person.name for person in people})
    return Meant(frozenset(person.id for person in people), ", ".join(names))


def _contains(column: Any, text: str) -> sa.ColumnElement[bool]:
    return sa.func.lower(column).contains(text.lower(), autoescape=True)
