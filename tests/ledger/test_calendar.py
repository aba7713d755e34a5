"""Days and instants at the calendar's edges, and what is neither, wherever a book takes one."""

from __future__ import annotations

import inspect
import io
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta, timezone
from fractions import Fraction
from typing import Any, get_args

import pytest

import ledger
from ledger import Book, KnownTotals, NewTransaction, Posting
from ledger.interchange import exporting
from tests.ledger.keys import new_key

A, B, FUND = "school:a", "school:b", "network:fund"
FIRST, LAST = date.min, date.max
EAST, WEST = timezone(timedelta(hours=9)), timezone(timedelta(hours=-9))

Work = Callable[[Book, Any], object]


def batch(book: Book, day: Any) -> object:
    lines = [Posting(A, -1), Posting(B, 1)]
    return book.post_many([NewTransaction(postings=lines, key="k", effective=day)])


def demurrage(book: Book, day: Any) -> object:
    return book.demurrage(
        "2025", above=0, share=Fraction(1, 2), to=FUND, actor="Olu", effective=day
    )


def settle(book: Book, day: Any) -> object:
    return book.settle(book.hold(A, B, 5, key="h").id, key="k", effective=day)


def extend(book: Book, at: Any) -> object:
    return book.extend(book.hold(A, B, 5, key="h").id, at, key="e")


READING: dict[str, Work] = {
    "balance effective": lambda book, day: book.balance(B, effective=day),
    "trial_balance effective": lambda book, day: book.trial_balance(effective=day),
    "trial_balance_page effective": lambda book, day: book.trial_balance_page(effective=day),
    "trial_balance_totals effective": lambda book, day: book.trial_balance_totals(effective=day),
    "statement start": lambda book, day: book.statement(B, start=day),
    "statement end": lambda book, day: book.statement(B, end=day),
    "turnover start": lambda book, day: book.turnover(B, start=day),
    "turnover end": lambda book, day: book.turnover(B, end=day),
    "demurrage_due effective": lambda book, day: book.demurrage_due(
        "p", above=0, share=Fraction(1, 10), to=FUND, effective=day
    ),
    "trial_balance_totals_by_day start": lambda book, day: list(
        book.trial_balance_totals_by_day(day, day)
    ),
    "trial_balance_totals_by_day end": lambda book, day: book.trial_balance_totals_by_day(
        FIRST, day
    ),
    "trial_balance_totals_by_day recorded_before": lambda book, day: list(
        book.trial_balance_totals_by_day(FIRST, FIRST, recorded_before=day)
    ),
    "trial_balance_totals_from day": lambda book, day: book.trial_balance_totals_from(
        KnownTotals(FIRST, LAST, 0, 0), day
    ),
    "dated_back_since day": lambda book, day: book.dated_back_since(day),
    "journal start": lambda book, day: book.journal(start=day),
    "journal end": lambda book, day: book.journal(end=day),
    "journal of an account start": lambda book, day: book.journal(account=B, start=day),
    "journal of an account end": lambda book, day: book.journal(account=B, end=day),
}
WRITING: dict[str, Work] = {
    "post effective": lambda book, day: book.post(
        [Posting(A, 1), Posting(B, -1)], key="k", effective=day
    ),
    "transfer effective": lambda book, day: book.transfer(A, B, 1, key="k", effective=day),
    "grant effective": lambda book, day: book.grant(A, 1, source=FUND, key="k", effective=day),
    "hold effective": lambda book, day: book.hold(A, B, 1, key="k", effective=day),
    "settle effective": settle,
    "post_many effective": batch,
    "demurrage effective": demurrage,
}
CLOSING: dict[str, Work] = {
    "close_period ends_on": lambda book, day: book.close_period(day, actor="Olu", key=new_key())
}
DAYS = READING | WRITING | CLOSING
THEN: dict[str, Work] = {
    "balance recorded": lambda book, at: book.balance(B, recorded=at),
    "trial_balance recorded": lambda book, at: book.trial_balance(recorded=at),
    "trial_balance_page recorded": lambda book, at: book.trial_balance_page(recorded=at),
    "trial_balance_totals recorded": lambda book, at: book.trial_balance_totals(recorded=at),
}
EXPIRY: dict[str, Work] = {
    "hold expires_at": lambda book, at: book.hold(A, B, 5, key="k", expires_at=at),
    "extend expires_at": extend,
}
INSTANTS = THEN | EXPIRY


@pytest.fixture
def opened() -> datetime:
    """The first day of all in London, whose clock was more than a minute behind then."""
    return datetime(1, 1, 2, tzinfo=UTC)


@pytest.fixture
def book(book: Book) -> Book:
    """A book in which b has 60 minutes since the first of all days, 20 since today, a hold of 5."""
    book.transfer(A, B, 60, key="old", effective=FIRST)
    book.transfer(A, B, 20, key="new")
    book.hold(A, B, 5, key="h")
    return book


def test_every_verb_that_takes_a_day_or_an_instant_is_tried_here() -> None:
    taking = {
        f"{name} {parameter.name}"
        for name, verb in inspect.getmembers(Book, inspect.isfunction)
        if not name.startswith("_")
        for parameter in inspect.signature(verb).parameters.values()
        if "date" in str(parameter.annotation).lower()
    }
    taking = {name.replace(" fields", " effective") for name in taking}
    assert taking | {"post_many effective"} == {
        name for name in DAYS | INSTANTS if " of an account " not in name
    }


def refused(work: Work, book: Book, value: object) -> None:
    before = book.head()
    with pytest.raises((ledger.InvalidDate, ledger.BatchRefused)) as caught:
        work(book, value)
    error = caught.value
    if isinstance(error, ledger.BatchRefused):
        error = error.cause
    assert isinstance(error, ledger.InvalidDate)
    assert error.given == value
    assert str(error)
    assert book.head() == before


def test_what_is_no_calendar_date_is_refused(book: Book) -> None:
    for value in (
        datetime(2025, 3, 1),  # noqa: DTZ001
        datetime(2025, 3, 1, tzinfo=UTC),
        datetime.min.replace(tzinfo=UTC),
        datetime.max.replace(tzinfo=UTC),
        "2025-03-01",
        20250301,
    ):
        for work in DAYS.values():
            refused(work, book, value)
    assert book.verify().faults == ()


def test_what_is_no_instant_is_refused(book: Book) -> None:
    for value in (
        datetime(2025, 3, 1),  # noqa: DTZ001
        datetime.min,  # noqa: DTZ901
        datetime.max,  # noqa: DTZ901
        datetime.min.replace(tzinfo=EAST),
        datetime.max.replace(tzinfo=WEST),
        FIRST,
        LAST,
        "2025-03-01T12:00:00+00:00",
        0,
    ):
        for work in INSTANTS.values():
            refused(work, book, value)


def test_balances_go_from_the_first_day_to_the_last(book: Book) -> None:
    assert [book.balance(B, effective=day) for day in (FIRST, LAST)] == [60, 80]
    for day, total in ((FIRST, 60), (LAST, 80)):
        table = book.trial_balance(effective=day)
        assert table.debit == table.credit == total
    always = [datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)]
    assert [book.balance(B, recorded=at) for at in always] == [0, 80]
    assert [book.trial_balance(recorded=at).credit for at in always] == [0, 80]
    edges = [datetime.min.replace(tzinfo=WEST), datetime.max.replace(tzinfo=EAST)]
    assert [book.balance(B, recorded=at) for at in edges] == [0, 80]


def test_statements_go_from_the_first_day_to_the_last(book: Book) -> None:
    def read(**period: date) -> tuple[int, int, list[int]]:
        found = book.statement(B, **period)
        return found.opening, found.closing, [line.amount for line in found.lines]

    everything = (0, 80, [60, 20])
    for period in ({"start": FIRST}, {"end": LAST}, {"start": FIRST, "end": LAST}):
        assert read(**period) == everything
    for period in ({"end": FIRST}, {"start": FIRST, "end": FIRST}):
        assert read(**period) == (0, 0, [])
    for period in ({"start": LAST}, {"start": LAST, "end": LAST}, {"start": LAST, "end": FIRST}):
        assert read(**period) == (80, 80, [])


def test_journals_go_from_the_first_day_to_the_last(book: Book) -> None:
    def read(account: str | None, **period: date) -> list[str]:
        found: list[str] = []
        after = None
        while True:
            page = book.journal(account=account, after=after, limit=1, newest_first=False, **period)
            found += [transaction.key for transaction in page.transactions]
            if (after := page.next) is None:
                return found

    for account in (None, B):
        for period in ({"start": FIRST}, {"end": LAST}, {"start": FIRST, "end": LAST}):
            assert read(account, **period) == ["old", "new"]
        for period in ({"end": FIRST}, {"start": FIRST, "end": FIRST}):
            assert read(account, **period) == ["old"]
        for period in (
            {"start": LAST},
            {"start": LAST, "end": LAST},
            {"start": LAST, "end": FIRST},
        ):
            assert read(account, **period) == []


def test_the_first_day_can_be_posted_on_and_the_last_cannot_yet(book: Book) -> None:
    for work in WRITING.values():
        refused(work, book, LAST)
        savepoint = book.connection.begin_nested()
        before = book.head()
        work(book, FIRST)
        assert book.head().last > before.last
        assert book.verify().faults == ()
        savepoint.rollback()


def test_nothing_can_be_closed_through_the_last_day(book: Book) -> None:
    refused(CLOSING["close_period ends_on"], book, LAST)
    assert book.periods() == []


def test_the_first_day_is_closed_with_what_was_posted_on_it(book: Book) -> None:
    book.close_period(FIRST, actor="Olu", key=new_key())
    with pytest.raises(ledger.PeriodClosed):
        book.transfer(A, B, 1, key="k", effective=FIRST)
    with pytest.raises(ledger.InvalidDate, match="closed through 0001-01-01 already"):
        book.close_period(FIRST, actor="Olu", key=new_key())
    book.transfer(A, B, 1, key="k", effective=date(1, 1, 2))
    assert book.verify().faults == ()


def test_what_was_posted_on_the_first_day_is_in_the_first_period(book: Book) -> None:
    book.close_period(date(2020, 12, 31), actor="Olu", key=new_key())
    assert book.verify().faults == ()


def test_a_hold_lasts_no_longer_than_the_calendar_of_any_time_zone(book: Book) -> None:
    if book.connection.dialect.name == "postgresql":
        book.connection.exec_driver_sql("SET TIME ZONE 'Pacific/Kiritimati'")
    end = datetime.max.replace(tzinfo=UTC)
    latest = end - timedelta(days=1)
    for work in EXPIRY.values():
        for wrong in (datetime.min.replace(tzinfo=UTC), end, latest + timedelta(seconds=1)):
            refused(work, book, wrong)
        hold: Any = work(book, latest)
        assert hold.expires_at == latest
        assert book.hold_by_id(hold.id).expires_at == latest
        assert hold.id in [found.id for found in book.holds(A)]
        assert book.expire_holds() == 0
        book.settle(hold.id, key=f"s{hold.id}")
    assert book.balance(B) == 90
    assert book.verify().faults == ()


def test_a_book_with_the_first_day_is_exported_sealed_and_proved(book: Book) -> None:
    for form in get_args(exporting.Form):
        text = io.StringIO()
        assert ledger.export(book, form, text) == 2
        assert "0001-01-01" in text.getvalue()
    book.connection.commit()
    assert book.seal()[0].size == 4 + 3  # four openings
    number = book.journal(newest_first=False).transactions[0].id
    assert book.prove(number).transaction.effective == "0001-01-01"


def telling(told: Any) -> ledger.Clock:
    return lambda: told


def test_a_clock_tells_instants(book: Book) -> None:
    works: list[Callable[[Book], object]] = [
        lambda book: book.transfer(A, B, 1, key="k"),
        lambda book: book.post([Posting(A, 1), Posting(B, -1)], key="k"),
        lambda book: book.post_many(
            [NewTransaction(postings=[Posting(A, -1), Posting(B, 1)], key="k")]
        ),
        lambda book: book.open_account("school:d", floor=0, key=new_key()),
        lambda book: book.account(A),
        lambda book: book.close_period(date(2020, 1, 1), actor="Olu", key=new_key()),
    ]
    for told in (datetime(2025, 3, 1), FIRST, datetime.max.replace(tzinfo=WEST)):  # noqa: DTZ001
        for work in works:
            with pytest.raises(ledger.InvalidDate):
                work(Book(book.connection, clock=telling(told)))
    assert book.balance(B) == 80


def test_a_clock_may_tell_any_instant(book: Book) -> None:
    for balance, told in enumerate((datetime.min, datetime.max), start=81):  # noqa: DTZ901
        far = Book(book.connection, clock=telling(told.replace(tzinfo=UTC)))
        assert far.transfer(A, B, 1, key=f"k{balance}").entries[1].balance == balance
        assert far.account(B).posted == balance
    assert book.verify().faults == ()
