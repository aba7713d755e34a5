"""Questions asked afterwards: by a key, reversed by which, and how much went through an account."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction

import pytest
import sqlalchemy as sa

import ledger
from ledger import Book, Levy, NewTransaction, Override, Posting
from tests.ledger.conftest import in_the_past
from tests.ledger.keys import new_key
from tests.ledger.rows_fetched import counting_engine

A, B, C, FUND = "school:a", "school:b", "school:c", "network:fund"
DAY = date(2025, 3, 3)


@pytest.fixture
def clock() -> list[datetime]:
    return [datetime(2025, 3, 1, 12, tzinfo=UTC)]


@pytest.fixture
def dated(connection: sa.Connection, clock: list[datetime]) -> Book:
    """A book with accounts a, b, c and a fund, whose clock the test sets."""
    for code in (A, B, C, FUND):
        in_the_past(connection).open_account(code, floor=None, key=new_key())
    return Book(connection, clock=lambda: clock[0])


def test_a_transaction_says_by_which_it_was_reversed(book: Book) -> None:
    first = book.transfer(A, B, 60, key="1")
    second = book.transfer(A, B, 5, key="2")
    settled = book.settle(book.hold(A, B, 30, key="h").id, key="s")
    assert first.reversed_by is None
    reversals = {one.id: book.reverse(one.id, key=f"r{one.key}").id for one in (first, settled)}
    for original in (first, second, settled):
        expected = reversals.get(original.id)
        assert book.transaction(original.id).reversed_by == expected
        assert book.transaction_by_key(original.key).reversed_by == expected
        assert book.transaction(original.id) == original._replace(reversed_by=expected)
    for reversal in reversals.values():
        assert book.transaction(reversal).reversed_by is None
    assert book.transfer(A, B, 60, key="1").reversed_by == reversals[first.id]  # replayed


@pytest.mark.parametrize("newest_first", [True, False])
@pytest.mark.parametrize("filters", [{}, {"account": A}, {"start": date.min}, {"kind": "gift"}])
def test_the_journal_says_which_were_reversed(
    book: Book, filters: dict[str, object], newest_first: bool
) -> None:
    gifts = [book.transfer(A, B, 1, key=str(number), kind="gift") for number in range(4)]
    reversed_by = {gifts[2].id: book.reverse(gifts[2].id, key="r").id}
    page = book.journal(newest_first=newest_first, **filters)  # type: ignore[arg-type]
    assert len(page.transactions) >= 4
    for transaction in page.transactions:
        assert transaction.reversed_by == reversed_by.get(transaction.id)


def test_a_page_of_reversed_transactions_costs_no_more_rows_and_statements(
    book: Book, connection: sa.Connection, database_url: str
) -> None:
    for number in range(20):
        book.transfer(A, B, 1, key=str(number), kind="gift")
    connection.commit()

    with counting_engine(database_url) as (engine, count):
        statements: list[str] = []
        sa.event.listen(engine, "before_cursor_execute", lambda *call: statements.append(call[2]))

        def cost() -> tuple[int, int]:
            before = count.rows
            statements.clear()
            with engine.connect() as reading:
                statements.clear()  # those of connecting
                page = Book(reading).journal(kind="gift", limit=20)
                statement_count = len(statements)
            assert len(page.transactions) == 20
            return count.rows - before, statement_count

        cost()  # what a first connection asks
        as_before = cost()
        for transaction in book.journal(kind="gift").transactions:
            book.reverse(transaction.id, key=f"r{transaction.key}")
        connection.commit()
        assert cost() == as_before


def test_a_transaction_is_found_by_its_key(book: Book) -> None:
    posted = book.post([Posting(A, -9), Posting(B, 4), Posting(C, 5)], key="p", memo="Maths")
    hold = book.hold(A, B, 30, key="h")
    settled = book.settle(hold.id, 10, key="s", final=False, levy=Levy(Fraction(1, 5), FUND))
    book.void(hold.id, key="v")
    for key, number, action, entries in (
        ("p", posted.id, "post", 3),
        ("h", hold.id, "hold", 0),
        ("s", settled.id, "settle", 3),
        ("v", None, "void", 0),
    ):
        transaction = book.transaction_by_key(key)
        assert (transaction.key, transaction.action) == (key, action)
        assert (number or transaction.id, entries) == (transaction.id, len(transaction.entries))
        assert transaction == book.transaction(transaction.id)
        assert not transaction.replayed
    assert book.transaction_by_key("v").hold_id == hold.id


def test_a_hold_is_found_by_its_key_as_it_stands(dated: Book, clock: list[datetime]) -> None:
    until = clock[0] + timedelta(hours=2)
    hold = dated.hold(A, B, 30, key="h", memo="Visit", expires_at=until)
    assert dated.hold_by_key("h") == hold
    settled = dated.settle(hold.id, 10, key="s", final=False)
    assert dated.hold_by_key("h") == dated.hold_by_id(hold.id)
    assert dated.hold_by_key("h").remaining == 20
    assert dated.hold_by_id(dated.transaction_by_key("s").hold_id or 0).key == "h"
    clock[0] = until
    assert dated.hold_by_key("h").state == "expired"
    for key in ("s", "settled", ""):  # of a settlement, and of nothing
        with pytest.raises(ledger.UnknownHold, match=f"with the key “{key}”") as refused:
            dated.hold_by_key(key)
        assert (refused.value.key, refused.value.hold_id) == (key, None)
    assert dated.transaction(settled.id).hold_id == hold.id


@pytest.mark.parametrize("key", ["k2", "K", "", "k ", "a\0b", "a\ud800b", "x" * 300, 7, None])
def test_a_key_that_stands_for_nothing_is_named(book: Book, key: str) -> None:
    book.hold(A, B, 1, key="k")
    with pytest.raises(ledger.UnknownTransaction) as unknown:
        book.transaction_by_key(key)
    assert unknown.value.key == key
    with pytest.raises(ledger.UnknownHold) as no_hold:
        book.hold_by_key(key)
    assert no_hold.value.key == key
    with pytest.raises(ledger.UnknownTransaction, match="no transaction 99") as numbered:
        book.transaction(99)
    assert (numbered.value.transaction_id, numbered.value.key) == (99, None)
    with pytest.raises(ledger.UnknownHold, match="no hold 99"):
        book.hold_by_id(99)


def test_a_refused_request_left_nothing_under_its_key(book: Book) -> None:
    with pytest.raises(ledger.LimitExceeded):
        book.transfer(A, B, 601, key="k")
    with pytest.raises(ledger.UnknownTransaction):
        book.transaction_by_key("k")
    posted = book.transfer(A, B, 600, key="k")
    assert book.transaction_by_key("k") == posted


def test_the_turnover_is_what_an_account_gave_and_took(book: Book) -> None:
    assert book.turnover(A) == (A, 0, 0)
    gift = book.transfer(A, B, 60, key="1")
    book.post([Posting(A, 30), Posting(B, -20), Posting(A, -4), Posting(C, -6)], key="2")
    book.hold(A, B, 100, key="h")  # moves nothing
    assert book.turnover(A) == ledger.Turnover(A, given=64, taken=30)
    assert book.turnover(B) == (B, 20, 60)
    book.reverse(gift.id, key="r")
    assert book.turnover(A) == (A, 64, 90)
    book.freeze(A, actor="Olu", memo="holidays", key=new_key())
    assert book.turnover(A) == (A, 64, 90)
    for code in ("school:z", "a\0b"):
        with pytest.raises(ledger.UnknownAccount):
            book.turnover(code)


def test_the_turnover_of_a_period_fits_its_statement(dated: Book, clock: list[datetime]) -> None:
    for number in range(1, 11):
        dated.transfer(A, B, number, key=f"to b {number}")
        dated.transfer(B, A, 1, key=f"back {number}", effective=date(2025, 1, 1))
        clock[0] += timedelta(days=1)
    days = [None, *(date(2025, 2, 28) + timedelta(days=n) for n in range(0, 14, 3))]
    for start in days:
        for end in days:
            page = dated.statement(A, start=start, end=end, limit=1000)
            turnover = dated.turnover(A, start=start, end=end)
            amounts = [line.amount for line in page.lines]
            assert turnover.given == -sum(amount for amount in amounts if amount < 0)
            assert turnover.taken == sum(amount for amount in amounts if amount > 0)
            assert page.opening - turnover.given + turnover.taken == page.closing
    assert dated.turnover(A, start=DAY, end=DAY) == (A, 3, 1)
    assert dated.turnover(A, start=DAY, end=DAY - timedelta(days=1)) == (A, 0, 0)


def test_the_turnover_of_a_day_does_not_read_the_whole_account(
    dated: Book, connection: sa.Connection, clock: list[datetime]
) -> None:
    dated.transfer(A, B, 3, key="of the day")
    ask = lambda: dated.turnover(A, end=date(2025, 3, 1))  # noqa: E731
    small = effort(connection, ask)
    clock[0] += timedelta(days=1)
    pair = [Posting(A, -1), Posting(B, 1)]
    dated.post_many([NewTransaction(postings=pair, key=str(n)) for n in range(3000)])
    connection.execute(sa.text("ANALYZE"))
    assert ask() == (A, 3, 0)
    large = effort(connection, ask)
    assert large < small + 40 * 12  # the halving of 3,000 versions takes twelve steps
    assert effort(connection, lambda: dated.turnover(A)) > 3000


def effort(connection: sa.Connection, ask: Callable[[], object]) -> int:
    """Rows of entries that PostgreSQL reads for an answer, or steps of SQLite's machine."""
    if connection.dialect.name == "sqlite":
        steps = []
        raw = connection.connection.driver_connection
        assert raw is not None
        raw.set_progress_handler(lambda: steps.append(1), 1)
        try:
            ask()
        finally:
            raw.set_progress_handler(None, 0)
        return len(steps)
    read = sa.text(
        "SELECT sum(coalesce(seq_tup_read, 0) + coalesce(idx_tup_fetch, 0))"
        " FROM pg_stat_xact_user_tables WHERE relname = 'ledger_entry'"
    )
    before = connection.execute(read).scalar_one()
    ask()
    return int(connection.execute(read).scalar_one() - before)


def test_a_reversal_may_be_effective_on_the_day_of_its_original(
    dated: Book, clock: list[datetime]
) -> None:
    original = dated.transfer(A, B, 60, key="1", effective=DAY - timedelta(days=20))
    clock[0] += timedelta(days=9)
    reversal = dated.reverse(original.id, key="r", on_original_day=True, memo="wrong school")
    assert (reversal.effective, reversal.reverses) == (original.effective, original.id)
    assert reversal.recorded >= clock[0]
    assert dated.transaction(reversal.id) == reversal
    for day in (original.effective, DAY, date(2025, 3, 10)):
        assert dated.balance(B, effective=day) == 0
    assert dated.verify().faults == ()
    again = dated.reverse(original.id, key="r", on_original_day=True, memo="wrong school")
    assert (again.id, again.replayed) == (reversal.id, True)
    with pytest.raises(ledger.IdempotencyConflict):
        dated.reverse(original.id, key="r", memo="wrong school")
    with pytest.raises(ledger.AlreadyReversed):
        dated.reverse(original.id, key="r2", on_original_day=True)


def test_a_reversal_without_it_is_effective_today(dated: Book, clock: list[datetime]) -> None:
    original = dated.transfer(A, B, 60, key="1")
    clock[0] += timedelta(days=9)
    reversal = dated.reverse(original.id, key="r")
    assert reversal.effective == date(2025, 3, 10)
    assert dated.balance(B, effective=date(2025, 3, 9)) == 60
    with pytest.raises(ledger.IdempotencyConflict) as refused:
        dated.reverse(original.id, key="r", on_original_day=True)
    assert refused.value.differences == {"effective": (date(2025, 3, 10), date(2025, 3, 1))}


def test_a_reversal_is_not_dated_into_a_closed_period(dated: Book, clock: list[datetime]) -> None:
    original = dated.transfer(A, B, 60, key="1", effective=DAY - timedelta(days=9))
    clock[0] += timedelta(days=9)
    dated.close_period(DAY, actor="Olu", key=new_key())
    with pytest.raises(ledger.PeriodClosed) as refused:
        dated.reverse(original.id, key="r", on_original_day=True)
    assert (refused.value.effective, refused.value.closed_through) == (original.effective, DAY)
    override = Override("Olu", "it never took place")
    with pytest.raises(ledger.PeriodClosed):  # an override is of limits
        dated.reverse(original.id, key="r", on_original_day=True, override=override)
    assert dated.reverse(original.id, key="r").effective == date(2025, 3, 10)


def test_a_reversal_on_the_day_of_its_original_keeps_to_the_limits_of_today(book: Book) -> None:
    original = book.transfer(A, B, 600, key="1", effective=DAY)
    book.transfer(B, FUND, 1200, key="2")
    with pytest.raises(ledger.LimitExceeded):
        book.reverse(original.id, key="r", on_original_day=True)
    override = Override("Olu", "it never took place")
    reversal = book.reverse(original.id, key="r", on_original_day=True, override=override)
    assert (reversal.effective, reversal.override) == (DAY, override)
    assert book.balance(A, effective=DAY) == 0
