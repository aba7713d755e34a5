"""A levy on a settlement: the payer pays the whole, a fund gets its share, none is lost."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from fractions import Fraction

import hypothesis.strategies as st
import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings

import ledger
from ledger import Book, Levy
from ledger.shares import split
from tests.ledger.keys import new_key

A, B, C, FUND = "school:a", "school:b", "school:c", "network:fund"
FIVE = Levy(Fraction(5, 100), FUND)


@pytest.fixture
def hold(book: Book) -> Iterator[ledger.Hold]:
    """A hold of 90 minutes from a for c, which may take 120."""
    return book.hold(A, C, 90, key="hold")


def lines(transaction: ledger.Transaction) -> list[tuple[str, int, int, int]]:
    return [(e.account, e.amount, e.version, e.balance) for e in transaction.entries]


def test_the_share_goes_to_the_fund_in_the_same_transaction(book: Book, hold: ledger.Hold) -> None:
    settled = book.settle(hold.id, key="s", levy=FIVE)
    assert lines(settled) == [(A, -90, 1, -90), (C, 86, 1, 86), (FUND, 4, 1, 4)]
    assert book.transaction(settled.id) == settled
    after = book.hold_by_id(hold.id)
    assert (after.state, after.settled, after.remaining) == ("settled", 90, 0)
    assert all((a.held_out, a.held_in) == (0, 0) for a in book.balances().values())
    assert book.statement(A).lines[0].counterparties == (C, FUND)


def test_each_part_is_levied_and_the_rest_stays_held(book: Book, hold: ledger.Hold) -> None:
    assert lines(book.settle(hold.id, 19, key="1", final=False, levy=FIVE)) == [
        (A, -19, 1, -19),
        (C, 19, 1, 19),
    ]
    assert lines(book.settle(hold.id, 20, key="2", final=False, levy=FIVE))[2] == (FUND, 1, 1, 1)
    assert book.account(C).held_in == book.account(A).held_out == 51
    assert book.settle(hold.id, key="3").entries[1].amount == 51
    assert [book.balance(code) for code in (A, C, FUND)] == [-90, 89, 1]


def test_the_ceiling_of_the_provider_is_right_after_a_levy(book: Book, hold: ledger.Hold) -> None:
    book.settle(hold.id, key="s", levy=FIVE)
    assert book.account(C).room == 120 - 86
    book.transfer(A, C, 34, key="t")
    with pytest.raises(ledger.LimitExceeded):
        book.transfer(A, C, 1, key="u")


def test_a_key_stands_for_the_settlement_with_its_levy(book: Book, hold: ledger.Hold) -> None:
    first = book.settle(hold.id, 60, key="s", levy=FIVE)
    again = book.settle(hold.id, 60, key="s", levy=Levy(Fraction(1, 20), FUND))
    assert (again.id, again.replayed, again.entries) == (first.id, True, first.entries)
    for other in (None, Levy(Fraction(1, 10), FUND), Levy(Fraction(1, 20), B)):
        with pytest.raises(ledger.IdempotencyConflict):
            book.settle(hold.id, 60, key="s", levy=other)
    assert book.balance(FUND) == 3


def test_a_levied_settlement_is_reversed_as_a_whole(book: Book, hold: ledger.Hold) -> None:
    settled = book.settle(hold.id, key="s", levy=FIVE)
    book.reverse(settled.id, key="r")
    assert [book.balance(code) for code in (A, C, FUND)] == [0, 0, 0]


def test_what_the_fund_cannot_take_is_refused_and_the_hold_stays(
    book: Book, hold: ledger.Hold
) -> None:
    def settle(levy: Levy = FIVE) -> ledger.Transaction:
        return book.settle(hold.id, key="s", levy=levy)

    with pytest.raises(ledger.UnknownAccount) as unknown:
        settle(Levy(Fraction(1, 2), "network:none"))
    assert unknown.value.code == "network:none"
    for code in (A, C):
        with pytest.raises(ledger.InvalidText):
            settle(Levy(Fraction(1, 2), code))
    book.hold(B, FUND, 2, key="for the fund")  # counts, too
    book.set_limits(FUND, floor=None, ceiling=5, actor="Olu", memo="full", key=new_key())
    with pytest.raises(ledger.LimitExceeded) as full:
        settle()
    assert (full.value.code, full.value.limit) == (FUND, "ceiling")
    assert (full.value.available, full.value.needed) == (3, 4)
    book.set_limits(FUND, floor=None, ceiling=None, actor="Olu", memo="more", key=new_key())
    book.freeze(FUND, actor="Olu", memo="audit", key=new_key())
    with pytest.raises(ledger.AccountNotOpen) as frozen:
        settle()
    assert (frozen.value.code, frozen.value.status) == (FUND, "frozen")
    assert book.hold_by_id(hold.id).remaining == 90
    assert settle(Levy(Fraction(1, 100), FUND)).entries[1].amount == 90  # no minute, no line


def test_an_expired_hold_for_the_fund_is_no_obstacle(connection: sa.Connection) -> None:
    time = datetime(2026, 3, 2, 9, tzinfo=UTC)
    book = Book(connection, clock=lambda: time)
    for code in (A, B):
        book.open_account(code, floor=None, key=new_key())
    book.open_account(FUND, floor=None, ceiling=3, key=new_key())
    book.hold(A, FUND, 3, key="f", expires_at=time + timedelta(hours=1))
    hold = book.hold(A, B, 60, key="h")
    time += timedelta(hours=2)
    assert book.settle(hold.id, key="s", levy=FIVE).entries[2].balance == 3


@pytest.mark.parametrize(
    "share", [Fraction(1), Fraction(-1, 10), Fraction(1, 1_000_001), 0.05, "1/2", None]
)
def test_a_share_is_a_fraction_of_less_than_the_whole(
    book: Book, hold: ledger.Hold, share: object
) -> None:
    with pytest.raises(ledger.InvalidShare):
        book.settle(hold.id, key="s", levy=Levy(share, FUND))  # type: ignore[arg-type]


@settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    minutes=st.integers(1, 2**40),
    share=st.fractions(0, 1, max_denominator=1_000_000).filter(lambda f: f < 1),
)
def test_both_databases_round_alike(
    connection: sa.Connection, minutes: int, share: Fraction
) -> None:
    book = Book(connection)
    for code in (A, B, FUND):
        book.open_account(code, floor=None, key=new_key())
    hold = book.hold(A, B, minutes, key="h")
    book.settle(hold.id, key="s", levy=Levy(share, FUND))
    assert (book.balance(B), book.balance(FUND)) == split(minutes, share)
    connection.rollback()
