"""The journal for people: a row for each record, as the ledger has it, and unused numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from ledger import Book, Transaction
from ledger.schema import is_one_of
from marketplace.adjustments.trail import without_people
from marketplace.audit.journal.records import HOLD_KINDS, journal_kind
from marketplace.audit.journal.search import Hit, Totals
from marketplace.credits.chart import kind_label, read_names, row_numbers
from marketplace.credits.formats import credits
from marketplace.credits.records import accounts_of, moved_minutes, record_title
from marketplace.exchanges.models import Exchange
from marketplace.web.formats import moment

_TITLES = {"hold": "Hold", "void": "Hold released", "extend": "Hold extended"}

Side = tuple[str, str] | None
"""An account's code and name; the code is empty where it is several."""


@dataclass(frozen=True, slots=True)
class JournalRow:
    """One record of the journal, ready for its table.

    Attributes:
        source, target: the accounts that gave and took, or are held from and for.
        minutes: what it moved, held or released; None where it is about neither.
        actor: who did it, with the role as it was, and the school if the row does not name it.
        tags: what is unusual, and its tone.
    """

    number: int
    day: date
    title: str
    kind: str
    source: Side
    target: Side
    minutes: int | None
    is_moved: bool
    actor: str
    tags: list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Gap:
    """Numbers from ``first`` to ``last`` that no record has."""

    first: int
    last: int


def journal_rows(
    session: Session, hits: Sequence[Hit], closed_through: date | None
) -> list[JournalRow]:
    """Return the rows of records; as many queries for however many.

    ``closed_through`` is the last day of the last closed period, if one is closed.
    """
    book = Book(session)
    records = book.transactions([hit.number for hit in hits])
    transactions = [(hit, records[hit.number]) for hit in hits if hit.number in records]
    codes = {code for _, one in transactions for code in accounts_of(one)}
    names, actors = read_names(session, codes, {one.actor for _, one in transactions})
    corrected = _corrected(session, [one for _, one in transactions])
    return [
        _row(one, names, actors[one.actor], _tags(hit, one, corrected, closed_through))
        for hit, one in transactions
    ]


def _corrected(session: Session, transactions: Sequence[Transaction]) -> dict[int, int]:
    """The first payment of its exchange, by the number of each payment made in its place."""
    payments = [
        one
        for one in transactions
        if one.kind == "exchange" and one.entries and one.reverses is None
    ]
    exchanges = row_numbers("exchange", {one.reference for one in payments})
    if not exchanges:
        return {}
    first = {
        exchanges[number]: payment
        for number, payment in session.execute(_first_payments(), {"ids": list(exchanges)})
    }
    return {
        one.id: first[one.reference]
        for one in payments
        if first.get(one.reference) not in (None, one.id)
    }


@cache
def _first_payments() -> sa.Select[*tuple[Any, ...]]:
    return sa.select(Exchange.id, Exchange.transaction_id).where(is_one_of(Exchange.id, "ids"))


def _row(
    one: Transaction, names: dict[str, str], actor: str, tags: list[tuple[str, str]]
) -> JournalRow:
    kind = journal_kind(one)
    gives, takes = _sides(one)
    for code in (*gives, *takes):  # whose school the row names already
        actor = actor.removesuffix(f" at {names[code]}")
    return JournalRow(
        number=one.id,
        day=one.effective,
        title=_title(one, names),
        kind=kind_label(kind),
        source=_side(gives, names),
        target=_side(takes, names),
        minutes=moved_minutes(one),
        is_moved=kind not in HOLD_KINDS,
        actor=actor,
        tags=tags,
    )


def _title(one: Transaction, names: dict[str, str]) -> str:
    title = record_title(one, names)
    if one.reservation is not None:  # the row has the accounts and the credits
        title = _TITLES[one.action]
        if one.action == "extend":
            ends_at = one.reservation.expires_at
            title += f" to {moment(ends_at)}" if ends_at is not None else " without an end"
    memo = without_people(one.memo)  # the row says who did it, and the adjustment who proposed it
    if title:
        return f"{title}: {memo}" if memo else title
    return memo or kind_label(one.kind)


def _sides(one: Transaction) -> tuple[list[str], list[str]]:
    """The accounts that gave, and those that took."""
    if one.reservation is not None:
        return [one.reservation.source], [one.reservation.target]
    if one.change is not None:
        return [one.change.account], []
    gives = dict.fromkeys(entry.account for entry in one.entries if entry.amount < 0)
    takes = dict.fromkeys(entry.account for entry in one.entries if entry.amount > 0)
    return list(gives), list(takes)


def _side(codes: Sequence[str], names: dict[str, str]) -> Side:
    if not codes:
        return None
    return (codes[0], names[codes[0]]) if len(codes) == 1 else ("", f"{len(codes)} accounts")


def _tags(
    hit: Hit, one: Transaction, corrected: Mapping[int, int], closed: date | None
) -> list[tuple[str, str]]:
    """What an auditor looks out for."""
    tags = []
    if one.reversed_by is not None:
        tags.append((f"Reversed by {one.reversed_by}", "warning"))
    if one.reverses is not None:
        tags.append((f"Reverses {one.reverses}", "info"))
    if one.id in corrected:
        tags.append((f"Corrects {corrected[one.id]}", "info"))
    if one.override is not None:
        tags.append(("Beyond a limit", "warning"))
    if hit.same_person:
        tags.append(("Same person on both sides", "warning"))
    if hit.out_of_hours:
        tags.append(("Out of hours", "neutral"))
    if closed is not None and one.effective <= closed:
        tags.append(("Closed period", "neutral"))
    return tags


def with_gaps(
    rows: Sequence[JournalRow], after: int | None, *, newest_first: bool, is_last: bool
) -> list[JournalRow | Gap]:
    """Return rows that go by number, and between them the numbers that no record has.

    ``after`` is the number of the last row of the page before; ``is_last`` says that none follows.
    """
    shown: list[JournalRow | Gap] = []
    previous = after if after is not None or newest_first else 0
    for row in rows:
        if previous is not None and abs(previous - row.number) > 1:
            low, high = sorted((previous, row.number))
            shown.append(Gap(low + 1, high - 1))
        shown.append(row)
        previous = row.number
    if newest_first and is_last and previous is not None and previous > 1:
        shown.append(Gap(1, previous - 1))
    return shown


def totals_text(totals: Totals, shown: int) -> str:
    """Return how many records there are and what they moved and held, in words.

    Where not all were looked at, there are at least the ``shown`` ones of the page.
    """
    if not totals.exact and totals.records <= shown:
        return f"At least {shown:,} {'record' if shown == 1 else 'records'}"
    more = "" if totals.exact else "more than "
    count = f"{totals.records:,} {'record' if totals.records == 1 else 'records'}"
    parts = [f"{more}{count}"]
    if totals.moved:
        parts.append(f"{more}{credits(totals.moved)} moved")
    if totals.held:
        parts.append(f"{more}{credits(totals.held)} held")
    text = " · ".join(parts)
    return text[:1].upper() + text[1:]
