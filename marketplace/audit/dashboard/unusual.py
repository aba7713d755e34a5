"""Which payments of the last 30 days are unusual, by five plain rules.

They are worked out anew each time from the ledger, so that a rule that changes counts at once.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Session

from ledger import schema
from marketplace.accounts.ledger_actor import read_ledger_actor
from marketplace.audit.dashboard.models import UnusualEntry
from marketplace.audit.journal.records import is_out_of_hours
from marketplace.clock import today
from marketplace.credits.chart import row_numbers
from marketplace.exchanges.models import ExchangeEvent

DAYS = 30
LARGE_MINUTES = 20 * 60
ROUND_TRIP = timedelta(days=7)
MANY = 10
"""More than so many payments by one person within one hour of the clock are unusual."""


class UnusualRule(StrEnum):
    """Why a payment is unusual; the values are stored."""

    LARGE = "large"
    OUT_OF_HOURS = "out_of_hours"
    SAME_PERSON = "same_person"
    ROUND_TRIP = "round_trip"
    MANY = "many"

    @property
    def label(self) -> str:
        """The rule in words."""
        return _LABELS[self]


_LABELS = {
    UnusualRule.LARGE: "20 credits or more",
    UnusualRule.OUT_OF_HOURS: "Outside of office hours",
    UnusualRule.SAME_PERSON: "Same person on both sides",
    UnusualRule.ROUND_TRIP: "There and back within a week",
    UnusualRule.MANY: "More than 10 within an hour by one person",
}


@dataclass(frozen=True, slots=True)
class Payment:
    """One payment for an exchange, in minutes; the accounts by their codes."""

    number: int
    recorded_at: datetime
    actor: str
    reference: str
    giver: str
    taker: str
    minutes: int


def mark_unusual(session: Session) -> Counter[str]:
    """Work out anew which payments are unusual; return how many marks each rule has made."""
    payments = _payments(session)
    same_person = _by_one_person(session, payments)
    marks = [
        {
            "number": payment.number,
            "rule": rule.value,
            "recorded_at": payment.recorded_at,
            "giver": payment.giver,
            "taker": payment.taker,
            "minutes": payment.minutes,
            "actor": payment.actor,
        }
        for payment, rule in find_unusual(payments, same_person)
    ]
    session.execute(sa.delete(UnusualEntry))
    if marks:
        session.execute(sa.insert(UnusualEntry), marks)
    return Counter(str(mark["rule"]) for mark in marks)


def find_unusual(
    payments: Sequence[Payment], same_person: frozenset[str]
) -> Iterator[tuple[Payment, UnusualRule]]:
    """Yield each payment with each rule that marks it.

    ``same_person`` are the references of exchanges in which one person acted for both schools.
    """
    by_hour = Counter(map(_person_and_hour, payments))
    there_and_back = _there_and_back(payments)
    for payment in payments:
        person = read_ledger_actor(payment.actor)
        if payment.minutes >= LARGE_MINUTES:
            yield payment, UnusualRule.LARGE
        if person is not None and is_out_of_hours(payment.recorded_at):
            yield payment, UnusualRule.OUT_OF_HOURS
        if payment.reference in same_person:
            yield payment, UnusualRule.SAME_PERSON
        if payment.number in there_and_back:
            yield payment, UnusualRule.ROUND_TRIP
        if person is not None and by_hour[_person_and_hour(payment)] > MANY:
            yield payment, UnusualRule.MANY


def _person_and_hour(payment: Payment) -> tuple[str, datetime]:
    person = read_ledger_actor(payment.actor)
    hour = payment.recorded_at.replace(minute=0, second=0, microsecond=0)
    return (f"person:{person.person_id}" if person else payment.actor), hour


def _there_and_back(payments: Sequence[Payment]) -> set[int]:
    """The payments for which the same minutes went the other way within a week."""
    by_way: dict[tuple[str, str, int], list[Payment]] = {}
    for payment in payments:
        by_way.setdefault((payment.giver, payment.taker, payment.minutes), []).append(payment)
    numbers = set()
    for (giver, taker, minutes), there in by_way.items():
        for other in by_way.get((taker, giver, minutes), ()):
            for payment in there:
                if abs(payment.recorded_at - other.recorded_at) <= ROUND_TRIP:
                    numbers |= {payment.number, other.number}
    return numbers


def _payments(session: Session) -> list[Payment]:
    """The payments for exchanges of the last days: one statement."""
    record, entry, account = schema.transaction, schema.entry, schema.account
    out, into = entry.alias("out"), entry.alias("into")
    giver, taker = account.alias("giver"), account.alias("taker")
    rows = session.execute(
        sa.select(
            record.c.id,
            record.c.recorded_at,
            record.c.actor,
            record.c.reference,
            giver.c.code,
            taker.c.code,
            into.c.amount,
        )
        .join(out, sa.and_(out.c.transaction_id == record.c.id, out.c.line == 1))
        .join(into, sa.and_(into.c.transaction_id == record.c.id, into.c.line == 2))
        .join(giver, giver.c.id == out.c.account_id)
        .join(taker, taker.c.id == into.c.account_id)
        .where(
            record.c.effective >= today() - timedelta(days=DAYS),
            record.c.kind == "exchange",
            record.c.entry_count.is_not(None),
            into.c.amount > 0,
        )
        .order_by(record.c.id)
    )
    return [Payment(*row) for row in rows]


def _by_one_person(session: Session, payments: Sequence[Payment]) -> frozenset[str]:
    """The references of exchanges in which one person acted for both schools."""
    references = row_numbers("exchange", {payment.reference for payment in payments})
    numbers = sorted(references)
    same: set[str] = set()
    for first in range(0, len(numbers), 500):
        rows = session.scalars(
            sa.select(ExchangeEvent.exchange_id)
            .where(
                ExchangeEvent.exchange_id.in_(numbers[first : first + 500]),
                ExchangeEvent.person_id.is_not(None),
            )
            .group_by(ExchangeEvent.exchange_id, ExchangeEvent.person_id)
            .having(sa.func.count(ExchangeEvent.school_urn.distinct()) > 1)
        )
        same.update(references[number] for number in rows)
    return frozenset(same)
