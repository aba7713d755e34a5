"""What is done to accounts and periods is done once a key, like everything else in a book."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from threading import Barrier
from typing import Any

import pytest
import sqlalchemy as sa

import ledger
from ledger import Book, NewTransaction, Posting, retrying
from tests.ledger.conftest import in_the_past
from tests.ledger.keys import new_key

A, B, FUND = "school:a", "school:b", "network:fund"
WHO: dict[str, Any] = {"actor": "Olu", "memo": "decided"}
EARLY = date(2025, 1, 31)

CHANGES: dict[str, Callable[[Book, str], Any]] = {
    "open": lambda book, key: book.open_account("school:new", floor=-60, name="New", key=key),
    "limits": lambda book, key: book.set_limits(A, floor=-90, ceiling=90, key=key, **WHO),
    "rename": lambda book, key: book.rename(A, "Ash Grove", key=key, **WHO),
    "freeze": lambda book, key: book.freeze(A, key=key, **WHO),
    "close": lambda book, key: book.close_account(B, rest_to=FUND, key=key, **WHO),
    "close_period": lambda book, key: book.close_period(EARLY, key=key, actor="Olu"),
}


@pytest.fixture(params=CHANGES)
def change(request: pytest.FixtureRequest) -> Callable[[Book, str], Any]:
    return CHANGES[request.param]


@pytest.fixture
def paid(book: Book) -> Book:
    """A book in which b has something that a closure has to move."""
    book.transfer(A, B, 30, key="paid")
    return book


def test_a_change_that_is_repeated_is_made_once(
    paid: Book, change: Callable[[Book, str], Any]
) -> None:
    first = change(paid, "k")
    recorded = paid.head().last
    again = change(paid, "k")
    assert (first.replayed, again.replayed) == (False, True)
    assert again == first
    assert paid.head().last == recorded
    assert paid.transaction_by_key("k").id <= recorded
    assert paid.verify(thorough=True).faults == ()


def test_a_repeated_change_goes_before_what_refuses_it_today(paid: Book) -> None:
    paid.freeze(A, key="freeze", **WHO)
    paid.unfreeze(A, key="unfreeze", **WHO)
    paid.close_account(B, rest_to=FUND, key="close", **WHO)
    assert paid.freeze(A, key="freeze", **WHO).status == "open"  # as it stands now
    assert paid.close_account(B, rest_to=FUND, key="close", **WHO).status == "closed"
    with pytest.raises(ledger.AccountNotOpen):
        paid.close_account(B, rest_to=FUND, key="another", **WHO)


@pytest.mark.parametrize("other", CHANGES)
def test_a_key_that_stands_for_something_else_is_a_conflict(
    paid: Book, change: Callable[[Book, str], Any], other: str
) -> None:
    paid.transfer(A, FUND, 1, key="transfer")
    with pytest.raises(ledger.IdempotencyConflict) as refused:
        change(paid, "transfer")
    assert "action" in refused.value.differences
    if CHANGES[other] is not change:
        change(paid, "k")
        before = paid.head()
        with pytest.raises(ledger.IdempotencyConflict):
            CHANGES[other](paid, "k")
        assert paid.head() == before
    assert paid.verify().faults == ()


def test_the_same_change_with_other_words_is_a_conflict(paid: Book) -> None:
    paid.freeze(A, key="k", **WHO)
    for other in (
        lambda: paid.freeze(B, key="k", **WHO),
        lambda: paid.freeze(A, key="k", actor="Ann", memo="decided"),
        lambda: paid.freeze(A, key="k", actor="Olu", memo="another"),
        lambda: paid.freeze(A, key="k", reference="case:1", **WHO),
        lambda: paid.unfreeze(A, key="k", **WHO),
    ):
        with pytest.raises(ledger.IdempotencyConflict) as refused:
            other()
        assert refused.value.differences
    paid.set_limits(B, floor=0, ceiling=None, key="limits", **WHO)
    with pytest.raises(ledger.IdempotencyConflict):
        paid.set_limits(B, floor=0, ceiling=None, soft_floor=None, key="limits", **WHO)


def test_a_refused_change_leaves_nothing_and_its_key_free(paid: Book) -> None:
    hold = paid.hold(B, A, 5, key="held")
    before = paid.head()
    with pytest.raises(ledger.AccountInUse):
        paid.close_account(B, rest_to=FUND, key="close", **WHO)
    with pytest.raises(ledger.AccountExists):
        paid.open_account(A, floor=None, key="open")
    assert paid.head() == before
    paid.void(hold.id, key="void")
    assert paid.close_account(B, rest_to=FUND, key="close", **WHO).status == "closed"
    assert paid.open_account("school:z", floor=None, key="open").replayed is False


def test_who_and_why_are_needed_where_an_account_is_changed(book: Book) -> None:
    for fields in ({"memo": "x"}, {"actor": "Olu"}, {"actor": " ", "memo": "x"}):
        with pytest.raises(ledger.InvalidText):
            book.freeze(A, key="k", **fields)  # type: ignore[arg-type]
    with pytest.raises(ledger.InvalidText):
        book.close_period(EARLY, key="k", actor="")


OWN: dict[str, Callable[[Book], object]] = {
    "transfer": lambda book: book.transfer(A, B, 1, key="ledger:x"),
    "hold": lambda book: book.hold(A, B, 1, key="ledger:x"),
    "freeze": lambda book: book.freeze(A, key="ledger:x", **WHO),
    "batch": lambda book: book.post_many(
        [NewTransaction(postings=[Posting(A, -1), Posting(B, 1)], key="ledger:x")], atomic=False
    )[0],
}


@pytest.mark.parametrize("verb", OWN)
def test_the_librarys_own_keys_are_out_of_its_callers_reach(book: Book, verb: str) -> None:
    try:
        answer = OWN[verb](book)
    except ledger.LedgerError as error:
        answer = error
    assert isinstance(answer, ledger.InvalidText)
    assert answer.field == "key"


def test_no_key_of_a_caller_stands_in_the_way_of_a_charge_or_a_closure(paid: Book) -> None:
    for key in ("demurrage:2026-11:school:b", "close:school:b:1", "rest:close"):
        paid.transfer(A, FUND, 1, key=key)
    charged = paid.demurrage("2026-11", above=0, share=Fraction(1, 10), to=FUND, actor="Olu")
    assert [one.entries[0].account for one in charged] == [B]
    assert paid.close_account(B, rest_to=FUND, key="close", **WHO).status == "closed"


@pytest.mark.parametrize("name", CHANGES)
def test_a_change_asked_for_by_many_at_once_is_made_once(engine: sa.Engine, name: str) -> None:
    with engine.begin() as connection:
        for code in (A, B, FUND):
            in_the_past(connection).open_account(code, floor=None, key=new_key())
        Book(connection).transfer(A, B, 30, key="paid")
    together = Barrier(4)

    def ask(_: int) -> Any:
        together.wait()
        return retrying(engine, lambda book: CHANGES[name](book, "k"))

    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(ask, range(4)))
    assert sorted(answer.replayed for answer in answers) == [False, True, True, True]
    with engine.connect() as connection:
        book = Book(connection)
        of_accounts = sa.select(sa.func.count()).where(
            ledger.schema.transaction.c.action == name, ledger.schema.transaction.c.key == "k"
        )
        assert connection.scalar(of_accounts) == 1
        assert len(book.periods()) == (name == "close_period")
        assert book.verify(thorough=True).faults == ()


@pytest.mark.parametrize("differ", [False, True])
def test_an_account_is_opened_once_however_many_ask(engine: sa.Engine, differ: bool) -> None:
    together = Barrier(4)

    def ask(number: int) -> str:
        together.wait()
        key = f"k:{number}" if differ else "k"
        try:
            opened = retrying(engine, lambda book: book.open_account("x", floor=0, key=key))
        except ledger.AccountExists:
            return "exists"
        return "replayed" if opened.replayed else "opened"

    with ThreadPoolExecutor(4) as pool:
        answers = sorted(pool.map(ask, range(4)))
    assert answers == (["exists"] * 3 + ["opened"] if differ else ["opened"] + ["replayed"] * 3)
    with engine.connect() as connection:
        assert len(Book(connection).history("x")) == 1
        assert Book(connection).verify().faults == ()


def test_a_change_is_recorded_when_it_was_made(connection: sa.Connection) -> None:
    then = datetime(2026, 3, 29, 23, 30, tzinfo=UTC)  # the next day in London
    book = Book(connection, clock=lambda: then)
    book.open_account(A, floor=0, key="open")
    opening = book.transaction_by_key("open")
    assert (opening.recorded, opening.effective) == (then, date(2026, 3, 30))
    book.freeze(A, key="freeze", **WHO)
    assert book.transaction_by_key("freeze").recorded == then + timedelta(microseconds=1)
