"""The figures of a statement: what was given, received and otherwise moved in a period.

All amounts are whole minutes. A period's entries are those recorded on its days in London.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from ledger import schema
from ledger.schema.days import day_sql
from marketplace.credits.chart import SCHOOLS
from marketplace.statements.movements import (
    account,
    entry,
    exchange,
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
    first topic of the listing (``None``: it has none), ``by_month_and_partner`` both at once. Only
    schools' accounts have partners and topics.
    """

    opening: int = 0
    by_month: Mapping[date, Moved] = field(default_factory=dict)
    by_partner: Mapping[str | None, Moved] = field(default_factory=dict)
    by_topic: Mapping[str | None, Moved] = field(default_factory=dict)
    by_month_and_partner: Mapping[tuple[date, str | None], Moved] = field(
        default_factory=dict, compare=False
    )

    @property
    def closing(self) -> int:
        """The balance at the end of the period."""
        return self.opening + self.net


def figures_of(session: Session, codes: Sequence[str], period: Period) -> Figures:
    """Return the figures of some accounts together; three statements at most.

    What one of them gives another counts as given and as received.
    """
    return _together(figures_by_account(session, codes, period).values())


def figures_by_account(
    session: Session, codes: Sequence[str], period: Period
) -> dict[str, Figures]:
    """Return the figures of each of some accounts; three statements at most.

    An account that does not exist is left out.
    """
    return _figures(session, codes, (period, None))[0]


def figures_with_before(
    session: Session, code: str, period: Period, before: Period | None
) -> tuple[Figures, Figures | None]:
    """Return the figures of an account in a period, and in the one it is compared with.

    They cost as many statements as one. The periods must not overlap.
    """
    current, former = _figures(session, [code], (period, before))
    return current[code], former[code] if before is not None else None


def _figures(
    session: Session,
    codes: Sequence[str],
    periods: tuple[Period, Period | None],
) -> tuple[dict[str, Figures], dict[str, Figures]]:
    """The figures of accounts in a period and in another one, in which nothing is if it is None."""
    current, former = periods
    former = former or Period(current.start, current.start - timedelta(days=1))
    bounds = {
        "begins_at": current.begins_at,
        "ends_at": current.ends_at,
        "former_begins_at": former.begins_at,
        "former_ends_at": former.ends_at,
    }
    openings = {
        row.code: (int(row.opening), int(row.former_opening))
        for row in session.execute(_openings(), {"codes": codes, **bounds})
    }
    schools = [code for code in openings if code.startswith(SCHOOLS)]
    others = [code for code in openings if not code.startswith(SCHOOLS)]
    parts = {code: (_Parts(), _Parts()) for code in openings}
    month = _month_sql(session)
    if schools:
        query = _rows_of_schools(month)
        for row in session.execute(query, {"codes": schools, **bounds}):
            parts[row.code][row.is_former].add(row)
    if others:
        for row in session.execute(_rows_of_others(month), {"codes": others, **bounds}):
            parts[row.code][row.is_former].months[_month(row.month)] += Moved(
                other=int(row.minutes)
            )
    return (
        {code: parts[code][0].figures(opening) for code, (opening, _) in openings.items()},
        {code: parts[code][1].figures(opening) for code, (_, opening) in openings.items()},
    )


@cache
def _openings() -> sa.Select[Any]:
    """The balances of accounts when two periods began."""

    def balance_at(name: str) -> sa.ColumnElement[int]:
        last = (
            sa.select(entry.c.balance)
            .where(
                entry.c.account_id == account.c.id,
                entry.c.recorded_at < sa.bindparam(name, type_=schema.Instant),
            )
            .order_by(entry.c.version.desc())
            .limit(1)
            .scalar_subquery()
        )
        return sa.func.coalesce(last, 0)

    return sa.select(
        account.c.code,
        balance_at("begins_at").label("opening"),
        balance_at("former_begins_at").label("former_opening"),
    ).where(_is_one_of_codes())


class _Parts:
    """The figures of one account while its rows are added up."""

    def __init__(self) -> None:
        self.months: defaultdict[date, Moved] = defaultdict(Moved)
        self.partners: defaultdict[str | None, Moved] = defaultdict(Moved)
        self.topics: defaultdict[str | None, Moved] = defaultdict(Moved)
        self.months_and_partners: defaultdict[tuple[date, str | None], Moved] = defaultdict(Moved)

    def add(self, row: sa.Row[Any]) -> None:
        minutes = int(row.minutes)
        if not row.is_help:
            moved = Moved(other=minutes)
        elif row.is_given:
            moved = Moved(given=minutes)
        else:
            moved = Moved(received=-minutes)
        month = _month(row.month)
        self.months[month] += moved
        self.partners[row.partner] += moved
        self.months_and_partners[month, row.partner] += moved
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
            by_month_and_partner=dict(self.months_and_partners),
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


@cache
def _rows_of_schools(month: str) -> sa.Select[Any]:
    """What moved on schools' accounts, by period, month, partner, topic and which way."""
    groups: tuple[sa.ColumnElement[Any], ...] = (
        account.c.code.label("code"),
        _is_former().label("is_former"),
        sa.literal_column(month).label("month"),
        other_account.c.code.label("partner"),
        topic.label("topic"),
        exchange.c.id.is_not(None).label("is_help"),
        is_given.label("is_given"),
    )
    return (
        sa.select(*groups, sa.func.sum(entry.c.amount).label("minutes"))
        .select_from(movements())
        .where(_is_one_of_codes(), _in_periods())
        .group_by(*(sa.literal_column(str(place)) for place in range(1, len(groups) + 1)))
    )


@cache
def _rows_of_others(month: str) -> sa.Select[Any]:
    """What moved on the network's own accounts, by period and month: they have many partners."""
    groups: tuple[sa.ColumnElement[Any], ...] = (
        account.c.code.label("code"),
        _is_former().label("is_former"),
        sa.literal_column(month).label("month"),
    )
    return (
        sa.select(*groups, sa.func.sum(entry.c.amount).label("minutes"))
        .join_from(entry, account, account.c.id == entry.c.account_id)
        .where(_is_one_of_codes(), _in_periods())
        .group_by(*(sa.literal_column(str(place)) for place in range(1, len(groups) + 1)))
    )


def _is_one_of_codes() -> sa.ColumnElement[bool]:
    return account.c.code.in_(sa.bindparam("codes", expanding=True))


def _is_former() -> sa.ColumnElement[bool]:
    """Whether an entry of one of the two periods is of the former one."""
    return _is_within("former_begins_at", "former_ends_at")


def _in_periods() -> sa.ColumnElement[bool]:
    return sa.or_(_is_within("begins_at", "ends_at"), _is_former())


def _is_within(first: str, last: str) -> sa.ColumnElement[bool]:
    return sa.and_(
        entry.c.recorded_at >= sa.bindparam(first, type_=schema.Instant),
        entry.c.recorded_at < sa.bindparam(last, type_=schema.Instant),
    )


def _month_sql(session: Session) -> str:
    """SQL for the month in London in which an entry was recorded, such as "2026-11"."""
    connection = session.connection()
    day = day_sql(connection, f"{entry.name}.recorded_at")
    if connection.dialect.name == "postgresql":
        return f"to_char({day}, 'YYYY-MM')"
    return f"substr({day}, 1, 7)"


def _month(text: str) -> date:
    return date.fromisoformat(f"{text}-01")
