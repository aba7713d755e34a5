"""What a record of the ledger is found by: the same for the index and for what is not in it yet."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from ledger import Transaction, schema
from marketplace.accounts.ledger_actor import read_ledger_actor
from marketplace.clock import LONDON
from marketplace.credits.chart import row_numbers
from marketplace.credits.records import accounts_of, moved_minutes
from marketplace.exchanges.models import Exchange

OPENS, CLOSES = 7, 19
"""Office hours in London, from Monday to Friday: from 7:00 until before 19:00."""
_SATURDAY = 5

HOLD_KINDS = schema.ON_HOLDS
"""The kinds of records about holds."""
UNMOVED_KINDS = (*HOLD_KINDS, "account", "period")
"""The kinds of records that move no credits."""


@dataclass(frozen=True, slots=True)
class FoundBy:
    """What one record is found by; the fields are those of `models.JournalRow`.

    ``codes`` are the accounts that it is about; ``reversal`` says that it takes back another
    record, or that another took it back; ``same_person`` that credits moved for an exchange in
    which one person acted for both schools.
    """

    number: int
    effective: date
    kind: str
    minutes: int | None
    person_id: int | None
    out_of_hours: bool
    same_person: bool
    codes: frozenset[str]
    reversal: bool


def found_by(session: Session, transactions: Iterable[Transaction]) -> list[FoundBy]:
    """Return what each of ``transactions`` is found by, in the same order; one query at most."""
    transactions = list(transactions)
    causes = row_numbers("exchange", {one.reference for one in transactions if one.entries})
    marked: set[str] = set()
    if causes:
        marked = {
            causes[exchange_id]
            for exchange_id in session.scalars(
                sa.select(Exchange.id).where(Exchange.id.in_(causes), Exchange.same_person)
            )
        }
    return [_found_by(one, marked) for one in transactions]


def _found_by(transaction: Transaction, marked: set[str]) -> FoundBy:
    person = read_ledger_actor(transaction.actor)
    return FoundBy(
        number=transaction.id,
        effective=transaction.effective,
        kind=journal_kind(transaction),
        minutes=moved_minutes(transaction),
        person_id=person.person_id if person is not None else None,
        out_of_hours=person is not None and is_out_of_hours(transaction.recorded),
        same_person=bool(transaction.entries) and transaction.reference in marked,
        codes=frozenset(accounts_of(transaction)),
        reversal=transaction.reverses is not None or transaction.reversed_by is not None,
    )


def journal_kind(transaction: Transaction) -> str:
    """Return the kind of a record in the journal.

    A hold, its release and its extension are kinds of their own, as are what was done to accounts
    and periods; what moved credits has the kind with which it was posted.
    """
    if transaction.reservation is not None:
        return transaction.action
    if transaction.change is not None:
        return "account"
    return "period" if transaction.closed_through is not None else transaction.kind


def is_out_of_hours(instant: datetime) -> bool:
    """Say whether an instant is at a weekend or outside of office hours in London."""
    local = instant.astimezone(LONDON)
    return local.weekday() >= _SATURDAY or not OPENS <= local.hour < CLOSES
