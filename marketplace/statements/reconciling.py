"""The entries of two accounts side by side, matched by transaction, with what differs named."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from ledger import schema
from marketplace.clock import LONDON
from marketplace.credits.formats import decimal_credits
from marketplace.statements.movements import (
    account,
    cause,
    entry,
    other_account,
    other_entry,
    own_entries,
    transaction,
)
from marketplace.statements.period import Period
from marketplace.web.formats import short_day


@dataclass(frozen=True, slots=True)
class SideEntry:
    """What one account has of a transaction; ``minutes`` are below zero if it paid."""

    transaction_id: int
    recorded: datetime
    minutes: int
    title: str
    kind: str
    reverses: int | None
    reversed_by: int | None
    reversed_at: datetime | None

    @property
    def day(self) -> date:
        """The day in London on which it is on the statement."""
        return self.recorded.astimezone(LONDON).date()


@dataclass(frozen=True, slots=True)
class MatchedRow:
    """One transaction on both sides; a side that does not have it is ``None``."""

    ours: SideEntry | None
    theirs: SideEntry | None
    differences: tuple[str, ...]

    @property
    def entry(self) -> SideEntry:
        """The side that has it; both if both do."""
        side = self.ours or self.theirs
        assert side is not None
        return side


@dataclass(frozen=True, slots=True)
class Reconciliation:
    """Two statements side by side; totals are in minutes, each as its own side sees it."""

    rows: tuple[MatchedRow, ...]
    our_total: int
    their_total: int

    @property
    def difference(self) -> int:
        """What one side has more than the other."""
        return self.our_total + self.their_total

    @property
    def agrees(self) -> bool:
        """Whether nothing differs."""
        return not self.difference and not any(row.differences for row in self.rows)


def reconcile(
    session: Session, ours: str, theirs: str, period: Period, names: Mapping[str, str]
) -> Reconciliation:
    """Return what two accounts have of the transactions between them, in two statements."""
    return match(
        _entries_with(session, ours, theirs, period),
        _entries_with(session, theirs, ours, period),
        period,
        (names[ours], names[theirs]),
    )


def match(
    ours: Sequence[SideEntry],
    theirs: Sequence[SideEntry],
    period: Period,
    names: tuple[str, str],
) -> Reconciliation:
    """Return the entries of two sides, matched by transaction; ``names`` are those of the sides."""
    our_entries = {line.transaction_id: line for line in ours}
    their_entries = {line.transaction_id: line for line in theirs}
    numbers = sorted(
        our_entries.keys() | their_entries.keys(),
        key=lambda number: (our_entries.get(number) or their_entries[number]).recorded,
    )
    rows = []
    for number in numbers:
        our_entry, their_entry = our_entries.get(number), their_entries.get(number)
        differences = _differences(our_entry, their_entry, period, names)
        rows.append(MatchedRow(our_entry, their_entry, differences))
    return Reconciliation(
        tuple(rows), sum(line.minutes for line in ours), sum(line.minutes for line in theirs)
    )


def list_partners(session: Session, code: str) -> list[str]:
    """Return the codes of the accounts with which ``code`` has had a transaction."""
    return list(session.scalars(_partners(), {"code": code}))


@cache
def _partners() -> sa.CompoundSelect[Any]:
    """The accounts with which ``code`` has had a transaction, looked up where none is kept."""
    own = own_entries(account.c.code == sa.bindparam("code"))
    looked_up = (
        sa.select(other_account.c.code)
        .join_from(own, other_entry, other_entry.c.transaction_id == own.c.transaction_id)
        .join(other_account, other_account.c.id == other_entry.c.account_id)
        .where(own.c.partner.is_(None), other_account.c.code != own.c.code)
    )
    return sa.union(sa.select(own.c.partner).where(own.c.partner.is_not(None)), looked_up)


def _differences(
    ours: SideEntry | None,
    theirs: SideEntry | None,
    period: Period,
    names: tuple[str, str],
) -> tuple[str, ...]:
    """What differs between the sides of a transaction, in words."""
    if ours is None or theirs is None:
        return (f"Only on the statement of {names[0] if theirs is None else names[1]}",)
    differences = []
    if ours.day != theirs.day:
        differences.append(
            f"Dates differ: {short_day(ours.day)} at {names[0]}, {short_day(theirs.day)} at"
            f" {names[1]}"
        )
    if ours.minutes + theirs.minutes:
        differences.append(
            f"Credits differ by {decimal_credits(abs(ours.minutes + theirs.minutes))}: the rest"
            " went to another account"
        )
    if ours.reversed_at is not None and ours.reversed_at >= period.ends_at:
        differences.append(f"Corrected since, on {short_day(ours.reversed_at)}")
    return tuple(differences)


def _entries_with(session: Session, code: str, other: str, period: Period) -> list[SideEntry]:
    """The entries of ``code`` in a period whose transactions have ``other`` in them, too."""
    rows = session.execute(
        _query_of_entries(),
        {
            "code": code,
            "other": other,
            "begins_at": period.begins_at,
            "ends_at": period.ends_at,
        },
    )
    return [
        SideEntry(number, recorded, int(minutes), *rest)
        for number, recorded, minutes, *rest in rows
    ]


@cache
def _query_of_entries() -> sa.Select[Any]:
    """The entries of one account whose transactions have another one in them, made once."""
    reversing = transaction.alias("reversing")
    other: Any = sa.bindparam("other", type_=sa.String)
    own = own_entries(
        account.c.code == sa.bindparam("code"),
        entry.c.recorded_at >= sa.bindparam("begins_at", type_=schema.Instant),
        entry.c.recorded_at < sa.bindparam("ends_at", type_=schema.Instant),
        sa.or_(cause.c.partner == other, cause.c.partner.is_(None)),
    )
    # Looked at only for entries of which the partner is not kept: read once, not for each of them.
    of_other = (
        sa.select(other_entry.c.transaction_id)
        .join(other_account, other_account.c.id == other_entry.c.account_id)
        .where(other_account.c.code == other)
    )
    return (
        sa.select(
            own.c.transaction_id,
            sa.func.min(own.c.recorded_at),
            sa.func.sum(own.c.amount),
            transaction.c.memo,
            transaction.c.kind,
            transaction.c.reverses_id,
            reversing.c.id,
            reversing.c.recorded_at,
        )
        .select_from(own)
        .join(transaction, transaction.c.id == own.c.transaction_id)
        .outerjoin(reversing, reversing.c.reverses_id == transaction.c.id)
        .where(sa.or_(own.c.partner == other, own.c.transaction_id.in_(of_other)))
        .group_by(
            own.c.transaction_id,
            transaction.c.memo,
            transaction.c.kind,
            transaction.c.reverses_id,
            reversing.c.id,
            reversing.c.recorded_at,
        )
        .order_by(own.c.transaction_id)
    )
