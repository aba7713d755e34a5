"""Postings: what they write, what they refuse, and that a key stands for one thing."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

import ledger
from ledger import Book, Levy, Line, Override, Posting
from tests.ledger.conftest import connect

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
    lines = [Line(FUND, -90), Line(A, 30), Line(B, 30), Line(A, 20), Line(C, 10)]
    transaction = book.post(lines, key="project")
    assert [(e.account, e.amount) for e in transaction.entries] == lines
    assert [e.version for e in transaction.entries] == [1, 1, 1, 2, 1]
    assert [e.balance for e in transaction.entries] == [-90, 30, 30, 50, 10]
    assert book.transaction(transaction.id) == transaction
    assert book.account(A).version == 2


@pytest.mark.parametrize("minutes", [0, -5, True, 1.0, "60", None, 2**60])
def test_only_whole_positive_minutes_are_transferred(book: Book, minutes: object) -> None:
    with pytest.raises(ledger.InvalidAmount) as refused:
        book.transfer(A, B, minutes, key="k")  # type: ignore[arg-type]
    assert refused.value.amount == minutes


@pytest.mark.parametrize(
    "lines",
    [[], [Line(A, 0), Line(B, 0)], [Line(A, 1.0), Line(B, -1.0)], [Line(A, True), Line(B, -1)]],
)
def test_lines_are_two_or_more_of_whole_minutes(book: Book, lines: list[Line]) -> None:
    with pytest.raises((ledger.InvalidAmount, ledger.Unbalanced)):
        book.post(lines, key="k")


def test_lines_that_do_not_sum_to_zero_are_refused(book: Book) -> None:
    with pytest.raises(ledger.Unbalanced) as refused:
        book.post([Line(A, -60), Line(B, 59)], key="k")
    assert refused.value.total == -1


def test_an_unknown_account_is_named(book: Book) -> None:
    for source, target in ((A, "school:z"), ("school:z", A)):
        with pytest.raises(ledger.UnknownAccount) as refused:
            book.transfer(source, target, 1, key="k")
        assert refused.value.code == "school:z"
    with pytest.raises(ledger.UnknownAccount):
        book.post([Line(A, -2), Line("school:z", 1), Line(B, 1)], key="k")
    with pytest.raises(ledger.UnknownAccount):
        book.account("school:z")
    assert set(book.balances([A, "school:z"])) == {A}


def test_the_floor_holds_and_the_refusal_names_what_there_is(book: Book) -> None:
    book.transfer(A, B, 500, key="1")
    with pytest.raises(ledger.LimitExceeded) as refused:
        book.transfer(A, B, 101, key="2")
    error = refused.value
    assert (error.code, error.limit, error.available, error.needed) == (A, "floor", 100, 101)
    book.transfer(A, B, 100, key="2")
    assert book.account(A).available == 0


def test_the_ceiling_holds(book: Book) -> None:
    book.transfer(A, C, 100, key="1")
    for attempt in (
        lambda: book.transfer(A, C, 21, key="2"),
        lambda: book.post([Line(A, -20), Line(B, -1), Line(C, 21)], key="2"),
    ):
        with pytest.raises(ledger.LimitExceeded) as refused:
            attempt()
        error = refused.value
        assert (error.code, error.limit, error.available, error.needed) == (C, "ceiling", 20, 21)
    assert book.account(C).room == 20


def test_an_account_beyond_its_limit_may_move_back_towards_it(book: Book) -> None:
    book.transfer(A, B, 500, key="1")
    book.set_limits(A, floor=-100, ceiling=None, actor="Olu", reason="inactive")
    book.transfer(B, A, 10, key="2")
    with pytest.raises(ledger.LimitExceeded) as refused:
        book.transfer(A, B, 1, key="3")
    assert refused.value.available == -390


def test_a_refusal_leaves_the_callers_transaction_usable(book: Book) -> None:
    with pytest.raises(ledger.LimitExceeded):
        book.transfer(A, B, 601, key="1")
    book.transfer(A, B, 600, key="1")
    assert book.balance(A) == -600


def test_the_same_key_with_the_same_content_gives_the_first_result(book: Book) -> None:
    first = book.transfer(A, B, 600, key="k", memo="Maths")
    again = book.transfer(A, B, 600, key="k", memo="Maths")
    assert again.replayed
    assert again.id == first.id
    assert again.entries == first.entries
    assert book.balance(A) == -600


def test_a_result_is_replayed_even_where_it_would_be_refused_today(book: Book) -> None:
    first = book.transfer(A, B, 600, key="k")
    many = book.post([Line(B, -2), Line(C, 1), Line(FUND, 1)], key="m")
    for code in (A, B, C):
        book.freeze(code, actor="Olu", reason="left")
    assert book.transfer(A, B, 600, key="k").id == first.id
    assert book.post([Line(B, -2), Line(C, 1), Line(FUND, 1)], key="m").id == many.id


def test_the_same_key_with_other_content_is_a_conflict_that_names_the_fields(book: Book) -> None:
    first = book.transfer(A, B, 60, key="k", memo="Maths")
    with pytest.raises(ledger.IdempotencyConflict) as refused:
        book.transfer(A, B, 75, key="k", memo="Music")
    error = refused.value
    assert error.transaction_id == first.id
    assert error.differences == {
        "memo": ("Maths", "Music"),
        "lines": (((A, -60), (B, 60)), ((A, -75), (B, 75))),
    }
    with pytest.raises(ledger.IdempotencyConflict) as refused:
        book.hold(A, B, 60, key="k", memo="Maths")
    assert refused.value.differences == {"action": ("post", "hold")}
    assert book.balance(A) == -60


def test_a_refused_attempt_does_not_use_up_its_key(book: Book) -> None:
    with pytest.raises(ledger.LimitExceeded):
        book.transfer(A, B, 700, key="k")
    assert not book.transfer(A, B, 60, key="k").replayed


@pytest.mark.parametrize("field", ["key", "kind", "memo", "actor", "reference"])
def test_texts_that_cannot_be_kept_are_refused(book: Book, field: str) -> None:
    for text in ("x" * 3000, "a\0b", "a\ud800b", 7):
        texts: dict[str, Any] = {"key": "k", field: text}
        with pytest.raises(ledger.InvalidText) as refused:
            book.transfer(A, B, 1, **texts)
        assert refused.value.field == field


@pytest.mark.parametrize("text", ["a\0b", "a\ud800b", " "])
def test_names_and_reasons_that_cannot_be_kept_are_refused(book: Book, text: str) -> None:
    posted = book.transfer(A, B, 1, key="k")
    for change in (
        lambda: book.freeze(A, actor=text, reason="x"),
        lambda: book.freeze(A, actor="Olu", reason=text),
        lambda: book.close_period(date(2020, 1, 1), actor=text),
        lambda: book.reverse(posted.id, key="r", override=Override(text, "x")),
        lambda: book.reverse(posted.id, key="r", override=Override("Olu", text)),
    ):
        with pytest.raises(ledger.InvalidText):
            change()
    assert book.account(A).status == "open"


@pytest.mark.parametrize("code", ["a\0b", "a\ud800b"])
def test_codes_that_cannot_be_kept_are_refused_or_unknown(book: Book, code: str) -> None:
    hold_id = book.hold(A, B, 1, key="h").id
    for verb in (
        lambda: book.transfer(code, B, 1, key="k"),
        lambda: book.post([Line(A, 2), Line(code, -1), Line(B, -1)], key="k"),
        lambda: book.hold(code, B, 1, key="k"),
        lambda: book.settle(hold_id, key="k", levy=Levy(Fraction(1, 2), code)),
        lambda: book.open_account(code, floor=None),
    ):
        with pytest.raises(ledger.InvalidText):
            verb()
    for verb in (
        lambda: book.account(code),
        lambda: book.statement(code),
        lambda: book.bilateral(A, code),
        lambda: book.freeze(code, actor="Olu", reason="x"),
    ):
        with pytest.raises(ledger.UnknownAccount):
            verb()
    assert book.balances([code]) == {}


@pytest.mark.parametrize("number", [2**63, -(2**63) - 1, 0])
def test_numbers_that_no_row_can_have_are_unknown(book: Book, number: int) -> None:
    for verb in (
        lambda: book.settle(number, key="k"),
        lambda: book.void(number, key="k"),
        lambda: book.extend(number, None, key="k"),
    ):
        with pytest.raises(ledger.UnknownHold):
            verb()
    for verb in (lambda: book.reverse(number, key="k"), lambda: book.transaction(number)):
        with pytest.raises(ledger.UnknownTransaction):
            verb()


def test_the_effective_date_is_today_in_london_unless_given(connection: sa.Connection) -> None:
    summer_night = datetime(2026, 7, 1, 23, 30, tzinfo=UTC)
    book = Book(connection, clock=at(summer_night))
    book.open_account(A, floor=None)
    book.open_account(B, floor=None)
    assert book.transfer(A, B, 1, key="1").effective == date(2026, 7, 2)
    assert book.transfer(A, B, 1, key="2", effective=date(2026, 6, 1)).effective == date(2026, 6, 1)
    with pytest.raises(ledger.InvalidDate):
        book.transfer(A, B, 1, key="3", effective=date(2026, 7, 3))
    with pytest.raises(ledger.InvalidDate):
        book.transfer(A, B, 1, key="3", effective=summer_night)
    with pytest.raises(ledger.InvalidDate):
        book.post([Line(A, 1), Line(B, -1)], key="3", effective=date(2026, 7, 3))


def test_nothing_is_posted_into_a_closed_period(book: Book) -> None:
    today = book.transfer(A, B, 1, key="1").effective
    yesterday = today - timedelta(days=1)
    book.close_period(yesterday, actor="Ann")
    for attempt in (
        lambda: book.transfer(A, B, 1, key="2", effective=yesterday),
        lambda: book.post([Line(A, 1), Line(B, -1)], key="2", effective=yesterday),
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
        book.open_account(code, floor=None)
    first = book.transfer(A, B, 1, key="1")
    earlier = Book(connection, clock=at(noon - timedelta(hours=1)))
    second = earlier.transfer(B, C, 1, key="2")
    assert second.recorded == first.recorded + timedelta(microseconds=1)
    later = Book(connection, clock=at(datetime.now(UTC) + timedelta(days=9)))
    assert later.transfer(A, B, 1, key="3").recorded < datetime.now(UTC) + timedelta(minutes=1)


def test_a_transaction_is_reversed_once(book: Book) -> None:
    original = book.post([Line(FUND, -90), Line(A, 60), Line(B, 30)], key="1")
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


def posting(source: str, target: str, minutes: int, key: str, **more: object) -> Posting:
    lines = [Line(source, -minutes), Line(target, minutes)]
    return Posting(lines=lines, key=key, **more)  # type: ignore[arg-type]


def test_a_batch_is_written_in_order_with_running_balances(book: Book) -> None:
    results = book.post_many(
        [
            posting(A, B, 10, "1"),
            Posting(lines=[Line(B, -6), Line(C, 2), Line(FUND, 4)], key="2", memo="x"),
            posting(C, A, 1, "3", effective=date(2026, 1, 1)),
        ]
    )
    assert [[(e.account, e.version, e.balance) for e in r.entries] for r in results] == [
        [(A, 1, -10), (B, 1, 10)],
        [(B, 2, 4), (C, 1, 2), (FUND, 1, 4)],
        [(C, 2, 1), (A, 2, -9)],
    ]
    assert [book.transaction(r.id) for r in results] == results
    assert book.balance(A, effective=date(2026, 1, 1)) == 1
    assert book.balance(A) == -9


def test_an_atomic_batch_is_all_or_nothing_and_says_which_was_refused(book: Book) -> None:
    for wrong, cause in (
        (posting(A, B, 600, "2"), ledger.LimitExceeded),
        (posting(A, "school:z", 1, "2"), ledger.UnknownAccount),
        (Posting(lines=[Line(A, 1), Line(B, 1)], key="2"), ledger.Unbalanced),
    ):
        with pytest.raises(ledger.BatchRefused) as refused:
            book.post_many([posting(A, B, 1, "1"), wrong, posting(A, B, 1, "3")])
        assert refused.value.index == 1
        assert isinstance(refused.value.cause, cause)
    assert book.head().entries == 0
    assert book.post_many([]) == []


def test_a_batch_at_best_effort_posts_what_it_can(book: Book) -> None:
    book.transfer(A, B, 1, key="old")
    results = book.post_many(
        [
            posting(A, C, 100, "1"),
            posting(A, C, 100, "2"),
            posting(A, B, 1, "old"),
            posting(A, B, 2, "old"),
            Posting(lines=[Line(A, 1), Line(B, 1)], key="3"),
            posting(C, A, 100, "4"),
            posting(A, C, 100, "2"),
            posting(C, A, 100, "4"),
        ],
        atomic=False,
    )
    assert [type(r).__name__ for r in results] == [
        "Transaction",
        "LimitExceeded",
        "Transaction",
        "IdempotencyConflict",
        "Unbalanced",
        "Transaction",
        "Transaction",
        "Transaction",
    ]
    assert [getattr(r, "replayed", None) for r in results] == [
        False, None, True, None, None, False, False, True,
    ]  # fmt: skip
    assert book.balance(C) == 100


def test_a_batch_at_best_effort_says_what_was_wrong_even_if_all_was(book: Book) -> None:
    wrong = [Posting(lines=[Line(A, 1), Line(B, 1)], key=key) for key in ("1", "2")]
    results = book.post_many(wrong, atomic=False)
    assert [type(result) for result in results] == [ledger.Unbalanced] * 2


def test_a_batch_that_was_posted_is_replayed_whole(book: Book) -> None:
    batch = [posting(A, B, 10, "1"), posting(B, A, 10, "2")]
    first = book.post_many(batch)
    again = book.post_many([*batch, posting(A, B, 1, "3")])
    assert [r.id for r in again[:2]] == [r.id for r in first]
    assert [r.replayed for r in again] == [True, True, False]


def test_the_book_joins_a_session_and_never_commits(engine: sa.Engine) -> None:
    with Session(engine) as session:
        book = Book(session)
        book.open_account(A, floor=None)
        book.open_account(B, floor=None)
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
            Book(connection).open_account(A, floor=None)
    engine.dispose()


def test_sqlite_in_memory_works_and_a_reading_connection_does_not_write() -> None:
    engine = connect("sqlite://")
    with engine.begin() as connection:
        ledger.schema.install(connection)
        book = Book(connection)
        book.open_account(A, floor=None)
        book.open_account(B, floor=None)
        book.transfer(A, B, 5, key="1")
    reading = engine.execution_options(read_only=True)
    with reading.connect() as connection:
        assert Book(connection).balance(B) == 5
        with pytest.raises(ledger.NotConfigured, match="reading"):
            Book(connection).transfer(A, B, 5, key="2")
    engine.dispose()
