"""A table of behaviours that the tests and documents of other ledgers ask for.

Each behaviour is written anew for `ledger.Book` and names its source: pgledger (c18c7d2),
django-hordak (2f566f4), medici (bd97047), Formance ledger (25f8708), TigerBeetle (52ad553),
Beancount (a3cb3fd), hledger (2b28a75), and the documents of Modern Treasury, Twisp and Square. What
other tests of the ledger show already is not repeated here. Where this ledger does something else
than its peer, the behaviour is `Table.differs`, and its docstring says why.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from ledger import Account, Book, Transaction
from tests.ledger.conftest import in_the_past
from tests.ledger.keys import new_key

START = datetime(2025, 3, 10, 12, tzinfo=UTC)
A, B, C, BANK = "school:a", "school:b", "school:c", "network:bank"


class Clock:
    """A clock that a behaviour sets."""

    def __init__(self) -> None:
        self.time = START

    def __call__(self) -> datetime:
        return self.time

    def advance(self, **much: float) -> None:
        self.time += timedelta(**much)


Run = Callable[[Book, Clock], None]


class Behaviour(NamedTuple):
    """What a book does, who asks for it, and whether it does something else than that peer."""

    run: Run
    source: str
    differs: bool

    def __str__(self) -> str:
        return self.run.__name__


class Table:
    """The behaviours of one file."""

    def __init__(self) -> None:
        self._behaviours: list[Behaviour] = []

    def __iter__(self) -> Iterator[Behaviour]:
        return iter(self._behaviours)

    def same(self, source: str) -> Callable[[Run], Run]:
        """Add a behaviour that is as its source wants it."""
        return self._adding(source, differs=False)

    def differs(self, source: str) -> Callable[[Run], Run]:
        """Add a behaviour that is by design another than its source wants."""
        return self._adding(source, differs=True)

    def _adding(self, source: str, *, differs: bool) -> Callable[[Run], Run]:
        def add(run: Run) -> Run:
            assert run.__doc__ or not differs, "a difference is explained"
            self._behaviours.append(Behaviour(run, source, differs))
            return run

        return add


def open_account(
    book: Book, code: str, *, floor: int | None = 0, ceiling: int | None = None
) -> Account:
    """Open an account that owes nothing, unless another floor is given."""
    return book.open_account(code, floor=floor, ceiling=ceiling, key=new_key())


def limit(book: Book, code: str, floor: int | None, ceiling: int | None = None) -> Account:
    """Give an account other limits."""
    return book.set_limits(
        code, floor=floor, ceiling=ceiling, actor="Olu", memo="policy", key=new_key()
    )


def freeze(book: Book, code: str) -> Account:
    """Freeze an account."""
    return book.freeze(code, actor="Olu", memo="holidays", key=new_key())


def unfreeze(book: Book, code: str) -> Account:
    """Let a frozen account take postings again."""
    return book.unfreeze(code, actor="Olu", memo="back", key=new_key())


def close(book: Book, code: str) -> Account:
    """Close an account; the bank takes what it has."""
    return book.close_account(code, actor="Olu", memo="left", rest_to=BANK, key=new_key())


def fund(book: Book, code: str, minutes: int) -> Transaction:
    """Give an account minutes from the bank."""
    return book.transfer(BANK, code, minutes, key=f"fund:{code}")


def prepare(book: Book) -> None:
    """Open, long ago, three accounts that owe nothing and a bank without limits."""
    past = in_the_past(book.connection)
    for code in (A, B, C):
        open_account(past, code)
    open_account(past, BANK, floor=None)
