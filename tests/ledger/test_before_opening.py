"""Nothing is effective on an account before the day it was opened, except what is brought in."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from fractions import Fraction
from io import StringIO

import pytest
import sqlalchemy as sa

from ledger import (
    BatchRefused,
    BeforeOpening,
    Book,
    InvalidDate,
    Levy,
    NewTransaction,
    Posting,
    import_journal,
    import_opening_balances,
)
from tests.ledger.keys import new_key

A, B, NEW = "school:a", "school:b", "school:new"
OPENING = datetime(2026, 7, 1, 23, 30, tzinfo=UTC)  # in London it is 2 July by then
FIRST, BEFORE = date(2026, 7, 2), date(2026, 7, 1)


@pytest.fixture
def book(book: Book, connection: sa.Connection) -> Book:
    """The book, with an account more, opened in the night to 2 July."""
    Book(connection, clock=lambda: OPENING).open_account(NEW, floor=-600, key=new_key())
    return book


def batch(book: Book, day: date, *, atomic: bool = True) -> object:
    lines = [[Posting(A, -1), Posting(B, 1)], [Posting(B, -1), Posting(NEW, 1)]]
    return book.post_many(
        [
            NewTransaction(postings=postings, key=f"k{number}", effective=day)
            for number, postings in enumerate(lines)
        ],
        atomic=atomic,
    )


VERBS: dict[str, Callable[[Book, date], object]] = {
    "transfer from it": lambda book, day: book.transfer(NEW, A, 1, key="k", effective=day),
    "transfer to it": lambda book, day: book.transfer(A, NEW, 1, key="k", effective=day),
    "hold": lambda book, day: book.hold(A, NEW, 1, key="k", effective=day),
    "post": lambda book, day: book.post(
        [Posting(A, -2), Posting(B, 1), Posting(NEW, 1)], key="k", effective=day
    ),
    "settle": lambda book, day: book.settle(
        book.hold(A, NEW, 9, key="h").id, key="k", effective=day
    ),
    "levy": lambda book, day: book.settle(
        book.hold(A, B, 9, key="h").id, key="k", effective=day, levy=Levy(Fraction(1, 9), NEW)
    ),
}


@pytest.mark.parametrize("verb", VERBS)
def test_nothing_is_effective_before_an_account_was_opened(book: Book, verb: str) -> None:
    with pytest.raises(BeforeOpening) as refusal:
        VERBS[verb](book, BEFORE)
    error = refusal.value
    assert isinstance(error, InvalidDate)
    assert (error.code, error.first, error.given) == (NEW, FIRST, BEFORE)
    assert str(error) == (
        "The account “school:new” was opened on 2 July 2026; nothing can be posted on it on "
        "1 July 2026. Choose that day or a later one."
    )


@pytest.mark.parametrize("verb", VERBS)
def test_its_first_day_is_the_first_that_can_be_posted_on(book: Book, verb: str) -> None:
    VERBS[verb](book, FIRST)
    assert book.verify().sound


def test_in_a_batch_it_is_the_posting_that_is_refused(book: Book) -> None:
    with pytest.raises(BatchRefused) as refusal:
        batch(book, BEFORE)
    assert refusal.value.index == 1
    assert isinstance(refusal.value.cause, BeforeOpening)
    assert refusal.value.cause.code == NEW
    posted, refused = batch(book, BEFORE, atomic=False)  # type: ignore[misc]
    assert posted.effective == BEFORE
    assert isinstance(refused, BeforeOpening)
    assert [one.replayed for one in batch(book, BEFORE, atomic=False)[:1]] == [True]  # type: ignore[index]


def test_a_levy_of_nothing_does_not_concern_its_account(book: Book) -> None:
    hold = book.hold(A, B, 9, key="h")
    settled = book.settle(hold.id, key="k", effective=BEFORE, levy=Levy(Fraction(1, 10), NEW))
    assert [entry.account for entry in settled.entries] == [A, B]


def test_what_is_imported_may_lie_before(book: Book) -> None:
    journal = (
        "transaction,effective,account,amount\n"
        "1,2026-01-05,school:new,-5\n"
        "1,2026-01-05,school:a,5\n"
    )
    assert import_journal(book, StringIO(journal), name="old", dry_run=False).done
    assert book.balance(NEW, effective=BEFORE) == -5
    opening = "account,minutes,effective\nschool:new,60,2026-01-04\n"
    report = import_opening_balances(
        book, StringIO(opening), name="start", against=A, dry_run=False
    )
    assert report.problems == ()
    assert book.account(NEW).posted == 55


def test_a_reversal_of_what_lies_before_is_no_matter(book: Book) -> None:
    lines = [Posting(A, -5), Posting(NEW, 5)]
    old = NewTransaction(postings=lines, key="old", effective=BEFORE)
    (imported,) = book.post_many([old], imported=True)
    assert not isinstance(imported, Exception)
    assert book.reverse(imported.id, key="r").effective >= FIRST
    assert book.verify().sound


def test_a_key_used_before_goes_before_that_refusal(book: Book) -> None:
    lines = [Posting(A, -5), Posting(NEW, 5)]
    old = NewTransaction(postings=lines, key="old", effective=BEFORE)
    book.post_many([old], imported=True)
    assert book.post(lines, key="old", effective=BEFORE).replayed
