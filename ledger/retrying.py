"""Doing work in a transaction again when the database, not the book, turned it away."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from typing import TypeVar

import sqlalchemy as sa

from ledger.book import Book
from ledger.clock import Clock

Result = TypeVar("Result")

_PASSING = {
    "40001",  # serialisation failure
    "40P01",  # deadlock
    "55P03",  # lock not available in time
}
_BUSY = {"SQLITE_BUSY", "SQLITE_BUSY_SNAPSHOT", "SQLITE_BUSY_RECOVERY", "SQLITE_LOCKED"}


def retrying(
    engine: sa.Engine,
    work: Callable[[Book], Result],
    *,
    clock: Clock | None = None,
    attempts: int = 8,
    first_pause: float = 0.01,
) -> Result:
    """Do ``work`` with a book in a transaction of its own and commit it; give its result.

    The book joins its caller's transaction, so it cannot begin again by itself. Here the whole
    transaction is done again, after a pause of random length that grows, when the database gave
    up because others were at work: a serialisation failure, a deadlock, a lock not had in time,
    a busy SQLite file. When the connection broke it is done again as well, although it may have
    been committed: the keys of what ``work`` posts see to it that nothing is done twice, so
    ``work`` must give the same keys each time, and do nothing outside the database.

    A refusal by the book, a `LedgerError`, is never retried.

    Args:
        attempts: how often at most; the last failure is raised.
        first_pause: seconds at most before the second attempt; doubled for each further one.
    """
    pause = first_pause
    for attempt in range(1, attempts + 1):
        try:
            with engine.begin() as connection:
                return work(Book(connection, clock=clock))
        except sa.exc.DBAPIError as error:
            if attempt == attempts or not passing(error):
                raise
        time.sleep(random.uniform(0, pause))  # noqa: S311 - spreads the attempts, no secret
        pause *= 2
    raise ValueError("at least one attempt has to be allowed")


def passing(error: sa.exc.DBAPIError) -> bool:
    """Whether a database's error says nothing about the work, so that it may be done again."""
    if error.connection_invalidated:
        return True
    driver = error.orig
    return (
        getattr(driver, "sqlstate", None) in _PASSING
        or getattr(driver, "sqlite_errorname", None) in _BUSY
    )
