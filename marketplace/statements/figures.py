"""The figures of a statement: what was given, received and otherwise moved in a period.

All amounts are whole minutes. A period's entries are those recorded on its days in London.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from ledger.schema.days import day_sql
from marketplace.credits.chart import SCHOOLS
from marketplace.exchanges.models import Exchange
from marketplace.statements.movements import (
    account,
    entry,
    is_given,
    movements,
    other_account,
    topic,
)
from marketplace.statements.period import Period


@dataclass(frozen=True, slots=True)
class Moved:
    """Minutes that moved: ``given`` were earned by help given, ``received`` paid for help received.

    ``other`` came by anything else, such as a grant; it is below zero if more went than came.
    """

    given: int = 0
    received: int = 0
    other: int = 0

    @property
    def net(self) -> int:
        """By how much the balance has grown."""
        return self.given - self.received + self.other

    def __add__(self, moved: Moved) -> Moved:
        """Return both together."""
        return Moved(
            self.given + moved.given, self.received + moved.received, self.other + moved.other
        )


@dataclass(frozen=True, slots=True)
class Figures(Moved):
    """What a period came to, and its parts, each of which adds up to the whole.

    ``by_month`` has the first day of each month in which something moved, ``by_partner`` the code
    of the account on the other side (``None``: several at once), ``by_topic`` help only, by the
    first topic of the listing (``None``: it has none). Only schools' accounts have partners and
    topics.
    """

    opening: int = 0
    by_month: Mapping[date, Moved] = field(default_factory=dict)
    by_partner: Mapping[str | None, Moved] = field(default_factory=dict)
    by_topic: Mapping[str | None, Moved] = field(default_factory=dict)

    @property
    def closing(self) -> int:
        """The balance at the end of the period."""
        return self.opening + self.net


def figures_of(
    session: Session, codes: Sequence[str], period: Period, *, outside_only: bool = False
) -> Figures:
    """Return the figures of some accounts together; three statements however many.

    What one of them gives another counts as given and as received. With ``outside_only`` it is
    left out of all figures but the balances, whose sum it does not change.
    """
    by_account = figures_by_account(session, codes, period, outside_only=outside_only)
    return _together(by_account.values())


def figures_by_account(
    session: Session, codes: Sequence[str], period: Period, *, outside_only: bool = False
) -> dict[str, Figures]:
    """Return the figures of each of some accounts; three statements however many.

    With ``outside_only`` what moved between them is left out of all figures but the opening
    balances: then the closing balance of each is without it, too, and only their sum is right.
    """
    openings = balances_before(session, codes, period.start)
    schools = [code for code in openings if code.startswith(SCHOOLS)]
    parts = {code: _Parts() for code in openings}
    if schools:
        for row in _rows_of_schools(session, schools, period, outside_only):
            parts[row.code].add(row)
    if others := openings.keys() - set(schools):
        for row in _rows_of_others(session, sorted(others), period):
            parts[row.code].months[_month(row.month)] += Moved(other=int(row.minutes))
    return {code: parts[code].figures(opening) for code, opening in openings.items()}


def balances_before(session: Session, codes: Sequence[str], day: date) -> dict[str, int]:
    """Return the balances of accounts when ``day`` began, in one statement.

    An account that does not exist is left out.
    """
    last = (
        sa.select(entry.c.balance)
        .where(entry.c.account_id == account.c.id, entry.c.recorded_at < Period(day, day).begins_at)
        .order_by(entry.c.version.desc())
        .limit(1)
        .scalar_subquery()
    )
    rows = session.execute(
        sa.select(account.c.code, sa.func.coalesce(last, 0)).where(account.c.code.in_(codes))
    )
    return {code: int(balance) for code, balance in rows}


class _Parts:
    """The figures of one account while its rows are added up."""

    def __init__(self) -> None:
        self.months: defaultdict[date, Moved] = defaultdict(Moved)
        self.partners: defaultdict[str | None, Moved] = defaultdict(Moved)
        self.topics: defaultdict[str | None, Moved] = defaultdict(Moved)

    def add(self, row: sa.Row[Any]) -> None:
        minutes = int(row.minutes)
        if not row.is_help:
            moved = Moved(other=minutes)
        elif row.is_given:
            moved = Moved(given=minutes)
        else:
            moved = Moved(received=-minutes)
        self.months[_month(row.month)] += moved
        self.partners[row.partner] += moved
        if row.is_help:
            self.topics[row.topic] += moved

    def figures(self, opening: int) -> Figures:
        total = sum(self.months.values(), Moved())
        return Figures(
            given=total.given,
            received=total.received,
            other=total.other,
            opening=opening,
            by_month=dict(sorted(self.months.items())),
            by_partner=dict(self.partners),
            by_topic=dict(self.topics),
        )


def _together(figures: Iterable[Figures]) -> Figures:
    parts, opening = _Parts(), 0
    for part in figures:
        opening += part.opening
        for month, moved in part.by_month.items():
            parts.months[month] += moved
        for partner, moved in part.by_partner.items():
            parts.partners[partner] += moved
        for topic_slug, moved in part.by_topic.items():
            parts.topics[topic_slug] += moved
    return parts.figures(opening)


def _rows_of_schools(
    session: Session, codes: Sequence[str], period: Period, outside_only: bool
) -> Iterable[sa.Row[Any]]:
    """What moved on schools' accounts, by month, partner, topic and which way."""
    groups = (
        account.c.code.label("code"),
        _month_sql(session).label("month"),
        other_account.c.code.label("partner"),
        topic.label("topic"),
        Exchange.id.is_not(None).label("is_help"),
        is_given.label("is_given"),
    )
    query = (
        sa.select(*groups, sa.func.sum(entry.c.amount).label("minutes"))
        .select_from(movements())
        .where(*_in_period(codes, period))
        .group_by(*(sa.literal_column(str(place)) for place in range(1, len(groups) + 1)))
    )
    if outside_only:
        outside = other_account.c.code.not_in(codes)
        query = query.where(sa.or_(other_account.c.code.is_(None), outside))
    return session.execute(query)


def _rows_of_others(
    session: Session, codes: Sequence[str], period: Period
) -> Iterable[sa.Row[Any]]:
    """What moved on the network's own accounts, by month: they have very many partners."""
    month = _month_sql(session)
    return session.execute(
        sa.select(
            account.c.code.label("code"),
            month.label("month"),
            sa.func.sum(entry.c.amount).label("minutes"),
        )
        .join_from(entry, account, account.c.id == entry.c.account_id)
        .where(*_in_period(codes, period))
        .group_by(sa.literal_column("1"), sa.literal_column("2"))
    )


def _in_period(codes: Sequence[str], period: Period) -> tuple[sa.ColumnElement[bool], ...]:
    return (
        account.c.code.in_(codes),
        entry.c.recorded_at >= period.begins_at,
        entry.c.recorded_at < period.ends_at,
    )


def _month_sql(session: Session) -> sa.ColumnElement[str]:
    """The month in London in which an entry was recorded, such as "2026-11"."""
    connection = session.connection()
    day: sa.ColumnElement[Any] = sa.literal_column(day_sql(connection, f"{entry.name}.recorded_at"))
    if connection.dialect.name == "postgresql":
        return sa.func.to_char(day, "YYYY-MM")
    return sa.func.substr(day, 1, 7)


def _month(text: str) -> date:
    return date.fromisoformat(f"{text}-01")
