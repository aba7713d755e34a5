"""The chart of accounts: how accounts are named in the ledger, and how people read the book."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from ledger.schema import is_one_of
from marketplace.accounts.ledger_actor import LedgerActor, read_ledger_actor
from marketplace.accounts.models import Person
from marketplace.schools.models import School
from marketplace.schools.standing import school_mark

SCHOOLS = "school:"
"""What the code of every school's account begins with."""
ISSUANCE = "network:issuance"
"""Where joining grants come from: its negative balance is what has been issued."""
FUND = "network:fund"
"""The network's own account, for support that is paid in common."""

CARRIED_ON, CARRIED_BACK = "carried-on", "carried-back"
"""What a school that carries on gets, or gives, where a payment of the other one is put right."""

NETWORK_NAMES = {ISSUANCE: "The network: issuance", FUND: "The network: fund"}

KIND_LABELS = {
    "grant": "Grant",
    "exchange": "Exchange",
    "transfer": "Transfer",
    "hold": "Hold",
    "settle": "Exchange",
    "void": "Hold released",
    "extend": "Hold extended",
    "expire": "Hold expired",
    "reverse": "Reversal",
    "reversal": "Reversal",
    "closure": "Closure",
    "succession": "Balance carried on",
    CARRIED_ON: "Put right for a school carried on",
    CARRIED_BACK: "Put right for a school carried on",
    "grant-return": "Joining grant returned",
    "write-off": "Debt written off",
    "gift": "Gift on leaving",
    "fund-share": "Share paid by the fund",
    "account": "Account",
    "period": "Period",
}
"""The kinds of transactions in words."""


def account_code(urn: int) -> str:
    """Return the code of the account of the school ``urn``."""
    return f"{SCHOOLS}{urn}"


def kind_label(kind: str) -> str:
    """Return a kind of transaction in words; an imported kind is returned as it is."""
    return KIND_LABELS.get(kind, kind)


def account_names(session: Session, codes: Iterable[str]) -> dict[str, str]:
    """Return the names of accounts: schools' by the register, the rest by what they are.

    A school that has closed, is paused or has left is marked, and if another school carries on
    for it, that one is named.
    """
    distinct = set(codes)
    urns = row_numbers("school", distinct)
    names = {code: NETWORK_NAMES.get(code, code) for code in distinct}
    if urns:
        for row in session.execute(_with_heirs(), {"urns": list(urns)}):
            names[urns[row.urn]] = _marked_name(row)
    return names


@cache
def _with_heirs() -> sa.Select[*tuple[Any, ...]]:
    """What is said of the schools ``urns``, with the names of those that carry on for them.

    Made once: making an alias, or whole schools, takes longer than reading their names.
    """
    heir = aliased(School)
    facts = (School.status, School.joined_at, School.paused_at, School.left_at)
    return (
        sa.select(
            School.urn, School.name, School.continued_by_urn, *facts, heir.name.label("heir_name")
        )
        .outerjoin(heir, heir.urn == School.continued_by_urn)
        .where(is_one_of(School.urn, "urns"))
    )


def _marked_name(row: Any) -> str:
    mark = school_mark(row)
    if mark is None:
        return str(row.name)
    if row.heir_name is not None and row.joined_at is None:
        return f"{row.name} (now {row.heir_name})"
    return f"{row.name} ({mark.text[0].lower()}{mark.text[1:]})"


def actor_names(session: Session, actors: Iterable[str]) -> dict[str, str]:
    """Return how people read who did something: persons by name, commands as commands.

    A person's roles and school are those at that time; two queries however many.
    """
    return read_names(session, (), actors)[1]


def read_names(
    session: Session, codes: Iterable[str], actors: Iterable[str]
) -> tuple[dict[str, str], dict[str, str]]:
    """Return the names of accounts and of who did something: two queries however many.

    See `account_names` and `actor_names`; schools that somebody acted for are among the accounts.
    """
    distinct = set(actors)
    people = {text: person for text in distinct if (person := read_ledger_actor(text))}
    urns = {person.urn for person in people.values() if person.urn is not None}
    places = account_names(session, {*codes, *map(account_code, urns)})
    names = {actor: actor or "Not named" for actor in distinct}
    for actor in distinct:
        if actor.startswith("command:"):
            names[actor] = f"The command “{actor.removeprefix('command:')}”"
    if people:
        ids = {person.person_id for person in people.values()}
        person_names: dict[int, str] = dict(
            session.execute(_person_names(), {"ids": list(ids)}).all()
        )
        for text, person in people.items():
            if person.person_id in person_names:
                names[text] = person_names[person.person_id] + _in_which_role(person, places)
    return places, names


@cache
def _person_names() -> sa.Select[*tuple[Any, ...]]:
    return sa.select(Person.id, Person.name).where(is_one_of(Person.id, "ids"))


def _in_which_role(person: LedgerActor, places: dict[str, str]) -> str:
    if not person.roles:
        return ""
    place = "the network" if person.urn is None else places[account_code(person.urn)]
    return f", {person.roles_label} at {place}"


def row_numbers(prefix: str, texts: Iterable[str]) -> dict[int, str]:
    """Return which of ``texts`` name a row ("school:123456"), by its number.

    A text that was imported may only look like one: then it is left out.
    """
    pattern = _numbered(prefix)
    return {int(match[1]): text for text in texts if (match := pattern.fullmatch(text))}


@cache
def _numbered(prefix: str) -> re.Pattern[str]:
    return re.compile(rf"{prefix}:([1-9][0-9]{{0,8}})", re.ASCII)
