"""Questions about a book, as the tests of other ledgers ask them."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone

import pytest
import sqlalchemy as sa

import ledger
from ledger import Book
from tests.ledger.behaviours import (
    BANK,
    START,
    A,
    B,
    Behaviour,
    Clock,
    Table,
    fund,
    prepare,
)

TABLE = Table()
TODAY = START.date()


@TABLE.same("TigerBeetle: get_account_transfers, an unknown account")
def an_unknown_account_has_no_pages(book: Book, clock: Clock) -> None:
    fund(book, A, 10)
    for ask in (
        lambda code: book.journal(account=code),
        lambda code: book.journal(account=code, start=TODAY),
        lambda code: book.statement(code),
        lambda code: book.turnover(code),
        lambda code: book.balance(code),
        lambda code: book.balance(code, effective=TODAY),
        lambda code: book.holds(code),
        lambda code: book.bilateral(A, code),
    ):
        with pytest.raises(ledger.UnknownAccount) as refused:
            ask("school:z")
        assert refused.value.code == "school:z"


@TABLE.same("Formance: api_transactions_list_timezone_test")
def an_instant_is_the_same_in_every_zone(book: Book, clock: Clock) -> None:
    clock.advance(hours=1)
    first = fund(book, A, 10).recorded
    clock.advance(hours=1)
    book.transfer(BANK, A, 5, key="later")
    expires_at = START + timedelta(days=2)
    for hours in (-12, -5, 0, 9, 14):
        zone = timezone(timedelta(hours=hours))
        for after, minutes in ((-1, 0), (0, 10), (3599, 10), (3600, 15)):
            instant = (first + timedelta(seconds=after)).astimezone(zone)
            assert book.balance(A, recorded=instant) == minutes
            assert book.trial_balance(recorded=instant).credit == minutes
        hold = book.hold(A, B, 1, key="h", expires_at=expires_at.astimezone(zone))
        assert hold.expires_at == expires_at
        assert hold.replayed == (hours != -12)  # the same content
    elsewhere = Book(
        book.connection, clock=lambda: datetime(2025, 3, 11, 8, tzinfo=timezone(timedelta(hours=9)))
    )
    posted = elsewhere.transfer(BANK, A, 1, key="in Tokyo")  # where it is the eleventh already
    assert (posted.recorded, posted.effective) == (datetime(2025, 3, 10, 23, tzinfo=UTC), TODAY)


@TABLE.same("Formance: api_volumes_test, effective dates in any order")
def days_may_come_in_any_order(book: Book, clock: Clock) -> None:
    for day, minutes in ((5, 16), (1, 1), (9, 32), (3, 4), (1, 2), (4, 8)):
        book.transfer(BANK, A, minutes, key=f"{day}:{minutes}", effective=date(2025, 3, day))
        clock.advance(minutes=1)
    balances = [book.balance(A, effective=date(2025, 3, day)) for day in range(10)[1:]]
    assert balances == [3, 3, 7, 15, 31, 31, 31, 31, 63]
    forwards = book.journal(account=A, start=date(2025, 3, 1), newest_first=False)
    assert [one.entries[1].amount for one in forwards.transactions] == [1, 2, 4, 8, 16, 32]
    assert [line.amount for line in book.statement(A).lines] == [16, 1, 32, 4, 2, 8]
    assert [line.balance for line in book.statement(A).lines] == [16, 17, 49, 53, 55, 63]


@TABLE.same("Formance, medici: pages of a list that grows meanwhile")
def what_comes_meanwhile_is_in_no_older_page(book: Book, clock: Clock) -> None:
    for number in range(7):
        book.transfer(BANK, A, 1, key=str(number))
    keys, after = [], None
    while True:
        page = book.journal(after=after, limit=2, account=A)
        keys += [one.key for one in page.transactions]
        book.transfer(BANK, A, 1, key=f"meanwhile:{len(keys)}")
        if (after := page.next) is None:
            break
    assert keys == ["6", "5", "4", "3", "2", "1", "0"]
    lines, after = [], None
    while True:
        statement = book.statement(A, after=after, limit=4, newest_first=True)
        lines += [line.seq for line in statement.lines]
        book.transfer(BANK, A, 1, key=f"and:{len(lines)}")
        if (after := statement.next) is None:
            break
    assert lines == list(range(11, 0, -1))


@TABLE.same("TigerBeetle: debits_posted, credits_posted; Formance: volumes input and output")
def volumes_are_gross_and_their_difference_is_the_balance(book: Book, clock: Clock) -> None:
    gift = fund(book, A, 60)
    book.transfer(A, B, 25, key="1")
    book.transfer(B, A, 5, key="2")
    book.hold(A, B, 10, key="h")
    for code, given, taken in ((A, 25, 65), (B, 5, 25), (BANK, 60, 0)):
        turnover = book.turnover(code)
        assert (turnover.given, turnover.taken) == (given, taken)
        assert turnover.taken - turnover.given == book.balance(code)
    book.transfer(BANK, A, 30, key="so that it can be reversed")
    book.reverse(gift.id, key="r")
    assert book.turnover(A) == (A, 85, 95)


@TABLE.same("Modern Treasury: posted, pending and available balance; Twisp: layers")
def three_balances_tell_what_is_posted_pending_and_available(book: Book, clock: Clock) -> None:
    fund(book, A, 60)
    fund(book, B, 5)
    out = book.hold(A, B, 20, key="out")
    book.hold(B, A, 5, key="in")
    for code, posted, held_out, held_in, available in ((A, 60, 20, 5, 40), (B, 5, 5, 20, 0)):
        account = book.account(code)
        assert (account.posted, account.held_out, account.held_in) == (posted, held_out, held_in)
        assert account.available == available  # what may still come is not spent before
    book.settle(out.id, key="s")
    assert [book.account(code).available for code in (A, B)] == [40, 20]


@TABLE.same("Beancount: test_check_samedate; a balance is that of the beginning of a day")
def a_days_first_balance_is_the_last_of_the_day_before(book: Book, clock: Clock) -> None:
    fund(book, A, 60)
    clock.advance(days=1)
    book.transfer(A, B, 10, key="1")
    clock.advance(hours=1)
    book.transfer(A, B, 10, key="2")
    assert book.balance(A, effective=TODAY) == 60
    page = book.statement(A, start=TODAY + timedelta(days=1), end=TODAY + timedelta(days=1))
    assert (page.opening, page.closing) == (60, 40)
    assert book.statement(A, start=TODAY + timedelta(days=2)).opening == 40


@pytest.mark.parametrize("behaviour", list(TABLE), ids=str)
def test_behaviour(behaviour: Behaviour, connection: sa.Connection) -> None:
    clock = Clock()
    book = Book(connection, clock=clock)
    prepare(book)
    behaviour.run(book, clock)
    assert book.verify().faults == ()
