"""Postings: what they write, and what they refuse."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

import ledger
from ledger import Book, Posting
from tests.ledger.conftest import connect, in_the_past
from tests.ledger.keys import new_key
from tests.ledger.test_batches import posting

A, B, C, FUND = "school:a", "school:b", "school:c", "network:fund"


def at(instant: datetime) -> Callable[[], datetime]:
    return lambda: instant


def test_a_transfer_moves_minutes_and_says_what_it_wrote(book: Book) -> None:
    transaction = book.transfer(
        A, B, 60, key="lesson:1", kind="exchange", memo="Maths", actor="Ann", reference="exchange:1"
    )
    assert [
        tuple(getattr(e, f) for f in ("account", "amount", "version", "balance"))
        for e in transaction.entries
    ] == [(A, -60, 1, -60), (B, 60, 1, 60)]
    assert not transaction.replayed
    assert book.transaction(transaction.id) == transaction
    assert book.balance(A) == -60
    assert book.balance(B) == 60


def test_many_legs_are_posted_as_one_and_an_account_may_have_several(book: Book) -> None:
    lines = [Posting(FUND, -90), Posting(A, 30), Posting(B, 30), Posting(A, 20), Posting(C, 10)]
    transaction = book.post(lines, key="project")
    assert [(e.account, e.amount) for e in transaction.entries] == lines
    assert [e.version for e in transaction.entries] == [1, 1, 1, 2, 1]
    assert [e.balance for e in transaction.entries] == [-90, 30, 30, 50, 10]
    assert book.transaction(transaction.id) == transaction
    assert book.account(A).version == 2


@pytest.mark.parametrize("minutes", [0, -5, True, 1.0, "60", None, 2**40 + 1])
def test_only_whole_positive_minutes_are_transferred(book: Book, minutes: object) -> None:
    with pytest.raises(ledger.InvalidAmount) as refused:
        book.transfer(A, B, minutes, key="k")  # type: ignore[arg-type]
    assert refused.value.amount == minutes


@pytest.mark.parametrize(
    "lines",
    [
        [],
        [Posting(A, 0), Posting(B, 0)],
        [Posting(A, 1.0), Posting(B, -1.0)],
        [Posting(A, True), Posting(B, -1)],
    ],
)
def test_lines_are_two_or_more_of_whole_minutes(book: Book, lines: list[Posting]) -> None:
    with pytest.raises((ledger.InvalidAmount, ledger.Unbalanced)):
        book.post(lines, key="k")


def test_lines_that_do_not_sum_to_zero_are_refused(book: Book) -> None:
    with pytest.raises(ledger.Unbalanced) as refused:
        book.post([Posting(A, -60), Posting(B, 59)], key="k")
    assert refused.value.total == -1


def test_an_unknown_account_is_named(book: Book) -> None:
    for source, target in ((A, "school:z"), ("school:z", A)):
        with pytest.raises(ledger.UnknownAccount) as refused:
            book.transfer(source, target, 1, key="k")
        assert refused.value.code == "school:z"
    with pytest.raises(ledger.UnknownAccount):
        book.post([Posting(A, -2), Posting("school:z", 1), Posting(B, 1)], key="k")
    with pytest.raises(ledger.UnknownAccount):
        book.account("school:z")
    assert set(book.balances([A, "school:z"])) == {A}


def test_the_floor_holds_and_the_refusal_names_what_there_is(book: Book) -> None:
    book.transfer(A, B, 500, key="1")
    with pytest.raises(ledger.LimitExceeded) as refused:
        book.transfer(A, B, 101, key="2")
    error = refused.value
    assert (error.code, error.limit, error.available, error.needed) == (A, "floor", 100, 101)
    assert str(error) == f"The account “{A}” can give 100 more minutes, but 101 are needed."
    book.transfer(A, B, 100, key="2")
    assert book.account(A).available == 0


def test_the_ceiling_holds(book: Book) -> None:
    book.transfer(A, C, 100, key="1")
    for attempt in (
        lambda: book.transfer(A, C, 21, key="2"),
        lambda: book.post([Posting(A, -20), Posting(B, -1), Posting(C, 21)], key="2"),
    ):
        with pytest.raises(ledger.LimitExceeded) as refused:
            attempt()
        error = refused.value
        assert (error.code, error.limit, error.available, error.needed) == (C, "ceiling", 20, 21)
        assert str(error) == f"The account “{C}” can take 20 more minutes, but 21 are needed."
    assert book.account(C).room == 20


def test_an_account_beyond_its_limit_may_move_back_towards_it(book: Book) -> None:
    book.transfer(A, B, 500, key="1")
    book.set_limits(A, floor=-100, ceiling=None, actor="Olu", memo="inactive", key=new_key())
    book.transfer(B, A, 10, key="2")
    with pytest.raises(ledger.LimitExceeded) as refused:
        book.transfer(A, B, 1, key="3")
    assert refused.value.available == -390


def test_a_refusal_leaves_the_callers_transaction_usable(book: Book) -> None:
    with pytest.raises(ledger.LimitExceeded):
        book.transfer(A, B, 601, key="1")
    book.transfer(A, B, 600, key="1")
    assert book.balance(A) == -600


def test_the_effective_date_is_today_in_london_unless_given(connection: sa.Connection) -> None:
    summer_night = datetime(2026, 7, 1, 23, 30, tzinfo=UTC)
    book = Book(connection, clock=at(summer_night))
    for code in (A, B):
        in_the_past(connection).open_account(code, floor=None, key=new_key())
    assert book.transfer(A, B, 1, key="1").effective == date(2026, 7, 2)
    assert book.transfer(A, B, 1, key="2", effective=date(2026, 6, 1)).effective == date(2026, 6, 1)
    with pytest.raises(ledger.InvalidDate):
        book.transfer(A, B, 1, key="3", effective=date(2026, 7, 3))
    with pytest.raises(ledger.InvalidDate):
        book.transfer(A, B, 1, key="3", effective=summer_night)
    with pytest.raises(ledger.InvalidDate):
        book.post([Posting(A, 1), Posting(B, -1)], key="3", effective=date(2026, 7, 3))


def test_nothing_is_posted_into_a_closed_period(book: Book) -> None:
    today = book.transfer(A, B, 1, key="1").effective
    yesterday = today - timedelta(days=1)
    book.close_period(yesterday, actor="Ann", key=new_key())
    for attempt in (
        lambda: book.transfer(A, B, 1, key="2", effective=yesterday),
        lambda: book.post([Posting(A, 1), Posting(B, -1)], key="2", effective=yesterday),
        lambda: book.post_many([posting(A, B, 1, "2", effective=yesterday)], atomic=False)[0],
    ):
        try:
            error = attempt()
        except ledger.LedgerError as caught:
            error = caught
        assert isinstance(error, ledger.PeriodClosed)
        assert (error.effective, error.closed_through) == (yesterday, yesterday)
    book.transfer(A, B, 1, key="2", effective=today)


def test_recorded_instants_never_go_back_on_an_account(connection: sa.Connection) -> None:
    noon = datetime(2026, 3, 1, 12, tzinfo=UTC)
    book = Book(connection, clock=at(noon))
    for code in (A, B, C):
        book.open_account(code, floor=None, key=new_key())
    first = book.transfer(A, B, 1, key="1")
    earlier = Book(connection, clock=at(noon - timedelta(hours=1)))
    second = earlier.transfer(B, C, 1, key="2")
    assert second.recorded == first.recorded + timedelta(microseconds=1)
    later = Book(connection, clock=at(datetime.now(UTC) + timedelta(days=9)))
    assert later.transfer(A, B, 1, key="3").recorded < datetime.now(UTC) + timedelta(minutes=1)


def test_a_transaction_is_reversed_once(book: Book) -> None:
    original = book.post([Posting(FUND, -90), Posting(A, 60), Posting(B, 30)], key="1")
    reversal = book.reverse(original.id, key="2", memo="mistake", actor="Olu")
    assert reversal.reverses == original.id
    assert reversal.kind == "reversal"
    assert [(e.account, e.amount) for e in reversal.entries] == [(FUND, 90), (A, -60), (B, -30)]
    assert book.transaction(reversal.id) == reversal
    assert book.reverse(original.id, key="2", memo="mistake", actor="Olu").replayed
    with pytest.raises(ledger.AlreadyReversed) as refused:
        book.reverse(original.id, key="3")
    assert refused.value.reversal_id == reversal.id
    with pytest.raises(ledger.NotReversible):
        book.reverse(reversal.id, key="3")
    with pytest.raises(ledger.UnknownTransaction):
        book.reverse(10**9, key="3")
    assert book.balance(A) == 0


def test_a_reversal_keeps_to_the_limits_unless_a_person_overrides(book: Book) -> None:
    original = book.transfer(A, B, 600, key="1")
    book.transfer(B, FUND, 1200, key="2")
    with pytest.raises(ledger.LimitExceeded):
        book.reverse(original.id, key="3")
    with pytest.raises(ledger.InvalidText):
        book.reverse(original.id, key="3", override=ledger.Override("", "why not"))
    override = ledger.Override("Olu", "the lesson never took place")
    reversal = book.reverse(original.id, key="3", override=override)
    assert book.transaction(reversal.id).override == override
    assert book.balance(B) == -1200
    with pytest.raises(ledger.LimitExceeded):
        book.transfer(B, A, 1, key="4")


def test_the_book_joins_a_session_and_never_commits(engine: sa.Engine) -> None:
    with Session(engine) as session:
        book = Book(session)
        book.open_account(A, floor=None, key=new_key())
        book.open_account(B, floor=None, key=new_key())
        book.transfer(A, B, 5, key="1")
        session.rollback()
    with Session(engine) as session:
        assert Book(session).balances() == {}
        assert Book(session).head() == (0, 0)


def test_sqlite_without_the_ledgers_set_up_is_refused(tmp_path: object) -> None:
    engine = sa.create_engine(f"sqlite:///{tmp_path}/plain.sqlite3")
    with engine.begin() as connection:
        ledger.schema.install(connection)
        with pytest.raises(ledger.NotConfigured, match="configure"):
            Book(connection).open_account(A, floor=None, key=new_key())
    engine.dispose()


def test_sqlite_in_memory_works_and_a_reading_connection_does_not_write() -> None:
    engine = connect("sqlite://")
    with engine.begin() as connection:
        ledger.schema.install(connection)
        book = Book(connection)
        book.open_account(A, floor=None, key=new_key())
        book.open_account(B, floor=None, key=new_key())
        book.transfer(A, B, 5, key="1")
    reading = engine.execution_options(read_only=True)
    with reading.connect() as connection:
        assert Book(connection).balance(B) == 5
        with pytest.raises(ledger.NotConfigured, match="reading"):
            Book(connection).transfer(A, B, 5, key="2")
    engine.dispose()
