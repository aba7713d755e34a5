"""Many at once: one wins where only one can, nothing is lost, nothing is done twice."""

from __future__ import annotations

import random
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from multiprocessing import get_context
from threading import Barrier
from typing import Any

import pytest
import sqlalchemy as sa

import ledger
from ledger import Book, NewTransaction, Posting
from tests.ledger.conftest import connect
from tests.ledger.keys import new_key

A, B, C = "school:a", "school:b", "school:c"


@pytest.fixture
def opened(engine: sa.Engine) -> sa.Engine:
    with engine.begin() as connection:
        book = Book(connection)
        book.open_account(A, floor=-60, key=new_key())
        book.open_account(B, floor=None, key=new_key())
        book.open_account(C, floor=None, key=new_key())
    return engine


def do(engine: sa.Engine, work: Callable[[Book], Any]) -> Any:
    """Do one thing in its own transaction; a refusal is a result."""
    with engine.connect() as connection:
        try:
            result = work(Book(connection))
        except ledger.LedgerError as error:
            connection.rollback()
            return error
        connection.commit()
        return result


def race(engine: sa.Engine, *works: Callable[[Book], Any]) -> list[Any]:
    """Start several things at the same moment, each in its own thread and transaction."""
    barrier = Barrier(len(works))

    def run(work: Callable[[Book], Any]) -> Any:
        barrier.wait()
        return do(engine, work)

    with ThreadPoolExecutor(len(works)) as pool:
        return list(pool.map(run, works))


def kinds(results: list[Any]) -> list[str]:
    return sorted(type(result).__name__ for result in results)


def test_of_two_debits_with_credit_for_one_exactly_one_wins(opened: sa.Engine) -> None:
    for number in range(5):
        results = race(
            opened,
            lambda book, n=number: book.transfer(A, B, 60, key=f"{n}:x"),
            lambda book, n=number: book.post(
                [Posting(A, -60), Posting(B, 30), Posting(C, 30)], key=f"{n}:y"
            ),
            lambda book, n=number: book.hold(A, C, 60, key=f"{n}:z"),
        )
        winners = [r for r in results if not isinstance(r, ledger.LedgerError)]
        assert len(winners) == 1
        assert [e.needed for e in results if isinstance(e, ledger.LimitExceeded)] == [60, 60]
        winner = winners[0]
        if isinstance(winner, ledger.Hold):
            do(opened, lambda book, w=winner, n=number: book.void(w.id, key=f"{n}:v"))
        else:
            do(opened, lambda book, w=winner, n=number: book.reverse(w.id, key=f"{n}:r"))


def test_of_two_settlements_or_voidings_exactly_one_wins(opened: sa.Engine) -> None:
    for number in range(5):
        hold = do(opened, lambda book, n=number: book.hold(A, B, 10, key=f"{n}:h"))
        results = race(
            opened,
            lambda book, n=number, h=hold: book.settle(h.id, key=f"{n}:s1"),
            lambda book, n=number, h=hold: book.settle(h.id, key=f"{n}:s2"),
            lambda book, n=number, h=hold: book.void(h.id, key=f"{n}:v"),
        )
        refused = [r for r in results if isinstance(r, ledger.HoldNotOpen)]
        assert len(refused) == 2
        do(opened, lambda book, n=number: book.transfer(B, A, 10, key=f"{n}:b"))


def test_of_two_reversals_exactly_one_wins(opened: sa.Engine) -> None:
    for number in range(5):
        first = do(opened, lambda book, n=number: book.transfer(B, C, 10, key=f"{n}:t"))
        results = race(
            opened,
            lambda book, n=number, t=first: book.reverse(t.id, key=f"{n}:r1"),
            lambda book, n=number, t=first: book.reverse(t.id, key=f"{n}:r2"),
        )
        assert kinds(results) == ["AlreadyReversed", "Transaction"]


def test_the_same_request_at_the_same_moment_is_done_once(opened: sa.Engine) -> None:
    results = race(opened, *[lambda book: book.transfer(A, B, 60, key="once")] * 4)
    assert len({result.id for result in results}) == 1
    assert sorted(result.replayed for result in results) == [False, True, True, True]


def test_one_key_for_different_things_at_the_same_moment_stands_for_one(
    opened: sa.Engine,
) -> None:
    with opened.begin() as connection:
        for name in "defg":
            Book(connection).open_account(name, floor=None, key=new_key())
    for number in range(5):
        results = race(
            opened,
            lambda book, n=number: book.transfer("d", "e", 1, key=f"k{n}"),
            lambda book, n=number: book.transfer("f", "g", 1, key=f"k{n}"),
            lambda book, n=number: book.post_many(
                [NewTransaction(postings=[Posting(A, -1), Posting(B, 1)], key=f"k{n}")],
                atomic=False,
            )[0],
        )
        assert kinds(results) == ["IdempotencyConflict", "IdempotencyConflict", "Transaction"]


def _something(book: Book, chance: random.Random, key: str) -> object:
    """A random posting, batch or hold over few accounts."""
    one, two, three = chance.sample(["p", "q", "r", "s"], 3)
    minutes, choice = chance.randint(1, 30), chance.random()
    if choice < 0.5:
        return book.transfer(one, two, minutes, key=key)
    if choice < 0.7:
        lines = [Posting(one, -2 * minutes), Posting(three, minutes), Posting(two, minutes)]
        return book.post(lines, key=key)
    if choice < 0.8:
        legs = (
            [Posting(one, -minutes), Posting(two, minutes)],
            [Posting(two, -1), Posting(three, 1)],
        )
        return book.post_many(
            [NewTransaction(postings=ls, key=f"{key}:{i}") for i, ls in enumerate(legs)]
        )
    hold = book.hold(one, two, minutes, key=key)
    if choice < 0.95:
        return book.settle(hold.id, max(1, minutes // 2), key=f"{key}:s")
    return book.void(hold.id, key=f"{key}:v")


def _bank(url: str, seed: int, rounds: int) -> int:
    """One process of a bank; says how many of its transactions were not refused."""
    engine = connect(url)
    chance = random.Random(seed)
    results = [
        do(engine, lambda book, n=n: _something(book, chance, f"{seed}:{n}")) for n in range(rounds)
    ]
    engine.dispose()
    return sum(not isinstance(result, ledger.LedgerError) for result in results)


def test_processes_posting_to_the_same_accounts_lose_nothing(
    opened: sa.Engine, database_url: str
) -> None:
    with opened.begin() as connection:
        for code in "pqrs":
            Book(connection).open_account(code, floor=-100, key=new_key())
    opened.dispose()
    with ProcessPoolExecutor(4, mp_context=get_context("spawn")) as pool:
        done = list(pool.map(_bank, [database_url] * 4, range(4), [60] * 4))
    assert all(done)
    with opened.connect() as connection:
        book = Book(connection)
        for code, account in book.balances().items():
            amounts, seen, after = [], 0, None
            while True:
                page = book.statement(code, after=after, limit=200)
                for line in page.lines:
                    amounts.append(line.amount)
                    assert line.balance == sum(amounts)
                    assert line.seq == len(amounts)
                seen = max(seen, *(line.balance for line in page.lines), 0)
                if (after := page.next) is None:
                    break
            assert account.posted == sum(amounts)
            assert account.version == len(amounts)
            assert (account.held_out, account.held_in) == (0, 0)
            assert account.floor is None or account.posted >= account.floor
        assert sum(account.posted for account in book.balances().values()) == 0
