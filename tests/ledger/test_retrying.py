"""Work is done again when the database gave up, and not when the book refused."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import sqlalchemy as sa

import ledger
from ledger import Book, retrying
from tests.ledger.keys import new_key

A, B = "school:a", "school:b"


@pytest.fixture
def opened(engine: sa.Engine) -> sa.Engine:
    with engine.begin() as connection:
        Book(connection).open_account(A, floor=-60, key=new_key())
        Book(connection).open_account(B, floor=None, key=new_key())
    return engine


class BrokenError(Exception):
    """What a driver says."""

    def __init__(self, **codes: str) -> None:
        self.__dict__ |= codes


def failing(
    times: int, *, invalidated: bool = False, **codes: str
) -> tuple[Callable[[Book], ledger.Transaction], list[int]]:
    """Work that posts and then meets so many failures of the database; and its attempts."""
    attempts: list[int] = []

    def work(book: Book) -> ledger.Transaction:
        attempts.append(len(attempts))
        posted = book.transfer(A, B, 60, key="once")
        if len(attempts) <= times:
            raise sa.exc.OperationalError(
                "", {}, BrokenError(**codes), connection_invalidated=invalidated
            )
        return posted

    return work, attempts


@pytest.mark.parametrize(
    "codes",
    [{"sqlstate": c} for c in ("40001", "40P01", "55P03")] + [{"sqlite_errorname": "SQLITE_BUSY"}],
)
def test_what_the_database_gave_up_is_done_again_once(
    opened: sa.Engine, codes: dict[str, str]
) -> None:
    work, attempts = failing(3, **codes)
    assert retrying(opened, work, first_pause=0).key == "once"
    assert len(attempts) == 4
    with opened.connect() as connection:
        assert Book(connection).balance(B) == 60


def test_it_ends_with_the_last_failure(opened: sa.Engine) -> None:
    work, attempts = failing(99, sqlstate="40001")
    with pytest.raises(sa.exc.OperationalError):
        retrying(opened, work, attempts=3, first_pause=0)
    assert len(attempts) == 3
    with opened.connect() as connection:
        assert Book(connection).balance(B) == 0


def test_other_failures_and_refusals_are_not_tried_again(opened: sa.Engine) -> None:
    work, attempts = failing(99, sqlstate="23505")
    with pytest.raises(sa.exc.OperationalError):
        retrying(opened, work, first_pause=0)
    assert len(attempts) == 1
    tries: list[int] = []

    def refused(book: Book) -> None:
        tries.append(1)
        book.transfer(A, B, 61, key="too much")

    with pytest.raises(ledger.LimitExceeded):
        retrying(opened, refused, first_pause=0)
    assert len(tries) == 1


def test_an_unknown_outcome_is_found_out_by_the_key(opened: sa.Engine) -> None:
    work, attempts = failing(1, invalidated=True)
    retrying(opened, lambda book: book.transfer(A, B, 60, key="once"))
    assert retrying(opened, work, first_pause=0).replayed
    assert len(attempts) == 2
    with opened.connect() as connection:
        assert Book(connection).balance(B) == 60
