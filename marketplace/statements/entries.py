"""The entries of a statement, a page at a time, with what each was for."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from ledger import schema
from marketplace.statements.movements import (
    account,
    entry,
    exchange,
    movements,
    other_account,
    reference,
    transaction,
)
from marketplace.statements.period import Period

PAYMENT = "exchange"
"""The kind of a transaction that pays for an exchange."""

LAST_VERSION = 2**62
"""A version that no account ever comes to."""

NO_TOPIC = "other"
"""What stands in addresses for help of which the listing has no topic."""


@dataclass(frozen=True, slots=True)
class EntryLine:
    """One entry of an account; ``partners`` are the codes of the accounts on the other side.

    ``reference`` names the cause, of a reversal that of the transaction it takes back.
    ``reverses`` is the transaction that it takes back, ``reversed_by`` the one that took it back.
    ``corrects`` is the first payment of its exchange, if this one was made in its place.
    ``exchange_urns`` are the schools of the exchange that caused it, if there is one;
    ``same_person`` says that one person acted for both of them.
    """

    version: int
    recorded: datetime
    effective: date
    kind: str
    memo: str
    amount: int
    balance: int
    transaction_id: int
    reference: str
    reverses: int | None
    reversed_by: int | None
    corrects: int | None
    exchange_id: int | None
    exchange_urns: tuple[int, ...]
    same_person: bool
    partners: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class EntryPage:
    """A page of entries in the order of recording; ``next`` is the cursor of the page after it.

    After one of `list_latest_entries` comes the page of the entries before them.
    """

    lines: tuple[EntryLine, ...]
    next: str | None


@dataclass(frozen=True, slots=True)
class StatementAccount:
    """Which account a statement is of, and since when there is one."""

    code: str
    opened_at: datetime


_OPENED_AT = sa.select(account.c.opened_at).where(account.c.code == sa.bindparam("code"))


def find_statement_account(session: Session, code: str) -> StatementAccount | None:
    """Return the account ``code``, or ``None`` if there is none."""
    if "\0" in code:
        return None
    opened_at = session.scalar(_OPENED_AT, {"code": code})
    return StatementAccount(code, opened_at) if opened_at is not None else None


def list_entries(
    session: Session,
    code: str,
    period: Period,
    *,
    topic_slug: str = "",
    after: str = "",
    limit: int,
) -> EntryPage:
    """Return a page of the entries of ``code`` in a period, with two statements at most.

    With ``topic_slug`` they are those for help of that topic (``NO_TOPIC``: of none). A cursor
    that cannot be read begins at the start.
    """
    rows = _read(session, code, period, topic_slug, {"after": _version(after) or 0}, limit)
    lines = _lines(session, code, rows[:limit])
    return EntryPage(lines, str(lines[-1].version) if len(rows) > limit else None)


def list_latest_entries(
    session: Session,
    code: str,
    period: Period,
    *,
    topic_slug: str = "",
    before: str = "",
    limit: int,
) -> EntryPage:
    """Return the latest entries of ``code`` in a period, or those before the cursor ``before``.

    Otherwise it is as `list_entries`; they are in the order of recording, too.
    """
    values = {"before": _version(before) or LAST_VERSION}
    rows = _read(session, code, period, topic_slug, values, limit)
    lines = _lines(session, code, rows[:limit][::-1])
    return EntryPage(lines, str(lines[0].version) if len(rows) > limit else None)


def _version(cursor: str) -> int | None:
    """The version of the account that a cursor names; None for one that cannot be read."""
    can_be_read = cursor.isascii() and cursor.isdigit() and len(cursor) <= 18
    return int(cursor) if can_be_read else None


def _read(
    session: Session,
    code: str,
    period: Period,
    topic_slug: str,
    cursor: dict[str, int],
    limit: int,
) -> Sequence[Any]:
    """The rows from a cursor on, and one more if there is one."""
    query = _query(topic_slug == NO_TOPIC, bool(topic_slug), "before" in cursor)
    values = {
        "code": code,
        "begins_at": period.begins_at,
        "ends_at": period.ends_at,
        "topic": topic_slug,
        "most": limit + 1,
    }
    return session.execute(query, {**values, **cursor}).all()


def _lines(session: Session, code: str, rows: Sequence[Any]) -> tuple[EntryLine, ...]:
    others = _partners(session, code, [row for row in rows if row.partner is None])
    return tuple(_line(row, others) for row in rows)


@cache
def _query(without_topic: bool, with_topic: bool, latest: bool) -> sa.Select[Any]:
    """The entries of an account, made once for each of its filters; the latest first, or last."""
    reversing = transaction.alias("reversing")
    query = (
        sa.select(
            entry.c.version,
            entry.c.recorded_at.label("recorded"),
            transaction.c.effective,
            transaction.c.kind,
            transaction.c.memo,
            entry.c.amount,
            entry.c.balance,
            entry.c.transaction_id,
            reference.label("reference"),
            transaction.c.reverses_id.label("reverses"),
            reversing.c.id.label("reversed_by"),
            exchange.c.id.label("exchange_id"),
            exchange.c.provider_urn,
            exchange.c.receiver_urn,
            exchange.c.same_person,
            exchange.c.transaction_id.label("first_payment"),
            other_account.c.code.label("partner"),
        )
        .select_from(movements().outerjoin(reversing, reversing.c.reverses_id == transaction.c.id))
        .where(
            account.c.code == sa.bindparam("code"),
            entry.c.version < sa.bindparam("before")
            if latest
            else entry.c.version > sa.bindparam("after"),
            entry.c.recorded_at >= sa.bindparam("begins_at", type_=schema.Instant),
            entry.c.recorded_at < sa.bindparam("ends_at", type_=schema.Instant),
        )
        .order_by(entry.c.version.desc() if latest else entry.c.version)
        .limit(sa.bindparam("most", type_=sa.Integer))
    )
    if without_topic:
        return query.where(exchange.c.id.is_not(None), exchange.c.topic.is_(None))
    if with_topic:
        return query.where(exchange.c.id.is_not(None), exchange.c.topic == sa.bindparam("topic"))
    if latest:
        # PostgreSQL would join all entries of the period before it takes the latest.
        return query.where(entry.c.version >= sa.func.coalesce(_first_of_page(), 0))
    return query


def _first_of_page() -> sa.ScalarSelect[int]:
    """The version of the first of the latest entries that a page reads; null if they are fewer."""
    own_entry, own_account = entry.alias("own_entry"), account.alias("own_account")
    return (
        sa.select(own_entry.c.version)
        .join(own_account, own_account.c.id == own_entry.c.account_id)
        .where(
            own_account.c.code == sa.bindparam("code"),
            own_entry.c.version < sa.bindparam("before"),
            own_entry.c.recorded_at >= sa.bindparam("begins_at", type_=schema.Instant),
            own_entry.c.recorded_at < sa.bindparam("ends_at", type_=schema.Instant),
        )
        .order_by(own_entry.c.version.desc())
        .offset(sa.bindparam("most", type_=sa.Integer) - 1)
        .limit(1)
        .scalar_subquery()
    )


def _line(row: Any, others: dict[int, tuple[str, ...]]) -> EntryLine:
    single = (row.partner,) if row.partner is not None else None
    return EntryLine(
        version=row.version,
        recorded=row.recorded,
        effective=row.effective,
        kind=row.kind,
        memo=row.memo,
        amount=row.amount,
        balance=row.balance,
        transaction_id=row.transaction_id,
        reference=row.reference,
        reverses=row.reverses,
        reversed_by=row.reversed_by,
        corrects=_corrects(row),
        exchange_id=row.exchange_id,
        exchange_urns=() if row.exchange_id is None else (row.provider_urn, row.receiver_urn),
        same_person=bool(row.same_person),
        partners=single or others.get(row.transaction_id, ()),
    )


def _corrects(row: Any) -> int | None:
    """The first payment of the exchange, where ``row`` is a later one."""
    if row.kind != PAYMENT or row.reverses is not None:
        return None
    return row.first_payment if row.first_payment != row.transaction_id else None


def _partners(session: Session, code: str, rows: Iterable[Any]) -> dict[int, tuple[str, ...]]:
    """The other accounts of transactions with more than two entries, in their order."""
    numbers = {row.transaction_id for row in rows}
    if not numbers:
        return {}
    partners: dict[int, dict[str, None]] = defaultdict(dict)
    for number, partner in session.execute(
        sa.select(entry.c.transaction_id, account.c.code)
        .join(account, account.c.id == entry.c.account_id)
        .where(entry.c.transaction_id.in_(numbers), account.c.code != code)
        .order_by(entry.c.transaction_id, entry.c.line)
    ):
        partners[number][partner] = None
    return {number: tuple(codes) for number, codes in partners.items()}
