"""Where the records of a list come from: which index is gone along, decided here and not guessed.

Both databases would choose for themselves, and now and then choose to read everything. So the
conditions that are not to be answered by an index are written so that none can answer them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from marketplace.audit.journal.criteria import Criteria, Place
from marketplace.audit.journal.models import JournalAccount, JournalRow
from marketplace.audit.journal.records import UNMOVED_KINDS
from marketplace.credits.reversals import reversal_numbers

NARROW = 1_000
"""So few records are looked through and sorted."""
LOOKED_AT = 2_000
"""So many records are looked at for a total, if no criterion leaves few."""

FLAGS = (JournalRow.out_of_hours, JournalRow.same_person)
"""What is shown of a record besides what the ledger has."""

Condition = sa.ColumnElement[bool]


@dataclass(frozen=True, slots=True)
class Source:
    """Where records come from, in which order, and what they must be.

    ``conditions`` are those by which they are gone along, ``rest`` those that each is tried by.
    """

    criteria: Criteria
    tables: sa.FromClause
    order: tuple[Any, ...]
    conditions: list[Condition]
    rest: list[Condition]
    is_narrow: bool = False

    def page(self, place: Place | None, limit: int) -> sa.Select[*tuple[Any, ...]]:
        """Return the query of the records behind ``place``: number, day and `FLAGS`."""
        query = (
            sa.select(JournalRow.number, JournalRow.effective, *FLAGS)
            .select_from(self.tables)
            .where(*self.conditions, *self.rest)
        )
        if place is not None:
            values = (place.day, place.number)[-len(self.order) :]
            here = sa.tuple_(*self.order)
            there = sa.tuple_(
                *(
                    sa.literal(value, column.type)
                    for value, column in zip(values, self.order, strict=True)
                )
            )
            query = query.where(here < there if self.criteria.newest_first else here > there)
        return query.order_by(*self._order()).limit(limit)

    def totals(self) -> sa.Select[*tuple[Any, ...]]:
        """Return the query of how many records there are, and of their minutes."""
        query = (
            sa.select(
                JournalRow.kind, JournalRow.minutes, sa.and_(sa.true(), *self.rest).label("fits")
            )
            .select_from(self.tables)
            .where(*self.conditions)
        )
        if not self.is_narrow:
            query = query.order_by(*self._order()).limit(LOOKED_AT + 1)
        row = query.subquery().c
        moved = sa.and_(row.fits, row.kind.not_in(UNMOVED_KINDS))
        held = sa.and_(row.fits, row.kind == "hold")
        return sa.select(
            sa.func.count(sa.case((row.fits, 1))).label("records"),
            sa.func.sum(sa.case((moved, row.minutes))).label("moved"),
            sa.func.sum(sa.case((held, row.minutes))).label("held"),
            sa.func.count().label("looked_at"),
        )

    def count(self) -> sa.Select[*tuple[Any, ...]]:
        """Return the query of how many records there are, all looked at."""
        query = sa.select(sa.func.count()).select_from(self.tables)
        return query.where(*self.conditions, *self.rest)

    def _order(self) -> list[Any]:
        newest_first = self.criteria.newest_first
        return [column.desc() if newest_first else column.asc() for column in self.order]


@dataclass(frozen=True, slots=True)
class Choice:
    """One criterion, as conditions on `JournalRow`.

    Attributes:
        numbers: the query of the numbers that fit it.
        indexed: the condition as an index answers it. residual: as no index does.
        leads: whether an index has it before the order.
        account: the account, if it is one. several: whether it is several accounts.
    """

    numbers: sa.Select[Any] | sa.CompoundSelect[Any]
    indexed: Condition
    residual: Condition
    leads: bool = False
    is_period: bool = False
    account: str | None = None
    several: bool = False

    def size(self) -> sa.ScalarSelect[int]:
        """Return the query of how many records fit it, or of one more than are few."""
        numbers = self.numbers.subquery()
        few = sa.select(numbers.c.number).limit(NARROW + 1).subquery()
        return sa.select(sa.func.count()).select_from(few).scalar_subquery()


def choose_source(session: Session, criteria: Criteria) -> Source:
    """Choose where the records come from: the criterion that leaves few, or else an order."""
    choices = _choices(criteria)
    always: list[Condition] = []
    if criteria.moved:
        always.append(JournalRow.kind.not_in(UNMOVED_KINDS))
    by_day = (JournalRow.effective, JournalRow.number)
    order = by_day if criteria.by_day else by_day[1:]
    rows = JournalRow.__table__
    if not choices:
        return Source(criteria, rows, order, [], always)
    sizes = session.execute(sa.select(*(choice.size() for choice in choices))).one()
    number = min(range(len(choices)), key=lambda number: sizes[number])
    is_narrow = sizes[number] <= NARROW
    chosen = choices[number] if is_narrow else next((one for one in choices if one.several), None)
    if chosen is not None:
        candidates = chosen.numbers.cte("candidate").prefix_with("MATERIALIZED")
        among = JournalRow.number.in_(sa.select(candidates.c.number))
        rest = [choice.residual for choice in choices if choice is not chosen]
        return Source(criteria, rows, order, [among], rest + always, is_narrow)
    along = next((choice for choice in choices if choice.account is not None), None)
    if along is not None:
        return _along_account(criteria, along, choices, always)
    leading = next((choice for choice in choices if choice.leads), None)
    conditions, rest = [], list(always)
    for choice in choices:
        if choice is leading or choice.is_period:
            conditions.append(choice.indexed)
        else:
            rest.append(choice.residual)
    return Source(criteria, rows, order, conditions, rest)


def _along_account(
    criteria: Criteria, along: Choice, choices: list[Choice], always: list[Condition]
) -> Source:
    """Go along the records of one account."""
    account = JournalAccount
    order: tuple[Any, ...] = (account.number,)
    conditions: list[Condition] = [account.code == along.account]
    if criteria.by_day:
        order = (account.effective, account.number)
        conditions.append(_within(account.effective, criteria))
    rest = [one.residual for one in choices if one is not along and not one.is_period]
    tables = sa.join(account, JournalRow, JournalRow.number == account.number)
    return Source(criteria, tables, order, conditions, rest + always)


def _choices(criteria: Criteria) -> list[Choice]:
    """The criteria that are set, but for ``moved``, which never leaves few."""
    row = JournalRow
    choices = [_of_accounts(codes) for codes in criteria.accounts]
    if criteria.kind is not None:
        kind, same = criteria.kind, row.kind.concat("")
        choices.append(_of_rows(row.kind == kind, same == kind, leads=True))
    if criteria.people is not None:
        people = sorted(criteria.people)
        choices.append(
            _of_rows(
                row.person_id == people[0] if len(people) == 1 else row.person_id.in_(people),
                (row.person_id + 0).in_(people),
                leads=len(people) == 1 and not criteria.by_day,
            )
        )
    if criteria.least is not None or criteria.most is not None:
        bounds = criteria.least, criteria.most
        choices.append(_of_rows(_between(row.minutes, *bounds), _between(row.minutes + 0, *bounds)))
    if criteria.reversal:
        among = row.number.in_(reversal_numbers())
        choices.append(Choice(reversal_numbers(), among, among))
    if criteria.out_of_hours:
        outside = row.out_of_hours == sa.true()
        choices.append(_of_rows(outside, outside, leads=True))
    if criteria.same_person:
        marked = row.same_person == sa.true()
        choices.append(_of_rows(marked, marked))
    if criteria.by_day:
        day = sa.func.coalesce(row.effective, row.effective, type_=sa.Date())
        within, anyhow = _within(row.effective, criteria), _within(day, criteria)
        choices.append(_of_rows(within, anyhow, is_period=True))
    return choices


def _of_accounts(codes: frozenset[str]) -> Choice:
    account, some = JournalAccount, sorted(codes)
    numbers = sa.select(account.number).where(account.code.in_(some))
    has_one = (
        sa.exists()
        .where(account.number == JournalRow.number, account.code.in_(some))
        .correlate(JournalRow)
    )
    if len(some) == 1:
        return Choice(numbers, has_one, has_one, account=some[0])
    return Choice(numbers.distinct(), has_one, has_one, several=True)


def _of_rows(
    indexed: Condition, residual: Condition, *, leads: bool = False, is_period: bool = False
) -> Choice:
    numbers = sa.select(JournalRow.number).where(indexed)
    return Choice(numbers, indexed, residual, leads=leads, is_period=is_period)


def _between(column: Any, least: int | None, most: int | None) -> Condition:
    conditions = [] if least is None else [column >= least]
    conditions += [] if most is None else [column <= most]
    return sa.and_(*conditions)


def _within(column: Any, criteria: Criteria) -> Condition:
    """That a day is within the period."""
    return _between(column, criteria.start, criteria.end)  # type: ignore[arg-type]
