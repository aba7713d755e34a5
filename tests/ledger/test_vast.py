"""No account goes beyond 2^40 minutes, limits or none: sums stay within the databases' 64 bits."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

import pytest

import ledger
from ledger import Book, Levy, NewTransaction, Override, Posting
from tests.ledger.keys import new_key

MOST = 2**40
EMPTY, FULL, ONE, TWO = "empty", "full", "one", "two"


@pytest.fixture
def vast(book: Book) -> Book:
    """A book with one account that can give nothing more and one that can take nothing more."""
    for code in (EMPTY, FULL, ONE, TWO):
        book.open_account(code, floor=None, key=new_key())
    book.transfer(EMPTY, FULL, MOST, key="vast")
    assert (book.balance(EMPTY), book.balance(FULL)) == (-MOST, MOST)
    return book


def batch(book: Book, lines: list[Posting], *, first: list[Posting] | None = None) -> Any:
    before = [NewTransaction(postings=first, key="before")] if first else []
    return book.post_many([*before, NewTransaction(postings=lines, key="k")])


def refused(book: Book, work: Callable[[], object]) -> tuple[str, str, int, int]:
    with pytest.raises((ledger.LimitExceeded, ledger.BatchRefused)) as caught:
        work()
    error = caught.value
    if isinstance(error, ledger.BatchRefused):
        error = error.cause
    assert isinstance(error, ledger.LimitExceeded)
    assert book.balance(FULL) <= MOST
    assert book.account(EMPTY).floor is book.account(EMPTY).available is None
    return error.code, error.limit, error.available, error.needed


def test_no_verb_takes_an_account_beyond_what_can_be_kept(vast: Book) -> None:
    giving: list[Callable[[], object]] = [
        lambda: vast.transfer(EMPTY, ONE, 1, key="k"),
        lambda: vast.post([Posting(EMPTY, -2), Posting(ONE, 1), Posting(EMPTY, 1)], key="k"),
        lambda: vast.hold(EMPTY, ONE, 1, key="k"),
        lambda: batch(vast, [Posting(EMPTY, -1), Posting(ONE, 1)]),
    ]
    for work in giving:
        assert refused(vast, work) == (EMPTY, "floor", 0, 1)
    taking: list[Callable[[], object]] = [
        lambda: vast.transfer(ONE, FULL, 1, key="k"),
        lambda: vast.post([Posting(ONE, -2), Posting(FULL, 1), Posting(TWO, 1)], key="k"),
        lambda: vast.hold(ONE, FULL, 1, key="k"),
        lambda: batch(vast, [Posting(ONE, -1), Posting(FULL, 1)]),
    ]
    for work in taking:
        assert refused(vast, work) == (FULL, "ceiling", 0, 1)
    step = [Posting(FULL, -5), Posting(EMPTY, 5)]
    assert refused(
        vast, lambda: batch(vast, [Posting(EMPTY, -6), Posting(ONE, 6)], first=step)
    ) == (
        EMPTY,
        "floor",
        5,
        6,
    )
    held = vast.hold(ONE, TWO, 10, key="h")
    levy = Levy(Fraction(1, 2), FULL)
    assert refused(vast, lambda: vast.settle(held.id, key="k", levy=levy)) == (
        FULL,
        "ceiling",
        0,
        5,
    )
    assert vast.settle(held.id, key="k").entries[1].balance == 10


def test_what_is_held_counts(vast: Book) -> None:
    vast.transfer(FULL, EMPTY, 100, key="back")
    held = vast.hold(ONE, FULL, 60, key="in")
    vast.hold(EMPTY, ONE, 60, key="out")
    assert refused(vast, lambda: vast.transfer(TWO, FULL, 41, key="k")) == (
        FULL,
        "ceiling",
        40,
        41,
    )
    assert refused(vast, lambda: vast.transfer(EMPTY, TWO, 41, key="k")) == (
        EMPTY,
        "floor",
        40,
        41,
    )
    vast.transfer(TWO, FULL, 40, key="k")
    vast.settle(held.id, key="s")
    assert vast.balance(FULL) == MOST


def test_nobody_overrides_what_can_be_kept(vast: Book) -> None:
    vast.set_limits(FULL, floor=None, ceiling=100, actor="Olu", memo="policy", key=new_key())
    gone = vast.transfer(FULL, ONE, 100, key="gone")
    back = vast.transfer(FULL, TWO, 1, key="back")
    olu = Override("Olu", "mistake")
    vast.reverse(back.id, key="r", override=olu)
    vast.set_limits(FULL, floor=None, ceiling=None, actor="Olu", memo="policy", key=new_key())
    vast.transfer(TWO, FULL, 1, key="again")
    assert refused(vast, lambda: vast.reverse(gone.id, key="r2", override=olu)) == (
        FULL,
        "ceiling",
        99,
        100,
    )


def test_one_posting_moves_no_more_than_an_account_can_have(book: Book) -> None:
    quarter = MOST // 4
    lines = [Posting("network:fund", quarter), Posting("network:fund", -quarter)] * 4
    assert book.post(sorted(lines), key="k").entries[3].balance == -MOST
    with pytest.raises(ledger.InvalidAmount) as refusal:
        book.post([*lines, Posting("network:fund", 1), Posting("network:fund", -1)], key="more")
    assert refusal.value.amount == MOST + 1
    assert book.balance("network:fund") == 0


def test_a_book_at_its_edge_is_verified_and_read(vast: Book) -> None:
    assert vast.verify().faults == ()
    table = vast.trial_balance()
    assert table.debit == table.credit == MOST
    assert vast.bilateral(EMPTY, FULL).given == MOST
    assert vast.statement(FULL, newest_first=True, limit=1).lines[0].balance == MOST
