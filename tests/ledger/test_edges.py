"""Exact edges: of a page, of a transaction, of a day; and how many rows an answer costs."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

import ledger
from ledger import Book, NewTransaction, Posting
from tests.ledger.keys import new_key
from tests.ledger.rows_fetched import counting_engine

A, B, C, FUND = "school:a", "school:b", "school:c", "network:fund"
PAIR = [Posting(A, -1), Posting(B, 1)]
RECORDS = [
    record
    for record in (getattr(ledger, name) for name in ledger.__all__)
    if isinstance(record, type) and (dataclasses.is_dataclass(record) or issubclass(record, tuple))
]
QUESTIONS: dict[str, Callable[..., Any]] = {
    "journal": lambda book, **page: book.journal(**page),
    "journal of an account": lambda book, **page: book.journal(account=A, **page),
    "journal within dates": lambda book, **page: book.journal(start=date.min, **page),
    "journal of an account within dates": lambda book, **page: book.journal(
        account=A, start=date.min, **page
    ),
    "statement": lambda book, **page: book.statement(A, **page),
}


@pytest.fixture(params=QUESTIONS)
def question(request: pytest.FixtureRequest) -> Callable[..., Any]:
    return QUESTIONS[request.param]


def rows_of(page: Any) -> tuple[Any, ...]:
    return page.lines if isinstance(page, ledger.Statement) else page.transactions


@pytest.mark.parametrize("limit", [-1, -5, 10_001, True, 2.5, "10", None])
def test_a_page_has_a_whole_number_of_rows(
    book: Book, question: Callable[..., Any], limit: object
) -> None:
    with pytest.raises(ledger.InvalidLimit, match="0 to 10,000 rows") as refused:
        question(book, limit=limit)
    assert (refused.value.limit, refused.value.most) == (limit, 10_000)
    book.transfer(A, B, 1, key="k")  # the caller's transaction can still be used


@pytest.mark.parametrize("limit", [0, -1, 1_000_001, True, 2.5, "10", None])
@pytest.mark.parametrize("verb", ["expire_holds", "summarise"])
def test_a_call_works_through_a_whole_number_of_rows(book: Book, verb: str, limit: object) -> None:
    with pytest.raises(ledger.InvalidLimit, match="1 to 1,000,000 rows"):
        getattr(book, verb)(limit)
    assert getattr(book, verb)(1) == 0


@pytest.mark.parametrize("newest_first", [True, False])
def test_a_page_of_exactly_what_there_is_has_no_page_after_it(
    book: Book, question: Callable[..., Any], newest_first: bool
) -> None:
    for number in range(3):
        book.transfer(A, B, 1, key=str(number))
    for limit, rows, more in ((0, 0, False), (2, 2, True), (3, 3, False), (10_000, 3, False)):
        page = question(book, limit=limit, newest_first=newest_first)
        assert (len(rows_of(page)), page.next is not None) == (rows, more)


def test_a_statement_of_no_lines_has_the_balances(book: Book) -> None:
    book.transfer(B, A, 7, key="k")
    page = book.statement(A, limit=0)
    assert (page.opening, page.closing, page.lines, page.next) == (0, 7, (), None)


def test_a_transfer_is_between_two_accounts_and_leaves_nothing_when_it_is_not(book: Book) -> None:
    before = book.head(), book.account(A)
    for verb in (
        lambda: book.transfer(A, A, 10, key="k"),
        lambda: book.hold(A, A, 10, key="k"),
        lambda: book.grant(A, 10, source=A, key="k"),
    ):
        with pytest.raises(ledger.InvalidText) as refused:
            verb()
        assert (refused.value.field, refused.value.value) == ("target", A)
    assert (book.head(), book.account(A)) == before
    assert not book.transfer(A, B, 10, key="k").replayed


def test_an_account_may_have_all_the_postings_of_a_transaction(book: Book) -> None:
    posted = book.post([Posting(A, -10), Posting(A, 10)], key="k")
    assert [(entry.version, entry.balance) for entry in posted.entries] == [(1, -10), (2, 0)]
    assert [line.counterparties for line in book.statement(A).lines] == [(), ()]


def many(count: int) -> list[Posting]:
    """So many postings that sum to zero."""
    last = [Posting(A, -2), Posting(B, 1), Posting(C, 1)] if count % 2 else PAIR
    return PAIR * (count // 2 - 1) + last


def ask_alone(book: Book, postings: list[Posting]) -> Any:
    return book.post(postings, key="k")


def ask_in_a_batch(book: Book, postings: list[Posting]) -> Any:
    (result,) = book.post_many([NewTransaction(postings=postings, key="k")], atomic=False)
    if isinstance(result, ledger.LedgerError):
        raise result
    return result


@pytest.mark.parametrize("ask", [ask_alone, ask_in_a_batch])
def test_a_transaction_has_at_most_10_000_postings(
    connection: sa.Connection, ask: Callable[..., Any]
) -> None:
    book = Book(connection)
    for code in (A, B, C):
        book.open_account(code, floor=None, key=new_key())
    for count in (10_001, 10_002):
        postings = many(count)
        assert (len(postings), sum(amount for _, amount in postings)) == (count, 0)
        with pytest.raises(ledger.TooManyPostings, match=f"10,000 postings, not {count:,}"):
            ask(book, postings)
    assert book.head().entries == 0
    assert len(ask(book, many(10_000)).entries) == 10_000
    assert book.head().entries == 10_000
    connection.commit()  # what the database checks at the end of a transaction, too


@pytest.mark.parametrize("day", [date(2025, 3, 10), date(2025, 7, 1)])  # winter, summer
def test_what_is_recorded_at_midnight_is_of_the_day_that_begins(
    connection: sa.Connection, day: date
) -> None:
    midnight = datetime(day.year, day.month, day.day, tzinfo=UTC)
    if day.month == 7:
        midnight -= timedelta(hours=1)
    clock = [midnight - timedelta(days=2)]
    book = Book(connection, clock=lambda: clock[0])
    for code in (A, B):
        book.open_account(code, floor=None, key=new_key())
    clock[0] = midnight - timedelta(microseconds=1)
    book.transfer(A, B, 1, key="last of the day before")
    clock[0] = midnight
    posted = book.transfer(A, B, 2, key="midnight")
    assert (posted.recorded, posted.effective) == (midnight, day)
    before = day - timedelta(days=1)
    for start, end, opening, amounts in (
        (before, before, 0, [1]),
        (day, day, 1, [2]),
        (before, day, 0, [1, 2]),
        (None, before, 0, [1]),
        (day, None, 1, [2]),
    ):
        page = book.statement(B, start=start, end=end)
        assert (page.opening, page.closing) == (opening, opening + sum(amounts))
        assert [line.amount for line in page.lines] == amounts
    for account in (None, B):
        assert [
            one.key for one in book.journal(account=account, start=day, end=day).transactions
        ] == ["midnight"]
    assert (book.balance(B, effective=before), book.balance(B, effective=day)) == (1, 3)
    assert book.balance(B, recorded=midnight) == 3
    assert book.balance(B, recorded=midnight - timedelta(microseconds=1)) == 1
    assert book.trial_balance(effective=before).credit == 1


@pytest.mark.parametrize("record", RECORDS, ids=lambda record: record.__name__)
def test_what_the_ledger_answers_cannot_be_changed(record: type[Any]) -> None:
    if dataclasses.is_dataclass(record):
        names = [field.name for field in dataclasses.fields(record)]
        made = object.__new__(record)
    else:
        names = list(record._fields)
        made = record(*names)
    assert names
    for name in names:
        with pytest.raises(AttributeError):  # a FrozenInstanceError is one
            setattr(made, name, None)


def test_there_are_records_to_try() -> None:
    assert {ledger.Transaction, ledger.JournalPage, ledger.Hold, ledger.Proof} < set(RECORDS)


def test_an_answer_fetches_as_many_rows_in_a_large_book_as_in_a_small_one(
    book: Book, connection: sa.Connection, database_url: str
) -> None:
    first = book.transfer(A, B, 1, key="first").id
    for number in range(9):
        book.transfer(A, B, 1, key=f"a{number}")
    connection.commit()

    def one(book: Book, limit: int) -> ledger.Transaction:
        return book.transaction(first)

    def given(book: Book, limit: int) -> ledger.Bilateral:
        return book.bilateral(A, B)

    with counting_engine(database_url) as (engine, count):

        def rows_fetched() -> dict[str, int]:
            rows = {}
            with engine.connect() as reading:
                one(Book(reading), limit=5)  # and what a book asks of a new connection
                for name, ask in {"one": one, "given": given, **QUESTIONS}.items():
                    before = count.rows
                    ask(Book(reading), limit=5)
                    rows[name] = count.rows - before
            return rows

        small = rows_fetched()
        batch = [NewTransaction(postings=PAIR, key=f"b{number}") for number in range(300)]
        book.post_many(batch)
        for number in range(5):
            book.open_account(f"school:{number}", floor=None, key=new_key())
        connection.commit()
        assert rows_fetched() == small
        assert small["one"] == 3  # a header and two entries
        assert small["journal"] == 6 + 10  # a header more than the page: whether there is another
