"""The journal of everything recorded: holds, and what was done to accounts and periods, too."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from ledger import AccountState, Book, InvalidFilters, Reservation, Transaction, schema
from tests.ledger.rows_fetched import counting_engine

DAY = date(2026, 1, 31)
NOON = datetime(2026, 2, 10, 12, tzinfo=UTC)
EXPIRY, LATER = NOON + timedelta(days=1), NOON + timedelta(days=2)
BY = {"actor": "ann", "memo": "as agreed"}


def record(connection: sa.Connection) -> Book:
    """A book with a record of each kind, in the order of `EVERYTHING`."""
    book = Book(connection, clock=lambda: NOON)
    past = Book(connection, clock=lambda: NOON - timedelta(days=30))
    past.open_account("a", floor=-600, name="Ash", key="open a")
    past.open_account("b", floor=None, key="open b")
    book.close_period(DAY, key="january", **BY)
    book.transfer("a", "b", 5, key="paid", reference="visit:1")
    first = book.hold("a", "b", 90, key="hold", expires_at=EXPIRY, reference="visit:2").id
    book.extend(first, LATER, key="extended")
    book.settle(first, 20, key="settled", final=False, reference="visit:2")
    book.extend(first, None, key="extended again")
    book.void(first, key="void")
    book.set_limits("a", floor=-60, ceiling=600, soft_floor=-30, soft_ceiling=300, key="l", **BY)
    book.rename("a", "Ash Primary", key="rename", **BY)
    book.freeze("a", key="freeze", **BY)
    book.unfreeze("a", key="unfreeze", **BY)
    book.transfer("b", "a", 25, key="paid back")
    book.close_account("b", key="close b", **BY)
    return book


LIMITS = (-60, 600, -30, 300)
# key, action, accounts with amounts, and what it is about
EVERYTHING: list[tuple[str, str, dict[str, int], Any]] = [
    ("open a", "open", {}, AccountState("a", "open", "Ash", -600, None, None, None)),
    ("open b", "open", {}, AccountState("b", "open", "", None, None, None, None)),
    ("january", "close_period", {}, DAY),
    ("paid", "post", {"a": -5, "b": 5}, None),
    ("hold", "hold", {}, Reservation("a", "b", 90, EXPIRY)),
    ("extended", "extend", {}, Reservation("a", "b", 90, LATER)),
    ("settled", "settle", {"a": -20, "b": 20}, None),
    ("extended again", "extend", {}, Reservation("a", "b", 70, None)),
    ("void", "void", {}, Reservation("a", "b", 70, None)),
    ("l", "limits", {}, AccountState("a", "open", "Ash", *LIMITS)),
    ("rename", "rename", {}, AccountState("a", "open", "Ash Primary", *LIMITS)),
    ("freeze", "freeze", {}, AccountState("a", "frozen", "Ash Primary", *LIMITS)),
    ("unfreeze", "unfreeze", {}, AccountState("a", "open", "Ash Primary", *LIMITS)),
    ("paid back", "post", {"b": -25, "a": 25}, None),
    ("close b", "close", {}, AccountState("b", "closed", "", None, None, None, None)),
]
KEYS = [key for key, *_ in EVERYTHING]
CHANGES = ["l", "rename", "freeze", "unfreeze", "close b"]
MOVED = [key for key, _, entries, _ in EVERYTHING if entries]


@pytest.fixture
def full(connection: sa.Connection) -> Book:
    return record(connection)


def keys_of(book: Book, limit: int, **asked: Any) -> list[str]:
    """The keys of the records of every page."""
    keys: list[str] = []
    after = None
    while True:
        page = book.journal(after=after, limit=limit, **asked)
        assert len(page.transactions) <= limit
        keys += [one.key for one in page.transactions]
        if (after := page.next) is None:
            return keys


def about(one: Transaction) -> Any:
    """What a record without entries is about; at most one of the three."""
    subjects = [one.change, one.reservation, one.closed_through]
    assert sum(subject is not None for subject in subjects) == (not one.entries)
    return next((subject for subject in subjects if subject is not None), None)


@pytest.mark.parametrize("newest_first", [True, False])
def test_everything_recorded_is_told_with_what_it_is_about(full: Book, newest_first: bool) -> None:
    page = full.journal(everything=True, newest_first=newest_first)
    told = [
        (one.key, one.action, {line.account: line.amount for line in one.entries}, about(one))
        for one in page.transactions
    ]
    assert told == (EVERYTHING[::-1] if newest_first else EVERYTHING)
    by_key = {one.key: one for one in page.transactions}
    for key in ("january", *CHANGES):
        assert (by_key[key].actor, by_key[key].memo) == ("ann", "as agreed")
    for one in page.transactions:
        assert full.transaction(one.id) == full.transaction_by_key(one.key) == one


@pytest.mark.parametrize("newest_first", [True, False])
@pytest.mark.parametrize("limit", [1, 2, 4, 15])
@pytest.mark.parametrize("dates", [{}, {"start": NOON.date()}, {"end": date(2026, 1, 20)}])
def test_its_pages_join_up_and_without_it_the_journal_is_what_moved_minutes(
    full: Book, newest_first: bool, limit: int, dates: dict[str, date]
) -> None:
    expected = KEYS[2:] if "start" in dates else KEYS[:2] if dates else KEYS
    for everything in (True, False):
        keys = [key for key in expected if everything or key in MOVED]
        found = keys_of(full, limit, newest_first=newest_first, everything=everything, **dates)
        assert found == (keys[::-1] if newest_first else keys)


@pytest.mark.parametrize(
    ("filters", "keys"),
    [
        ({"kind": "account"}, ["open a", "open b", *CHANGES]),
        ({"kind": "period"}, ["january"]),
        ({"reference": "visit:2"}, ["hold", "settled"]),
        ({"kind": "transfer", "reference": "visit:1"}, ["paid"]),
        ({"kind": "account", "start": NOON.date()}, CHANGES),
    ],
)
def test_it_can_be_narrowed(full: Book, filters: dict[str, Any], keys: list[str]) -> None:
    assert keys_of(full, 2, everything=True, newest_first=False, **filters) == keys
    assert keys_of(full, 2, everything=True, **filters) == keys[::-1]


def test_a_reader_who_follows_everything_meets_what_is_recorded_later(full: Book) -> None:
    page = full.journal(everything=True, newest_first=False)
    assert page.next is None
    assert full.journal(everything=True, newest_first=False, after=page.last).transactions == ()
    full.freeze("a", key="again", **BY)
    (later,) = full.journal(everything=True, newest_first=False, after=page.last).transactions
    assert later.key == "again"


def test_of_one_account_it_is_refused_with_the_questions_to_ask_instead(full: Book) -> None:
    for code in ("a", "there is no such account"):
        with pytest.raises(InvalidFilters, match=r"ask `history`.*`holds`") as refused:
            full.journal(everything=True, account=code)
        assert refused.value.account == code
    assert [event.action for event in full.history("b")] == ["open", "close"]


@contextmanager
def counting(engine: sa.Engine) -> Iterator[list[str]]:
    """The statements that are sent."""
    statements: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        statements.append(statement)

    sa.event.listen(engine, "before_cursor_execute", note)
    try:
        yield statements
    finally:
        sa.event.remove(engine, "before_cursor_execute", note)


@pytest.mark.parametrize("newest_first", [True, False])
def test_everything_needs_one_statement_more_on_a_page(
    full: Book, engine: sa.Engine, newest_first: bool
) -> None:
    full.journal(newest_first=newest_first)  # which server it is on is asked once
    counts = {}
    for everything in (False, True):
        with counting(engine) as statements:
            page = full.journal(everything=everything, newest_first=newest_first)
        assert len(page.transactions) == (15 if everything else 3)
        counts[everything] = len(statements)
    assert counts[True] == counts[False] + 1


@pytest.mark.parametrize("newest_first", [True, False])
def test_a_page_reads_no_more_rows_of_a_longer_history(
    database_url: str, newest_first: bool
) -> None:
    with counting_engine(database_url) as (engine, count), engine.connect() as connection:
        schema.install(connection)
        book = record(connection)
        book.journal(limit=1, newest_first=newest_first)  # which server it is on is asked once
        rows = []
        for turn in range(2):
            for number in range(10):
                book.freeze("a", key=f"freeze {turn} {number}", **BY)
                book.unfreeze("a", key=f"unfreeze {turn} {number}", **BY)
            count.rows = 0
            book.journal(limit=3, everything=True, newest_first=newest_first)
            rows.append(count.rows)
        assert rows[0] == rows[1]
