"""Groups: all of it or none, and no deadlock between those that cross."""

# ruff: noqa: PT012 -- what is refused is a group as a whole

from __future__ import annotations

import random
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from fractions import Fraction
from threading import Barrier
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

import ledger
from ledger import Book, Levy, NewTransaction, Posting
from tests.ledger.keys import new_key

A, B, C, FUND = "school:a", "school:b", "school:c", "network:fund"


def balances(book: Book) -> list[int]:
    return [book.balance(code) for code in (A, B, C, FUND)]


def test_a_group_does_all_of_its_verbs(book: Book) -> None:
    with book.group(A, B, C, FUND):
        first = book.transfer(A, B, 30, key="1")
        hold = book.hold(B, C, 20, key="2")
        book.settle(hold.id, key="3", levy=Levy(Fraction(1, 10), FUND))
        book.reverse(first.id, key="4")
    assert balances(book) == [0, -20, 18, 2]


def test_of_a_group_with_a_refusal_nothing_stays_and_the_transaction_goes_on(
    book: Book, connection: sa.Connection
) -> None:
    book.transfer(B, A, 5, key="before")
    kept = book.hold(A, B, 7, key="kept")
    with pytest.raises(ledger.GroupRefused) as refused, book.group(C, B, A):
        book.transfer(A, B, 30, key="1")
        book.hold(A, B, 10, key="2")
        book.settle(kept.id, key="3")
        book.set_limits(A, floor=0, ceiling=None, actor="Olu", memo="policy", key=new_key())
        book.transfer(A, C, 121, key="5")
    assert refused.value.index == 4
    assert isinstance(refused.value.cause, ledger.LimitExceeded)
    assert refused.value.cause.code == A
    assert balances(book) == [5, -5, 0, 0]
    assert book.holds(A) == [kept]
    assert book.account(A).floor == -600
    with book.group(A, B):
        book.transfer(A, B, 30, key="1")
    connection.commit()
    assert balances(book) == [-25, 25, 0, 0]


def test_a_refusal_that_the_block_passes_over_still_undoes_the_group(book: Book) -> None:
    with pytest.raises(ledger.GroupRefused) as refused, book.group(A, B):
        book.transfer(A, B, 30, key="1")
        with pytest.raises(ledger.InvalidAmount):
            book.transfer(A, B, 0, key="2")
        book.transfer(A, B, 30, key="3")
    assert (refused.value.index, type(refused.value.cause)) == (1, ledger.InvalidAmount)
    assert balances(book) == [0, 0, 0, 0]


def test_any_other_error_undoes_the_group_and_comes_through(book: Book) -> None:
    with pytest.raises(ZeroDivisionError), book.group(A, B):
        book.transfer(A, B, 30, key="1")
        raise ZeroDivisionError
    with pytest.raises(ledger.UnknownHold), book.group(A, B):
        book.transfer(A, B, 30, key="1")
        book.hold_by_id(10**9)
    assert balances(book) == [0, 0, 0, 0]
    book.transfer(A, C, 1, key="2")  # the witness went with its group


def test_a_verb_in_a_group_keeps_to_the_accounts_that_the_group_named(book: Book) -> None:
    hold = book.hold(A, C, 5, key="h")
    other = book.hold(A, B, 5, key="h2")
    past = book.transfer(B, C, 1, key="p")
    levy = Levy(Fraction(1, 2), FUND)
    line = [Posting(A, -1), Posting(FUND, 1)]
    for code, attempt in (
        (C, lambda: book.transfer(A, C, 1, key="1")),
        (C, lambda: book.hold(C, A, 1, key="1")),
        (FUND, lambda: book.post([Posting(A, -2), Posting(B, 1), Posting(FUND, 1)], key="1")),
        (FUND, lambda: book.post_many([NewTransaction(postings=line, key="1")], atomic=False)),
        (C, lambda: book.settle(hold.id, key="1")),
        (C, lambda: book.void(hold.id, key="1")),
        (FUND, lambda: book.settle(other.id, key="1", levy=levy)),
        (C, lambda: book.reverse(past.id, key="1")),
        (C, lambda: book.freeze(C, actor="Olu", memo="x", key=new_key())),
        (C, lambda: book.set_limits(C, floor=0, ceiling=0, actor="Olu", memo="x", key=new_key())),
        (FUND, lambda: book.close_account(A, actor="Olu", memo="x", rest_to=FUND, key=new_key())),
        (None, book.expire_holds),
        (None, book.summarise),
        (None, lambda: book.close_period(date(2020, 1, 1), actor="Olu", key=new_key())),
    ):
        with pytest.raises(ledger.GroupRefused) as refused, book.group(A, B):
            attempt()  # type: ignore[no-untyped-call]
        assert isinstance(refused.value.cause, ledger.NotInGroup)
        assert refused.value.cause.code == code
    with pytest.raises(ledger.UnknownAccount), book.group(A, "school:z"):
        pass


def test_a_group_in_a_group_is_undone_alone(book: Book) -> None:
    with book.group(A, B, C):
        book.transfer(A, B, 1, key="1")
        with pytest.raises(ledger.GroupRefused), book.group(A, B):
            book.transfer(A, B, 2, key="2")
            book.transfer(A, C, 4, key="3")
        book.transfer(A, C, 8, key="4")
    assert balances(book) == [-9, 1, 8, 0]
    with pytest.raises(ledger.NotInGroup), book.group(A), book.group(A, B):
        pass


def test_a_group_in_a_session_undoes_what_the_session_wrote_too(engine: sa.Engine) -> None:
    with Session(engine) as session:
        book = Book(session)
        book.open_account(A, floor=-10, key=new_key())
        book.open_account(B, floor=None, key=new_key())
        with pytest.raises(ledger.GroupRefused), book.group(A, B):
            book.open_account(C, floor=None, key=new_key())
            book.transfer(A, B, 11, key="1")
        session.commit()
        assert set(book.balances()) == {A, B}


def test_groups_that_cross_do_not_deadlock(engine: sa.Engine) -> None:
    codes = [A, B, C]
    with engine.begin() as connection:
        for code in codes:
            Book(connection).open_account(code, floor=-200, key=new_key())
    workers, rounds = 6, 15
    barrier = Barrier(workers)

    def work(worker: int) -> int:
        chance = random.Random(worker)
        barrier.wait()
        moved = 0
        for number in range(rounds):
            order = chance.sample(codes, 3)
            with engine.connect() as connection:
                book = Book(connection)
                try:
                    with book.group(*order):
                        for step, code in enumerate(order):
                            target = order[(step + 1) % 3]
                            key = f"{worker}:{number}:{step}"
                            book.transfer(code, target, 1 + step, key=key)
                except ledger.GroupRefused:
                    connection.rollback()
                    continue
                connection.commit()
                moved += 3
        return moved

    with ThreadPoolExecutor(workers) as pool:
        moved: Any = sum(pool.map(work, range(workers)))
    with engine.connect() as connection:
        book = Book(connection)
        assert sum(account.posted for account in book.balances().values()) == 0
        assert book.head().entries == 2 * moved
        assert moved > 0
