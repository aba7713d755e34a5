"""The figures of a statement: what was given, received and otherwise moved in a period.

All amounts are whole minutes. A period's entries are those recorded on its days in London.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cache, lru_cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from ledger import schema
from ledger.schema.days import day_sql
from marketplace.credits.chart import SCHOOLS
from marketplace.statements.movements import (
    OWN,
    account,
    causes,
    entry,
    exchange,
    is_given,
    movements,
    other_account,
    own_entries,
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


def figures_of(session: Session, code: str, period: Period) -> Figures:
    """Return the figures of an account; two statements."""
    return figures_by_account(session, [code], period)[code]


def figures_by_account(
    session: Session, codes: Sequence[str], period: Period
) -> dict[str, Figures]:
    """Return the figures of each of some accounts; three statements at most.

    An account that does not exist is left out.
    """
    values = {"begins_at": period.begins_at, "ends_at": period.ends_at}
    parts: dict[str, _Parts] = {}
    schools = [code for code in codes if code.startswith(SCHOOLS)]
    others = [code for code in codes if not code.startswith(SCHOOLS)]
    if schools:
        query = _rows_of_schools(_month_sql(session, OWN), len(schools) > 1)
        for code, *row in session.execute(query, {**_codes(schools), **values}).all():
            part = parts.get(code)
            if part is None:
                part = parts[code] = _Parts(has_partners=True)
            part.add(*row)
    if others:
        month = _month_sql(session, entry.name)
        rows = session.execute(_sums_by_month(month, len(others) > 1), {**_codes(others), **values})
        for code, month_name, minutes in rows:
            part = parts.setdefault(code, _Parts(has_partners=False))
            part.add(None, 0, minutes, month_name, None, None, False, False)
    figures = {code: part.figures() for code, part in parts.items()}
    # What is known of no entry of the period is the balance before it.
    unknown = [code for code in codes if code not in parts or parts[code].opening is None]
    if unknown:
        rows = session.execute(_openings(len(unknown) > 1), {**_codes(unknown), **values})
        for code, opening in rows:
            figures[code] = replace(figures.get(code, Figures()), opening=int(opening))
    return figures


def figures_with_before(
    session: Session, code: str, period: Period, before: Period | None
) -> tuple[Figures, Moved | None]:
    """Return the figures of an account in a period, and what moved in the one it is compared with.

    Three statements at most.
    """
    current = figures_of(session, code, period)
    return current, _moved_in(session, code, before) if before is not None else None


def moved_by_month(session: Session, code: str, period: Period) -> dict[date, int]:
    """Return by how many minutes the balance of an account grew in each month of a period.

    A month is named by its first day; one in which nothing moved is left out. One statement, and a
    row a month, however many entries there are.
    """
    values = {"code": code, "begins_at": period.begins_at, "ends_at": period.ends_at}
    rows = session.execute(_sums_by_month(_month_sql(session, entry.name), False), values)
    return {_month(month): int(minutes) for _code, month, minutes in rows}


def _moved_in(session: Session, code: str, period: Period) -> Moved:
    """What moved on an account in a period, without its parts."""
    values = {"code": code, "begins_at": period.begins_at, "ends_at": period.ends_at}
    if not code.startswith(SCHOOLS):
        return Moved(other=int(session.scalar(_sum(), values) or 0))
    sums = [0, 0, 0]
    for is_help, given, minutes in session.execute(_sums_by_sort(), values):
        place, sign = _place(is_help, given)
        sums[place] += sign * int(minutes)
    return Moved(*sums)


def _place(is_help: bool, given: bool) -> tuple[int, int]:
    """Which figure of `Moved` an amount is added to, and with which sign."""
    if not is_help:
        return 2, 1
    return (0, 1) if given else (1, -1)


@cache
def _openings(several: bool) -> sa.Select[Any]:
    """The balances of accounts when a period began."""
    last = (
        sa.select(entry.c.balance)
        .where(
            entry.c.account_id == account.c.id,
            entry.c.recorded_at < sa.bindparam("begins_at", type_=schema.Instant),
        )
        .order_by(entry.c.version.desc())
        .limit(1)
        .scalar_subquery()
    )
    return sa.select(account.c.code, sa.func.coalesce(last, 0)).where(_is_of_them(several))


class _Parts:
    """The figures of one account while its rows are added up.

    Each part is a list of what `Moved` has: making that for every row takes longer than the sums.
    """

    def __init__(self, *, has_partners: bool) -> None:
        self.has_partners = has_partners
        self.opening: int | None = None
        self.first_version = 0
        self.by_month_and_partner: dict[tuple[str, str | None], list[int]] = {}
        self.by_topic: dict[str | None, list[int]] = {}

    def add(
        self,
        version: int | None,
        balance: int,
        minutes: int,
        month: str,
        partner: str | None,
        topic: str | None,
        is_help: bool,
        given: bool,
    ) -> None:
        minutes = int(minutes)
        if version is not None and (self.opening is None or version < self.first_version):
            self.first_version, self.opening = version, balance - minutes
        place, sign = _place(is_help, given)
        _part(self.by_month_and_partner, (month, partner))[place] += sign * minutes
        if is_help:
            _part(self.by_topic, topic)[place] += sign * minutes

    def figures(self) -> Figures:
        total = [0, 0, 0]
        by_month: dict[str, list[int]] = {}
        by_partner: dict[str | None, list[int]] = {}
        for (month, partner), sums in self.by_month_and_partner.items():
            for part in (total, _part(by_month, month), _part(by_partner, partner)):
                for place, minutes in enumerate(sums):
                    part[place] += minutes
        return Figures(
            given=total[0],
            received=total[1],
            other=total[2],
            opening=self.opening or 0,
            by_month={_month(month): Moved(*by_month[month]) for month in sorted(by_month)},
            by_partner={
                partner: Moved(*sums) for partner, sums in by_partner.items() if self.has_partners
            },
            by_topic={slug: Moved(*sums) for slug, sums in self.by_topic.items()},
            by_month_and_partner={
                (_month(month), partner): Moved(*sums)
                for (month, partner), sums in self.by_month_and_partner.items()
            },
        )


def _part(parts: dict[Any, list[int]], key: Any) -> list[int]:
    part = parts.get(key)
    if part is None:
        part = parts[key] = [0, 0, 0]
    return part


@cache
def _rows_of_schools(month: str, several: bool) -> sa.CompoundSelect[Any]:
    """The entries of schools' accounts: month, partner, topic, whether it is help, and which way.

    They are not added up here: hardly two have all of these in common.
    """
    own = own_entries(_is_of_them(several), _in_period())

    def found(table: sa.FromClause, *what: sa.ColumnElement[Any]) -> sa.Select[Any]:
        amounts = own.c.code, own.c.version, own.c.balance, own.c.amount
        return sa.select(*amounts, sa.literal_column(month), *what).select_from(table)

    kept = found(
        own,
        own.c.partner,
        own.c.topic,
        own.c.exchange_id.is_not(None),
        own.c.is_given,
    ).where(own.c.is_kept)
    looked_up = found(
        movements(own),
        other_account.c.code,
        exchange.c.topic,
        exchange.c.id.is_not(None),
        is_given(own),
    ).where(~own.c.is_kept)
    return sa.union_all(kept, looked_up)


@cache
def _sums_by_month(month: str, several: bool) -> sa.Select[Any]:
    """What moved on accounts, by month: of the network's own, which have many partners, all."""
    groups: tuple[sa.ColumnElement[Any], ...] = (account.c.code, sa.literal_column(month))
    return (
        sa.select(*groups, sa.func.sum(entry.c.amount))
        .join_from(entry, account, account.c.id == entry.c.account_id)
        .where(_is_of_them(several), _in_period())
        .group_by(account.c.code, sa.literal_column("2"))
    )


@cache
def _sums_by_sort() -> sa.CompoundSelect[Any]:
    """What moved on the account of a school, by whether it is help, and which way."""
    own = own_entries(_is_of_them(several=False), _in_period())

    def added_up(table: sa.FromClause, *groups: sa.ColumnElement[Any]) -> sa.Select[Any]:
        query = sa.select(*groups, sa.func.sum(own.c.amount)).select_from(table)
        return query.group_by(*groups)

    kept = added_up(own, own.c.exchange_id.is_not(None), own.c.is_given)
    looked_up = added_up(causes(own), exchange.c.id.is_not(None), is_given(own))
    return sa.union_all(kept.where(own.c.is_kept), looked_up.where(~own.c.is_kept))


@cache
def _sum() -> sa.Select[Any]:
    """What moved on an account."""
    return (
        sa.select(sa.func.sum(entry.c.amount))
        .join_from(entry, account, account.c.id == entry.c.account_id)
        .where(account.c.code == sa.bindparam("code"), _in_period())
    )


def _codes(codes: Sequence[str]) -> dict[str, Any]:
    """The parameters of `_is_of_them`."""
    return {"codes": list(codes)} if len(codes) > 1 else {"code": codes[0]}


def _is_of_them(several: bool) -> sa.ColumnElement[bool]:
    """That an account is one of several, or is the one.

    PostgreSQL takes any list to be of many, and plans such a statement anew each time.
    """
    if several:
        return schema.is_one_of(account.c.code, "codes")
    return account.c.code == sa.bindparam("code")


def _in_period() -> sa.ColumnElement[bool]:
    return sa.and_(
        entry.c.recorded_at >= sa.bindparam("begins_at", type_=schema.Instant),
        entry.c.recorded_at < sa.bindparam("ends_at", type_=schema.Instant),
    )


def _month_sql(session: Session, entries: str) -> str:
    """SQL for the month in London in which each of ``entries`` was recorded ("2026-11")."""
    connection = session.connection()
    day = day_sql(connection, f"{entries}.recorded_at")
    if connection.dialect.name == "postgresql":
        return f"to_char({day}, 'YYYY-MM')"
    return f"substr({day}, 1, 7)"


@lru_cache(maxsize=1000)
def _month(text: str) -> date:
    return date.fromisoformat(f"{text}-01")
