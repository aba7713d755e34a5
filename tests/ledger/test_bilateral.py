"""What two accounts have given each other, whatever has been added up and whatever not."""

from __future__ import annotations

import random
import time
from concurrent.futures import ThreadPoolExecutor
from fractions import Fraction

import pytest
import sqlalchemy as sa

import ledger
from ledger import Book, Levy, Posting, schema
from ledger.operations import bilateral
from tests.ledger.keys import new_key

A, B, C, FUND = "school:a", "school:b", "school:c", "network:fund"


@pytest.fixture(params=[None, 1, 7], ids=["nothing added up", "one by one", "in between"])
def adding(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> int | None:
    """How many entries are added up at a time, after each step; none at all, if None."""
    monkeypatch.setattr(bilateral, "TAIL", 0)
    return request.param


def both(book: Book, a: str, b: str) -> tuple[int, int]:
    """The answer, which has to be the same from the other side."""
    there, back = book.bilateral(a, b), book.bilateral(b, a)
    assert (there.a, there.b, there.given, there.taken) == (a, b, back.taken, back.given)
    return there.given, there.taken


def test_the_positions_are_gross_and_a_reversal_takes_back(book: Book, adding: int | None) -> None:
    def step() -> None:
        if adding:
            book.summarise(adding)

    book.transfer(A, B, 30, key="1")
    step()
    book.transfer(B, A, 10, key="2")
    step()
    assert both(book, A, B) == (30, 10)
    hold = book.hold(A, B, 100, key="3")
    step()
    assert both(book, A, B) == (30, 10)
    settled = book.settle(hold.id, 60, key="4", levy=Levy(Fraction(1, 10), FUND))
    step()
    assert [both(book, A, code) for code in (B, FUND, C)] == [(84, 10), (6, 0), (0, 0)]
    assert both(book, B, FUND) == (0, 0)
    book.reverse(settled.id, key="5")
    step()
    assert [both(book, A, code) for code in (B, FUND)] == [(30, 10), (0, 0)]
    with pytest.raises(ledger.InvalidText):
        book.bilateral(A, A)
    with pytest.raises(ledger.UnknownAccount):
        book.bilateral(A, "school:z")


def test_of_many_lines_one_giver_or_one_taker_says_who_gave_whom(
    book: Book, adding: int | None
) -> None:
    book.post([Posting(A, -9), Posting(B, 3), Posting(C, 2), Posting(B, 4)], key="one giver")
    book.post([Posting(A, -5), Posting(B, -6), Posting(C, 11)], key="one taker")
    book.post([Posting(A, -5), Posting(B, 5), Posting(B, -5), Posting(C, 5)], key="b passes on")
    many = book.post(
        [Posting(A, -7), Posting(B, -8), Posting(C, 10), Posting(FUND, 5)], key="many to many"
    )
    book.reverse(many.id, key="back")
    while adding and book.summarise(adding):
        pass
    assert both(book, A, B) == (7, 0)
    assert both(book, A, C) == (2 + 5 + 5, 0)
    assert both(book, B, C) == (6, 0)
    assert both(book, A, FUND) == both(book, B, FUND) == (0, 0)


def test_what_is_added_up_is_added_once_and_up_to_the_limit(
    book: Book, connection: sa.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bilateral, "TAIL", 0)
    for number in range(10):
        book.transfer(A, B, 1, key=f"1:{number}")
        book.post([Posting(A, -2), Posting(A, -2), Posting(C, 4)], key=f"2:{number}")
    done = [book.summarise(4) for _ in range(20)]
    assert sum(done) == 10 + 20 + 10 + 10
    assert max(done) <= 5  # never half of a transaction
    table = schema.pair.c
    totals = connection.execute(sa.select(table.given, table.taken).order_by(table.given)).all()
    assert [tuple(row) for row in totals] == [(0, 10), (0, 40), (10, 0), (40, 0)]
    assert both(book, A, B) == (10, 0)
    monkeypatch.setattr(bilateral, "TAIL", 5)
    book.transfer(A, B, 1, key="3")
    assert book.summarise() == 0
    assert both(book, A, B) == (11, 0)


def test_nothing_is_lost_or_doubled_beside_writers_that_commit_late(
    engine: sa.Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bilateral, "TAIL", 0)
    codes = ["a", "b", "c", "d"]
    with engine.begin() as connection:
        for code in codes:
            Book(connection).open_account(code, floor=None, key=new_key())

    def write(seed: int) -> dict[tuple[str, str], int]:
        chance, sums = random.Random(seed), dict.fromkeys(((a, b) for a in codes for b in codes), 0)
        for number in range(25):
            with engine.begin() as connection:
                book = Book(connection)
                one, other = chance.sample(codes, 2)
                book.transfer(one, other, number + 1, key=f"{seed}:{number}")
                sums[one, other] += number + 1
                time.sleep(chance.random() / 200)  # so that others overtake it
        return sums

    def add_up(_: int) -> dict[tuple[str, str], int]:
        for _ in range(25):
            with engine.begin() as connection:
                Book(connection).summarise(7)
        return {}

    def watch(_: int) -> dict[tuple[str, str], int]:
        seen = 0
        for _ in range(40):
            with engine.connect().execution_options(read_only=True) as connection:
                given = Book(connection).bilateral("a", "b").given
                assert given >= seen
                seen = given
        return {}

    with ThreadPoolExecutor(6) as pool:
        jobs = [pool.submit(write, seed) for seed in range(3)]
        jobs += [pool.submit(add_up, 0), pool.submit(add_up, 0), pool.submit(watch, 0)]
        results = [job.result() for job in jobs]
    with engine.connect() as connection:
        book = Book(connection)
        for one in codes:
            for other in codes:
                if one < other:
                    expected = tuple(
                        sum(result.get(pair, 0) for result in results)
                        for pair in ((one, other), (other, one))
                    )
                    assert both(book, one, other) == expected
