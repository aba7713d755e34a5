"""Where the records of a list come from: which index is gone along, decided here and not guessed.

Both databases would choose for themselves, and now and then choose to read everything. So the
conditions that are not to be answered by an index are written so that none can answer them.

A statement is made once for all criteria of a shape, with parameters for what they ask: making it
anew takes longer than the database needs for a page.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.orm import Session

from ledger.schema import is_one_of
from marketplace.audit.journal.criteria import Criteria, Place
from marketplace.audit.journal.models import JournalAccount, JournalRow
from marketplace.audit.journal.records import UNMOVED_KINDS
from marketplace.credits.reversals import reversal_numbers

NARROW = 1_000
"""So few records are looked through and sorted."""
LOOKED_AT = 1_000
"""So many records are looked at for a total, if no criterion leaves few."""

_row, _account = JournalRow.__table__.c, JournalAccount.__table__.c

SHOWN = (_row.number, _row.effective, _row.out_of_hours, _row.same_person)
"""What is shown of a record besides what the ledger has."""

Condition = sa.ColumnElement[bool]
Asked = tuple[sa.Select[*tuple[Any, ...]], dict[str, Any]]
"""A statement, and the values of its parameters."""


class Shape(NamedTuple):
    """Which criteria are set; ``several_accounts`` says of each set of accounts if it is many."""

    on_postgresql: bool
    start: bool
    end: bool
    several_accounts: tuple[bool, ...]
    kind: bool
    least: bool
    most: bool
    people: bool
    several_people: bool
    moved: bool
    reversal: bool
    out_of_hours: bool
    same_person: bool
    newest_first: bool

    @classmethod
    def of(cls, criteria: Criteria, *, on_postgresql: bool) -> Shape:
        """Return the shape of ``criteria``."""
        return cls(
            on_postgresql=on_postgresql,
            start=criteria.start is not None,
            end=criteria.end is not None,
            several_accounts=tuple(len(codes) != 1 for codes in criteria.accounts),
            kind=criteria.kind is not None,
            least=criteria.least is not None,
            most=criteria.most is not None,
            people=criteria.people is not None,
            several_people=criteria.people is not None and len(criteria.people) != 1,
            moved=criteria.moved,
            reversal=criteria.reversal,
            out_of_hours=criteria.out_of_hours,
            same_person=criteria.same_person,
            newest_first=criteria.newest_first,
        )

    @property
    def by_day(self) -> bool:
        """Whether the order is by day."""
        return self.start or self.end


def _values(criteria: Criteria) -> dict[str, Any]:
    """What ``criteria`` ask, by the names of parameters."""
    values = {
        name: getattr(criteria, name) for name in ("start", "end", "kind", "least", "most")
    } | {"narrow": NARROW + 1, "looked_at": LOOKED_AT + 1}
    if criteria.people is not None:
        values["people"] = _one_or_several(sorted(criteria.people))
        values["all_people"] = sorted(criteria.people)
    for number, codes in enumerate(criteria.accounts):
        values[f"codes_{number}"] = _one_or_several(sorted(codes))
    return values


def _one_or_several(values: Sequence[Any]) -> Any:
    return values[0] if len(values) == 1 else values


@dataclass(frozen=True)
class Way:
    """A way to the records of one shape.

    ``conditions`` are those by which they are gone along, ``rest`` those that each is tried by.
    ``of_accounts`` are the kinds and the minutes of the same records where these can be read with
    the accounts they are about.
    """

    shape: Shape
    tables: sa.FromClause
    order: tuple[Any, ...]
    conditions: list[Condition]
    rest: list[Condition]
    is_narrow: bool = False
    of_accounts: sa.Select[*tuple[Any, ...]] | None = None

    @cached_property
    def first_page(self) -> sa.Select[*tuple[Any, ...]]:
        """The statement of the first records: `SHOWN` of each."""
        return (
            sa.select(*SHOWN)
            .select_from(self.tables)
            .where(*self.conditions, *self.rest)
            .order_by(*self._order())
            .limit(sa.bindparam("limit", type_=sa.Integer))
        )

    @cached_property
    def next_page(self) -> sa.Select[*tuple[Any, ...]]:
        """The statement of the records behind a place."""
        names = ("place_day", "place_number")[-len(self.order) :]
        here = sa.tuple_(*self.order)
        there = sa.tuple_(
            *(
                sa.bindparam(name, type_=column.type)
                for name, column in zip(names, self.order, strict=True)
            )
        )
        return self.first_page.where(here < there if self.shape.newest_first else here > there)

    @cached_property
    def totals(self) -> sa.Select[*tuple[Any, ...]]:
        """The statement of how many records there are, and of their minutes."""
        if self.of_accounts is not None and not self.rest:
            query = self.of_accounts
        else:
            query = (
                sa.select(_row.kind, _row.minutes, sa.and_(sa.true(), *self.rest).label("fits"))
                .select_from(self.tables)
                .where(*self.conditions)
            )
        if not self.is_narrow:
            most = sa.bindparam("looked_at", type_=sa.Integer)
            query = query.order_by(*self._order(self.of_accounts is query)).limit(most)
        row = query.subquery().c
        moved = sa.and_(row.fits, row.kind.not_in(UNMOVED_KINDS))
        held = sa.and_(row.fits, row.kind == "hold")
        return sa.select(
            sa.func.count(sa.case((row.fits, 1))).label("records"),
            sa.func.sum(sa.case((moved, row.minutes))).label("moved"),
            sa.func.sum(sa.case((held, row.minutes))).label("held"),
            sa.func.count().label("looked_at"),
        )

    @cached_property
    def count(self) -> sa.Select[*tuple[Any, ...]]:
        """The statement of how many records there are, all looked at."""
        query = sa.select(sa.func.count()).select_from(self.tables)
        return query.where(*self.conditions, *self.rest)

    def _order(self, of_accounts: bool = False) -> list[Any]:
        newest_first = self.shape.newest_first
        columns = [_account[column.name] for column in self.order] if of_accounts else self.order
        return [column.desc() if newest_first else column.asc() for column in columns]


@dataclass(frozen=True, slots=True)
class Source:
    """Where the records come from that fit some criteria."""

    way: Way
    values: dict[str, Any]

    @property
    def is_narrow(self) -> bool:
        """Whether one criterion leaves so few records that all of them are looked at."""
        return self.way.is_narrow

    def page(self, place: Place | None, limit: int) -> Asked:
        """Return how to ask for the records behind ``place``: `SHOWN` of each."""
        values = self.values | {"limit": limit}
        if place is None:
            return self.way.first_page, values
        return self.way.next_page, values | {"place_day": place.day, "place_number": place.number}

    def totals(self) -> Asked:
        """Return how to ask how many records there are, and for their minutes."""
        return self.way.totals, self.values

    def count(self) -> Asked:
        """Return how to ask how many records there are, all looked at."""
        return self.way.count, self.values


@dataclass(frozen=True, slots=True)
class Choice:
    """One criterion, as conditions on `JournalRow`.

    Attributes:
        numbers: the query of the numbers that fit it.
        indexed: the condition as an index answers it. residual: as no index does.
        leads: whether an index has it before the order.
        ordered: whether an index has what fits it in the order of the list.
        of_accounts: whether it is of accounts, and of the period as well.
        account: the condition on `JournalAccount`, if it is one account. several: if it is many.
        sums: the query of the kinds and the minutes of what fits, if it is of accounts.
    """

    numbers: sa.Select[Any] | sa.CompoundSelect[Any]
    indexed: Condition
    residual: Condition
    leads: bool = False
    ordered: bool = False
    is_period: bool = False
    of_accounts: bool = False
    account: Condition | None = None
    several: bool = False
    sums: sa.Select[*tuple[Any, ...]] | None = None

    def size(self) -> sa.ScalarSelect[int]:
        """Return the query of how many records fit it, or of one more than are few."""
        most = sa.bindparam("narrow", type_=sa.Integer)
        few = sa.select(self.numbers.subquery().c.number).limit(most).subquery()
        return sa.select(sa.func.count()).select_from(few).scalar_subquery()


def choose_source(session: Session, criteria: Criteria) -> Source:
    """Choose where the records come from: the criterion that leaves few, or else an order."""
    on_postgresql = session.get_bind().dialect.name == "postgresql"
    shape = Shape.of(criteria, on_postgresql=on_postgresql)
    values = _values(criteria)
    sizes_query = _sizes(shape)
    if sizes_query is None:
        return Source(_way(shape, None), values)
    sizes = session.execute(sizes_query, values).one()
    counted = [number for number, size in enumerate(sizes) if size is not None]
    number = min(counted, key=lambda number: sizes[number])
    narrow = number if sizes[number] <= NARROW else None
    return Source(_way(shape, narrow), values)


@lru_cache(500)
def _sizes(shape: Shape) -> sa.Select[*tuple[Any, ...]] | None:
    """The statement of how many records fit each criterion; None where that makes no difference.

    Where few fit the first, which is of an account if there is one, the others are not counted.
    """
    choices = _choices(shape)
    if not choices or (len(choices) == 1 and (choices[0].ordered or choices[0].several)):
        return None
    first, *others = (choice.size() for choice in choices)
    few = first <= sa.bindparam("narrow", type_=sa.Integer) - 1
    return sa.select(first, *(sa.case((few, sa.null()), else_=size) for size in others))


@lru_cache(500)
def _way(shape: Shape, narrow: int | None) -> Way:
    """The way along the criterion of number ``narrow``, which leaves few, or along an order."""
    choices = _choices(shape)
    always: list[Condition] = []
    if shape.moved:
        always.append(_row.kind.not_in(UNMOVED_KINDS))
    by_day = (_row.effective, _row.number)
    order = by_day if shape.by_day else by_day[1:]
    rows = JournalRow.__table__
    chosen = next((one for one in choices if one.several), None)
    if narrow is not None:
        chosen = choices[narrow]
    if chosen is not None:
        among = _among(chosen.numbers, shape)
        rest = [choice.residual for choice in choices if not _is_within(choice, chosen)]
        return Way(
            shape, rows, order, [among], rest + always, narrow is not None, of_accounts=chosen.sums
        )
    along = next((choice for choice in choices if choice.account is not None), None)
    if along is not None:
        return _along_account(shape, along, choices, always)
    leading = next((choice for choice in choices if choice.leads), None)
    conditions, rest = [], list(always)
    for choice in choices:
        if choice is leading or choice.is_period:
            conditions.append(choice.indexed)
        else:
            rest.append(choice.residual)
    return Way(shape, rows, order, conditions, rest)


def _along_account(
    shape: Shape, along: Choice, choices: list[Choice], always: list[Condition]
) -> Way:
    """Go along the records of one account."""
    assert along.account is not None
    order = (_account.effective, _account.number) if shape.by_day else (_account.number,)
    rest = [one.residual for one in choices if not _is_within(one, along)]
    tables = JournalAccount.__table__.join(JournalRow.__table__, _row.number == _account.number)
    return Way(shape, tables, order, [along.account], rest + always, of_accounts=along.sums)


def _among(numbers: sa.Select[Any] | sa.CompoundSelect[Any], shape: Shape) -> Condition:
    """That a record is one of those; each is looked up.

    PostgreSQL guesses how many there are, and would read all records for what is a few hundred;
    of an array it makes nothing but look-ups.
    """
    if not shape.on_postgresql:
        return _row.number.in_(numbers)
    array = sa.func.array(numbers.scalar_subquery(), type_=sa.ARRAY(sa.BigInteger))
    condition: Condition = _row.number == sa.any_(array)
    return condition


def _is_within(choice: Choice, chosen: Choice) -> bool:
    """Whether what is chosen fits ``choice`` already: an account’s records are of the period."""
    return choice is chosen or (choice.is_period and chosen.of_accounts)


def _choices(shape: Shape) -> list[Choice]:
    """The criteria that are set, but for ``moved``, which never leaves few."""
    choices = [
        _of_accounts(shape, number, several)
        for number, several in enumerate(shape.several_accounts)
    ]
    if shape.kind:
        kind, same = sa.bindparam("kind", type_=sa.String), _row.kind.concat("")
        choices.append(_of_rows(_row.kind == kind, same == kind, leads=True, ordered=True))
    if shape.people:
        choices.append(
            _of_rows(
                _is_one_of(_row.person_id, "people", shape.several_people),
                is_one_of(_row.person_id + 0, "all_people"),
                leads=not shape.several_people and not shape.by_day,
                ordered=not shape.several_people,
            )
        )
    if shape.least or shape.most:
        bounds = ("least", shape.least), ("most", shape.most)
        choices.append(
            _of_rows(_between(_row.minutes, *bounds), _between(_row.minutes + 0, *bounds))
        )
    if shape.reversal:
        among = _row.number.in_(reversal_numbers())
        choices.append(Choice(reversal_numbers(), among, among))
    if shape.out_of_hours:
        outside = _row.out_of_hours == sa.true()
        choices.append(_of_rows(outside, outside, leads=True, ordered=True))
    if shape.same_person:
        marked = _row.same_person == sa.true()
        choices.append(_of_rows(marked, marked))
    if shape.by_day:
        day = sa.func.coalesce(_row.effective, _row.effective, type_=sa.Date())
        within, anyhow = _within(_row.effective, shape), _within(day, shape)
        choices.append(_of_rows(within, anyhow, ordered=True, is_period=True))
    return choices


def _of_accounts(shape: Shape, number: int, several: bool) -> Choice:
    """That a record is about an account, or one of several."""
    is_of_them = _is_one_of(_account.code, f"codes_{number}", several)
    has_one = (
        sa.exists()
        .where(_account.number == _row.number, is_of_them)
        .correlate(JournalRow.__table__)
    )
    in_period = is_of_them
    if shape.by_day:
        in_period = sa.and_(is_of_them, _within(_account.effective, shape))
    sums = sa.select(
        _account.number,
        _account.effective,
        _account.kind,
        _account.minutes,
        sa.true().label("fits"),
    ).where(in_period)
    return Choice(
        sa.select(_account.number).where(in_period),
        has_one,
        has_one,
        ordered=not several,
        of_accounts=True,
        account=None if several else in_period,
        several=several,
        sums=sums.distinct() if several else sums,
    )


def _of_rows(
    indexed: Condition,
    residual: Condition,
    *,
    leads: bool = False,
    ordered: bool = False,
    is_period: bool = False,
) -> Choice:
    numbers = sa.select(_row.number).where(indexed)
    return Choice(numbers, indexed, residual, leads=leads, ordered=ordered, is_period=is_period)


def _is_one_of(column: Any, name: str, several: bool) -> Condition:
    """That a column is the value of a parameter, or one of its values."""
    condition: Condition = column == sa.bindparam(name, type_=column.type)
    return is_one_of(column, name) if several else condition


def _between(column: Any, least: tuple[str, bool], most: tuple[str, bool]) -> Condition:
    """That a column is within the parameters of these names, of which each may be none."""
    conditions = [column >= sa.bindparam(least[0], type_=column.type)] if least[1] else []
    if most[1]:
        conditions.append(column <= sa.bindparam(most[0], type_=column.type))
    return sa.and_(*conditions)


def _within(column: Any, shape: Shape) -> Condition:
    """That a day is within the period."""
    return _between(column, ("start", shape.start), ("end", shape.end))
