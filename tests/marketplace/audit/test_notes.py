"""What a school's statement says about the book as a whole."""

from __future__ import annotations

from datetime import UTC, datetime

from flask.testing import FlaskClient

from ledger import Book, Head, Report
from marketplace import clock
from marketplace.accounts.roles import Role
from marketplace.application import Skillbank
from marketplace.audit.notes import note_of
from marketplace.audit.standing import BookStanding
from marketplace.audit.verification.service import begin_run, finish_run
from marketplace.web.formats import moment, short_day
from tests.marketplace.accounts.factories import actor_for
from tests.marketplace.browser import Browser
from tests.marketplace.factories import saved
from tests.marketplace.network.factories import joined_school


def test_a_statement_says_how_the_book_stands(app: Skillbank, client: FlaskClient) -> None:
    with saved(app):
        finance = actor_for(joined_school(), Role.FINANCE)
    browser = Browser(client).be(finance).get("/credits")
    assert "The book has not been verified yet. Nothing is sealed yet." in browser.text
    with saved(app) as session:
        (seal,) = Book(session).seal()
        finish_run(session, begin_run(session, thorough=False), Report((), 0, {}), Head(1, 2))
    browser.get("/credits")
    assert f"The book is sound. Verified {short_day(clock.now())}, " in browser.text
    assert f"Sealed through {moment(seal.sealed_at)}." in browser.text


def test_a_fault_is_said_with_who_looks_into_it() -> None:
    verified_at = datetime(2026, 11, 20, 3, 5, tzinfo=UTC)
    note = note_of(BookStanding(verified_at, 4, 2, None, None, 0, None))
    assert note.is_alarming
    assert note.title == "The book has a fault."
    assert note.text.startswith(
        "The verification of 20 Nov 2026, 03:05 found 2 things that are wrong."
    )
