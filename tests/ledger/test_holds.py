"""Holds: minutes reserved, settled in parts or whole, released, voided, expired."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import pytest
import sqlalchemy as sa

import ledger
from ledger import Book, Posting
from tests.ledger.conftest import in_the_past
from tests.ledger.keys import new_key

A, B, C, FUND = "school:a", "school:b", "school:c", "network:fund"
START = datetime(2026, 3, 2, 9, tzinfo=UTC)


class Clock:
    """A clock that is set by the test."""

    def __init__(self) -> None:
        self.time = START

    def __call__(self) -> datetime:
        return self.time

    def advance(self, **much: float) -> None:
        self.time += timedelta(**much)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def book(connection: sa.Connection, clock: Clock) -> Iterator[Book]:
    book, past = Book(connection, clock=clock), in_the_past(connection)
    past.open_account(A, floor=-600, key=new_key())
    past.open_account(B, floor=-600, key=new_key())
    past.open_account(C, floor=-60, ceiling=120, key=new_key())
    past.open_account(FUND, floor=None, key=new_key())
    return book


def held(book: Book, code: str) -> tuple[int, int]:
    account = book.account(code)
    return account.held_out, account.held_in


def test_a_hold_reserves_and_posts_nothing(book: Book) -> None:
    hold = book.hold(A, B, 60, key="1", memo="Maths", actor="Ann", reference="exchange:1")
    assert (hold.state, hold.remaining, hold.settled) == ("open", 60, 0)
    assert book.hold_by_id(hold.id) == hold
    assert book.holds(A) == book.holds(B) == [hold]
    assert (held(book, A), held(book, B)) == ((60, 0), (0, 60))
    assert book.balance(A) == 0
    assert book.account(A).available == 540
    assert book.statement(A).lines == ()
    assert book.journal().transactions == ()
    assert book.transaction(hold.id).entries == ()


def test_holds_count_against_the_floor_of_one_and_the_ceiling_of_the_other(book: Book) -> None:
    book.hold(A, B, 550, key="1")
    for attempt in (lambda: book.transfer(A, B, 51, key="2"), lambda: book.hold(A, B, 51, key="2")):
        with pytest.raises(ledger.LimitExceeded) as refused:
            attempt()
        assert (refused.value.available, refused.value.limit) == (50, "floor")
    book.hold(B, C, 100, key="3")
    for attempt in (
        lambda: book.transfer(A, C, 21, key="4"),
        lambda: book.hold(A, C, 21, key="4"),
        lambda: book.post([Posting(A, -20), Posting(FUND, -1), Posting(C, 21)], key="4"),
    ):
        with pytest.raises(ledger.LimitExceeded) as refused:
            attempt()
        assert (refused.value.available, refused.value.limit) == (20, "ceiling")


def test_settling_posts_what_was_held(book: Book) -> None:
    hold = book.hold(A, B, 60, key="1")
    transaction = book.settle(hold.id, key="2", memo="done", kind="exchange")
    assert transaction.hold_id == hold.id
    assert [(e.account, e.amount, e.balance) for e in transaction.entries] == [
        (A, -60, -60),
        (B, 60, 60),
    ]
    assert book.transaction(transaction.id) == transaction
    assert book.hold_by_id(hold.id).state == "settled"
    assert (held(book, A), held(book, B)) == ((0, 0), (0, 0))
    assert book.holds(A) == []
    assert [h.id for h in book.holds(A, open_only=False)] == [hold.id]


def test_settling_less_releases_the_rest(book: Book) -> None:
    hold = book.hold(A, B, 60, key="1")
    book.settle(hold.id, 45, key="2")
    assert book.balance(B) == 45
    assert held(book, A) == (0, 0)
    after = book.hold_by_id(hold.id)
    assert (after.state, after.settled, after.remaining) == ("settled", 45, 0)


def test_a_hold_is_settled_in_parts_up_to_what_was_held(book: Book) -> None:
    hold = book.hold(A, B, 60, key="1")
    book.settle(hold.id, 20, key="2", final=False)
    assert (held(book, A), book.hold_by_id(hold.id).remaining) == ((40, 0), 40)
    with pytest.raises(ledger.ExceedsHold) as refused:
        book.settle(hold.id, 41, key="3", final=False)
    assert (refused.value.remaining, refused.value.needed) == (40, 41)
    book.settle(hold.id, 40, key="3", final=False)
    assert book.hold_by_id(hold.id).state == "settled"
    assert book.balance(B) == 60
    with pytest.raises(ledger.AlreadySettled):
        book.settle(hold.id, 1, key="4")
    with pytest.raises(ledger.AlreadySettled):
        book.void(hold.id, key="4")


def test_voiding_releases_and_only_once(book: Book) -> None:
    hold = book.hold(A, B, 60, key="1")
    book.settle(hold.id, 20, key="2", final=False)
    voided = book.void(hold.id, key="3", actor="Ann")
    assert (voided.state, voided.settled, voided.remaining) == ("voided", 20, 0)
    assert (held(book, A), held(book, B)) == ((0, 0), (0, 0))
    assert book.void(hold.id, key="3", actor="Ann").replayed
    with pytest.raises(ledger.AlreadyVoided):
        book.void(hold.id, key="4")
    with pytest.raises(ledger.AlreadyVoided):
        book.settle(hold.id, key="4")
    with pytest.raises(ledger.UnknownHold):
        book.void(10**9, key="4")
    with pytest.raises(ledger.UnknownHold):
        book.hold_by_id(10**9)


def test_keys_of_holds_and_settlements_stand_for_one_thing(book: Book) -> None:
    hold = book.hold(A, B, 60, key="h")
    assert book.hold(A, B, 60, key="h") == ledger.Hold(
        **{name: getattr(hold, name) for name in hold.__slots__} | {"replayed": True}
    )
    with pytest.raises(ledger.IdempotencyConflict) as refused:
        book.hold(A, B, 61, key="h")
    assert refused.value.differences == {"hold": ([A, B, 60], [A, B, 61])}
    first = book.settle(hold.id, 30, key="s", final=False)
    again = book.settle(hold.id, 30, key="s", final=False)
    assert (again.id, again.replayed) == (first.id, True)
    with pytest.raises(ledger.IdempotencyConflict) as refused:
        book.settle(hold.id, 29, key="s", final=False)
    assert refused.value.differences == {"minutes": (30, 29)}
    assert held(book, A) == (30, 0)


def test_settling_never_fails_for_limits_or_a_freeze_that_came_later(book: Book) -> None:
    hold = book.hold(A, C, 100, key="1")
    other = book.hold(A, C, 20, key="2")
    book.set_limits(A, floor=0, ceiling=None, actor="Olu", memo="inactive", key=new_key())
    book.set_limits(C, floor=0, ceiling=10, actor="Olu", memo="inactive", key=new_key())
    for code in (A, C):
        book.freeze(code, actor="Olu", memo="inactive", key=new_key())
    with pytest.raises(ledger.AccountNotOpen) as refused:
        book.hold(A, C, 1, key="3")
    assert (refused.value.code, refused.value.status) == (A, "frozen")
    book.settle(hold.id, 60, key="4", final=False)
    book.settle(hold.id, key="5")
    book.void(other.id, key="6")
    assert book.balance(C) == 100


def test_an_expired_hold_cannot_be_settled_voided_or_extended(book: Book, clock: Clock) -> None:
    hold = book.hold(A, B, 60, key="1", expires_at=START + timedelta(hours=1))
    book.settle(hold.id, 10, key="2", final=False)
    clock.advance(hours=1)
    assert book.hold_by_id(hold.id).state == "expired"
    assert book.holds(A) == []
    for attempt in (
        lambda: book.settle(hold.id, key="3"),
        lambda: book.void(hold.id, key="3"),
        lambda: book.extend(hold.id, START + timedelta(days=1), key="3"),
    ):
        with pytest.raises(ledger.HoldExpired):
            attempt()
    assert book.balance(B) == 10


def test_an_expired_hold_blocks_no_credit_before_it_is_swept(book: Book, clock: Clock) -> None:
    for number in range(2):
        book.hold(A, B, 300, key=f"h{number}", expires_at=START + timedelta(hours=1))
    book.hold(B, C, 120, key="hc", expires_at=START + timedelta(hours=1))
    clock.advance(hours=2)
    assert (held(book, A), held(book, C)) == ((0, 0), (0, 0))
    assert book.account(A).available == 600
    book.transfer(A, B, 600, key="t")
    book.post([Posting(B, -119), Posting(FUND, -1), Posting(C, 120)], key="p")
    assert book.balance(A) == -600
    assert held(book, B) == (0, 0)
    book.expire_holds()
    assert [held(book, code) for code in (A, B, C)] == [(0, 0)] * 3


def test_the_sweep_releases_what_has_expired_and_nothing_else(book: Book, clock: Clock) -> None:
    book.hold(A, B, 10, key="1", expires_at=START + timedelta(hours=1))
    book.hold(A, C, 20, key="2", expires_at=START + timedelta(hours=1))
    book.hold(A, C, 40, key="3", expires_at=START + timedelta(hours=3))
    assert book.expire_holds() == 0
    clock.advance(hours=2)
    assert book.expire_holds() == 4
    assert book.expire_holds() == 0
    clock.time = START  # what was released stays released, whatever the clock says
    assert [held(book, code) for code in (A, B, C)] == [(40, 0), (0, 0), (0, 40)]


def test_a_batch_releases_expired_holds_too(book: Book, clock: Clock) -> None:
    book.hold(A, B, 600, key="h", expires_at=START + timedelta(hours=1))
    clock.advance(hours=2)
    lines = [Posting(A, -300), Posting(B, 300)]
    results = book.post_many([ledger.NewTransaction(postings=lines, key=str(n)) for n in range(2)])
    assert results[1].entries[0].balance == -600


def test_a_hold_is_extended(book: Book, clock: Clock) -> None:
    hold = book.hold(A, B, 60, key="1", expires_at=START + timedelta(hours=1))
    extended = book.extend(hold.id, START + timedelta(hours=3), key="2")
    assert (extended.expires_at, extended.state) == (START + timedelta(hours=3), "open")
    clock.advance(hours=2)
    assert held(book, A) == (60, 0)
    with pytest.raises(ledger.InvalidDate):
        book.extend(hold.id, START + timedelta(hours=1), key="3")
    book.extend(hold.id, None, key="3")
    clock.advance(days=9)
    book.settle(hold.id, key="4")
    assert book.balance(B) == 60


def test_a_hold_cannot_expire_before_it_begins_or_be_within_one_account(book: Book) -> None:
    with pytest.raises(ledger.InvalidDate):
        book.hold(A, B, 60, key="1", expires_at=START)
    with pytest.raises(ledger.InvalidDate):
        book.hold(A, B, 60, key="1", expires_at=datetime(2030, 1, 1))  # noqa: DTZ001
    with pytest.raises(ledger.InvalidText):
        book.hold(A, A, 60, key="1")
    with pytest.raises(ledger.UnknownAccount):
        book.hold(A, "school:z", 60, key="1")


def test_a_settlement_can_be_dated_earlier_and_reversed(book: Book, clock: Clock) -> None:
    hold = book.hold(A, B, 60, key="1")
    settlement = book.settle(hold.id, key="2", effective=date(2026, 2, 1))
    assert book.balance(B, effective=date(2026, 1, 31)) == 0
    assert book.balance(B, effective=date(2026, 2, 1)) == 60
    book.reverse(settlement.id, key="3")
    assert book.balance(B) == 0
    assert book.balance(B, effective=date(2026, 3, 1)) == 60
    with pytest.raises(ledger.NotReversible):
        book.reverse(hold.id, key="4")


def test_what_expires_at_this_very_instant_has_expired(book: Book, clock: Clock) -> None:
    hour = timedelta(hours=1)
    first, second = (book.hold(A, B, 300, key=str(n), expires_at=clock() + hour) for n in (1, 2))
    clock.time += hour - timedelta(microseconds=1)
    with pytest.raises(ledger.LimitExceeded):
        book.transfer(A, C, 1, key="3")
    clock.time += timedelta(microseconds=1)
    for attempt in (
        lambda: book.settle(first.id, key="4"),
        lambda: book.void(first.id, key="4"),
        lambda: book.extend(first.id, None, key="4"),
    ):
        with pytest.raises(ledger.HoldExpired):
            attempt()
    third = book.hold(B, FUND, 5, key="5")
    for late in (
        lambda: book.hold(A, B, 1, key="6", expires_at=clock()),
        lambda: book.extend(third.id, clock() + timedelta(microseconds=1), key="6"),
    ):
        with pytest.raises(ledger.InvalidDate):
            late()
    book.transfer(A, C, 120, key="7")
    assert book.account(A).held_out == 0
    assert book.hold_by_id(second.id).state == "expired"
