"""Statements, journal, trial balance, balances at a time; and the life of accounts."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

import ledger
from ledger import Book, KnownTotals, Posting, TrialBalanceTotals, schema
from ledger.clock import day_of
from tests.ledger.keys import new_key

A, B, C, FUND = "school:a", "school:b", "school:c", "network:fund"
FIRST = date(2026, 3, 1)


@pytest.fixture
def spread(connection: sa.Connection) -> Book:
    """Ten days, on each a transfer of 1, 2, … 10 minutes from a to b at noon."""
    time = datetime(2026, 3, 1, 12, tzinfo=UTC)
    book = Book(connection, clock=lambda: time)
    for code in (A, B, C):
        book.open_account(code, floor=None, key=new_key())
    for number in range(1, 11):
        kind = "grant" if number % 5 == 0 else "transfer"
        book.transfer(A, B, number, key=str(number), kind=kind, reference=f"exchange:{number % 3}")
        time += timedelta(days=1)
    return book


def test_a_statement_is_paged_and_its_balances_follow_each_other(spread: Book) -> None:
    amounts, balances, after = [], [], None
    while True:
        page = spread.statement(B, after=after, limit=3)
        assert (page.opening, page.closing) == (0, 55)
        amounts += [line.amount for line in page.lines]
        balances += [line.balance for line in page.lines]
        if (after := page.next) is None:
            break
    assert amounts == list(range(1, 11))
    assert balances == [sum(range(n + 1)) for n in range(1, 11)]
    assert page.lines[-1].counterparties == (A,)


def test_a_statement_of_a_period_opens_and_closes_with_its_balances(spread: Book) -> None:
    third, fifth = FIRST + timedelta(days=2), FIRST + timedelta(days=4)
    page = spread.statement(B, start=third, end=fifth)
    assert (page.opening, page.closing) == (3, 15)
    assert [line.amount for line in page.lines] == [3, 4, 5]
    newest = spread.statement(B, start=third, end=fifth, newest_first=True, limit=2)
    assert [line.amount for line in newest.lines] == [5, 4]
    rest = spread.statement(
        B, start=third, end=fifth, newest_first=True, limit=2, after=newest.next
    )
    assert [line.amount for line in rest.lines] == [3]
    assert rest.next is None
    empty = spread.statement(B, start=date(2026, 1, 1), end=date(2026, 1, 31))
    assert (empty.opening, empty.closing, empty.lines) == (0, 0, ())
    later = spread.statement(B, start=date(2026, 10, 1))
    assert (later.opening, later.closing, later.lines) == (55, 55, ())
    backwards = spread.statement(B, start=fifth, end=third)
    assert backwards.lines == ()


def test_a_statement_names_each_counterparty_once(book: Book) -> None:
    book.post([Posting(A, -9), Posting(B, 3), Posting(C, 3), Posting(B, 3)], key="1")
    (line,) = book.statement(A).lines
    assert line.counterparties == (B, C)
    assert len(book.statement(B).lines) == 2
    with pytest.raises(ledger.UnknownAccount):
        book.statement("school:z")
    with pytest.raises(ledger.InvalidText):
        book.statement(A, after="nonsense")


def test_balances_at_each_recorded_instant_and_effective_date(spread: Book) -> None:
    for number in range(11):
        noon = datetime(2026, 3, 1, 12, 1, tzinfo=UTC) + timedelta(days=number - 1)
        expected = sum(range(number + 1))
        assert spread.balance(B, recorded=noon) == expected
        assert spread.balance(A, recorded=noon + timedelta(hours=23)) == -expected
        assert spread.balance(B, effective=FIRST + timedelta(days=number - 1)) == expected
    assert spread.balance(C, recorded=datetime(2026, 3, 9, tzinfo=UTC)) == 0


def test_back_dated_postings_change_the_balance_by_effective_date_only(spread: Book) -> None:
    spread.transfer(B, C, 7, key="back", effective=FIRST + timedelta(days=1))
    assert spread.balance(B, effective=FIRST) == 1
    assert spread.balance(B, effective=FIRST + timedelta(days=1)) == 3 - 7
    assert spread.balance(B, effective=FIRST + timedelta(days=9)) == 55 - 7
    assert spread.balance(B, effective=date(2026, 6, 1)) == spread.balance(B) == 48
    assert spread.balance(B, recorded=datetime(2026, 3, 3, tzinfo=UTC)) == 3
    table = spread.trial_balance(effective=FIRST + timedelta(days=1))
    assert {row.code: row.credit - row.debit for row in table.rows} == {A: -3, B: -4, C: 7}
    assert table.debit == table.credit == 7


def test_the_totals_of_days_are_those_of_each_day(spread: Book) -> None:
    spread.transfer(B, C, 7, key="back", effective=FIRST + timedelta(days=3))
    spread.transfer(C, A, 5, key="further back", effective=FIRST)
    start, end = FIRST - timedelta(days=4), FIRST + timedelta(days=14)
    totals = dict(spread.trial_balance_totals_by_day(start, end))
    assert list(totals) == [start + timedelta(days=number) for number in range(19)]
    assert totals == {day: spread.trial_balance_totals(effective=day) for day in totals}
    later = dict(spread.trial_balance_totals_by_day(FIRST + timedelta(days=5), end))
    assert later == {day: totals[day] for day in later}
    assert dict(spread.trial_balance_totals_by_day(end, start)) == {}
    with pytest.raises(ledger.InvalidDate):
        spread.trial_balance_totals_by_day(start, None)  # type: ignore[arg-type]


def test_the_totals_of_a_day_follow_from_those_of_an_earlier_one(spread: Book) -> None:
    """Whatever was dated back before or since: also what a kept day knows nothing of yet."""
    spread.transfer(B, C, 7, key="back", effective=FIRST + timedelta(days=3))
    early = FIRST + timedelta(days=5)
    of_march = dict(
        spread.trial_balance_totals_by_day(FIRST, FIRST + timedelta(days=4), recorded_before=early)
    )
    spread.transfer(C, B, 90, key="further back", effective=FIRST + timedelta(days=1))
    assert of_march[FIRST + timedelta(days=4)].credit == 15  # what was dated back came later
    assert of_march == dict(
        spread.trial_balance_totals_by_day(FIRST, FIRST + timedelta(days=4), recorded_before=early)
    )
    for number in range(13):
        day = FIRST + timedelta(days=number)
        totals = spread.trial_balance_totals(effective=day)
        for from_day, kept in of_march.items():
            if from_day <= day:
                since = KnownTotals(from_day, early, kept.debit, kept.credit)
                assert spread.trial_balance_totals_from(since, day) == totals
    with pytest.raises(ledger.InvalidDate):
        spread.trial_balance_totals_from(KnownTotals(early, date.max, 0, 0), FIRST)
    with pytest.raises(ledger.InvalidDate):
        spread.trial_balance_totals_from(KnownTotals(FIRST, FIRST, 0, 0), early)
    with pytest.raises(ledger.InvalidDate):
        spread.trial_balance_totals_by_day(FIRST, early, recorded_before=early)


def test_it_is_told_since_when_balances_may_have_changed(spread: Book) -> None:
    assert spread.dated_back_since(FIRST) is None
    late = spread.transfer(B, C, 7, key="back", effective=FIRST + timedelta(days=3))
    today = day_of(late.recorded)
    assert spread.dated_back_since(today) == FIRST + timedelta(days=3)
    assert spread.dated_back_since(today + timedelta(days=1)) is None
    with pytest.raises(ledger.InvalidDate):
        spread.dated_back_since(None)  # type: ignore[arg-type]


def test_the_trial_balance_has_every_account_in_its_column(spread: Book) -> None:
    table = spread.trial_balance()
    assert [(row.code, row.debit, row.credit) for row in table.rows] == [
        (A, 55, 0),
        (B, 0, 55),
        (C, 0, 0),
    ]
    assert (table.debit, table.credit) == (55, 55)


@pytest.mark.parametrize("at", ["now", "day", "instant"])
def test_pages_and_totals_are_the_trial_balance_in_parts(spread: Book, at: str) -> None:
    spread.transfer(B, C, 7, key="back", effective=FIRST + timedelta(days=1))
    when: dict[str, Any] = {
        "now": {},
        "day": {"effective": FIRST + timedelta(days=1)},
        "instant": {"recorded": datetime(2026, 3, 3, 12, tzinfo=UTC)},
    }[at]
    table = spread.trial_balance(**when)
    assert any(row.credit for row in table.rows)
    first = spread.trial_balance_page(**when, limit=2)
    rest = spread.trial_balance_page(**when, after=first[-1].code, limit=2)
    assert (first + rest, len(first)) == (table.rows, 2)
    assert spread.trial_balance_page(**when, after=rest[-1].code) == ()
    assert spread.trial_balance_page(**when, limit=0) == ()
    totals = spread.trial_balance_totals(**when)
    assert totals == TrialBalanceTotals(len(table.rows), table.debit, table.credit)


def test_the_trial_balance_at_an_instant_is_as_the_book_stood_then(spread: Book) -> None:
    spread.transfer(B, C, 7, key="back", effective=FIRST + timedelta(days=1))
    for number in range(11):
        instant = datetime(2026, 3, 1, 12, tzinfo=UTC) + timedelta(days=number)
        table = spread.trial_balance(recorded=instant - timedelta(microseconds=1))
        gone = sum(range(number + 1))
        assert [row.credit - row.debit for row in table.rows] == [-gone, gone, 0]
        assert table.debit == table.credit == gone
    table = spread.trial_balance(recorded=datetime(2026, 3, 12, tzinfo=UTC))
    assert [row.credit - row.debit for row in table.rows] == [-55, 48, 7]
    with pytest.raises(ValueError, match="effective date or by recorded"):
        spread.balance(A, effective=FIRST, recorded=instant)
    with pytest.raises(ValueError, match="effective date or by recorded"):
        spread.trial_balance(effective=FIRST, recorded=instant)


def pages(book: Book, **filters: object) -> list[int]:
    amounts, after = [], None
    while True:
        page = book.journal(after=after, limit=2, **filters)  # type: ignore[arg-type]
        amounts += [abs(t.entries[0].amount) for t in page.transactions]
        if (after := page.next) is None:
            return amounts


def test_the_journal_of_an_account_has_each_of_its_transactions_once(book: Book) -> None:
    for number in range(1, 6):
        book.post(
            [Posting(A, -number), Posting(B, 2 * number), Posting(A, -number)],
            key=f"twice:{number}",
        )
        book.transfer(B, C, 1, key=f"other:{number}")
    assert pages(book, account=A) == [5, 4, 3, 2, 1]
    assert pages(book, account=A, newest_first=False) == [1, 2, 3, 4, 5]
    other = book.journal(account=C, limit=2)
    found = book.journal(account=A, after=other.next, limit=9)  # a cursor of another account
    assert [abs(t.entries[0].amount) for t in found.transactions] == [4, 3, 2, 1]


def test_the_journal_is_paged_and_filtered(spread: Book) -> None:
    assert pages(spread) == list(range(10, 0, -1))
    assert pages(spread, newest_first=False) == list(range(1, 11))
    assert pages(spread, kind="grant") == [10, 5]
    assert pages(spread, kind="transfer", account=B) == [9, 8, 7, 6, 4, 3, 2, 1]
    assert pages(spread, account=A, newest_first=False) == list(range(1, 11))
    assert pages(spread, reference="exchange:0") == [9, 6, 3]
    assert pages(spread, account=C) == []
    assert pages(spread, reference="") == []
    start, end = FIRST + timedelta(days=2), FIRST + timedelta(days=6)
    assert pages(spread, start=start, end=end) == [7, 6, 5, 4, 3]
    assert pages(spread, start=start, account=B, newest_first=False) == list(range(3, 11))
    spread.transfer(B, C, 99, key="back", effective=start)
    assert pages(spread, start=start, end=end, newest_first=False) == [3, 99, 4, 5, 6, 7]
    with pytest.raises(ledger.InvalidText):
        spread.journal(after="x")
    with pytest.raises(ledger.InvalidText):
        spread.journal(after="x/1", start=start)


def test_the_head_says_how_far_the_book_has_come(book: Book) -> None:
    assert book.head().entries == 0
    transaction = book.post([Posting(A, -2), Posting(B, 1), Posting(C, 1)], key="1")
    assert book.head() == (transaction.id, 3)


def test_accounts_are_opened_once_and_read_together(book: Book) -> None:
    account = book.account(C)
    assert (account.name, account.status, account.floor, account.ceiling) == (
        "Cedar",
        "open",
        -60,
        120,
    )
    assert (account.available, account.room) == (60, 120)
    assert book.account(FUND).available is None
    assert list(book.balances()) == [FUND, A, B, C]
    with pytest.raises(ledger.AccountExists) as refused:
        book.open_account(A, floor=0, key=new_key())
    assert refused.value.code == A
    for code in ("", " a", "a b", "a\n", "é", "x" * 101):
        with pytest.raises(ledger.InvalidText):
            book.open_account(code, floor=0, key=new_key())
    for floor, ceiling in ((1.5, None), (10, 5), (None, True)):
        with pytest.raises(ledger.InvalidAmount):
            book.open_account("new", floor=floor, ceiling=ceiling, key=new_key())  # type: ignore[arg-type]


def test_a_frozen_account_takes_nothing_new_until_it_is_unfrozen(book: Book) -> None:
    book.freeze(A, actor="Olu", memo="inactive", key=new_key())
    for attempt in (
        lambda: book.transfer(A, B, 1, key="1"),
        lambda: book.transfer(B, A, 1, key="1"),
        lambda: book.post([Posting(A, -2), Posting(B, 1), Posting(C, 1)], key="1"),
    ):
        with pytest.raises(ledger.AccountNotOpen) as refused:
            attempt()
        assert (refused.value.code, refused.value.status) == (A, "frozen")
    with pytest.raises(ledger.AccountNotOpen):
        book.freeze(A, actor="Olu", memo="again", key=new_key())
    with pytest.raises(ledger.InvalidText):
        book.unfreeze(A, actor="", memo="back", key=new_key())
    assert book.unfreeze(A, actor="Olu", memo="back", key=new_key()).status == "open"
    book.transfer(A, B, 1, key="1")


def test_closing_needs_zero_or_an_account_that_takes_the_rest(book: Book) -> None:
    book.transfer(A, B, 30, key="1")
    hold = book.hold(B, C, 10, key="2")
    with pytest.raises(ledger.AccountInUse) as refused:
        book.close_account(B, actor="Olu", memo="left", rest_to=FUND, key=new_key())
    assert refused.value.held == 10
    book.void(hold.id, key="3")
    with pytest.raises(ledger.AccountInUse) as refused:
        book.close_account(B, actor="Olu", memo="left", key=new_key())
    assert refused.value.posted == 30
    closed = book.close_account(B, actor="Olu", memo="left", rest_to=FUND, key=new_key())
    assert (closed.status, closed.posted) == ("closed", 0)
    assert book.balance(FUND) == 30
    with pytest.raises(ledger.AccountNotOpen):
        book.transfer(A, B, 1, key="4")
    with pytest.raises(ledger.AccountNotOpen):
        book.unfreeze(B, actor="Olu", memo="back", key=new_key())
    with pytest.raises(ledger.UnknownAccount):
        book.close_account(A, actor="Olu", memo="left", rest_to="school:z", key=new_key())
    assert book.close_account(C, actor="Olu", memo="left", key=new_key()).status == "closed"


def test_every_change_of_an_account_is_kept_with_who_and_why(
    book: Book, connection: sa.Connection
) -> None:
    book.set_limits(A, floor=-60, ceiling=60, actor="Olu", memo="policy", key=new_key())
    book.freeze(A, actor="Ann", memo="inactive", key=new_key())
    book.rename(A, "Ash Grove", actor="Ann", memo="a new sign", key="sign", reference="letter:7")
    assert [
        (one.action, one.status, one.name, one.floor, one.ceiling, one.actor, one.reason)
        for one in book.history(A)
    ] == [
        ("open", "open", "Ash", -600, None, "", ""),
        ("limits", "open", "Ash", -60, 60, "Olu", "policy"),
        ("freeze", "frozen", "Ash", -60, 60, "Ann", "inactive"),
        ("rename", "frozen", "Ash Grove", -60, 60, "Ann", "a new sign"),
    ]
    assert book.account(A).name == "Ash Grove"
    last = book.history(A)[-1]
    assert (last.key, last.reference) == ("sign", "letter:7")
    record = book.transaction(last.transaction_id)
    assert (record.action, record.kind, record.actor, record.memo) == (
        "rename", "account", "Ann", "a new sign"
    )  # fmt: skip
    with pytest.raises(ledger.UnknownAccount):
        book.history("school:z")


def test_installing_twice_is_harmless_and_uninstalling_leaves_nothing(engine: sa.Engine) -> None:
    with engine.begin() as connection:
        book = Book(connection)
        book.open_account(A, floor=None, key=new_key())
        book.open_account(B, floor=None, key=new_key())
        schema.install(connection)
        book.transfer(A, B, 1, key="1")
    with engine.begin() as connection:
        schema.uninstall(connection)
    assert sa.inspect(engine).get_table_names() == []
    with engine.begin() as connection:
        schema.install(connection)
        assert Book(connection).head() == (0, 0)


def test_a_schema_comparison_with_the_attached_tables_finds_no_difference(
    engine: sa.Engine,
) -> None:
    attached = sa.MetaData()
    schema.attach(attached, engine.dialect.name)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, attached) == []
