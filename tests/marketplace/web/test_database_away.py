"""The database goes away in the middle of a step: a page to try again, and nothing half done."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa

from marketplace.application import Skillbank
from marketplace.database import db
from marketplace.exchanges.models import State
from tests.marketplace.browser import Browser
from tests.marketplace.exchanges.conftest import Pair
from tests.marketplace.exchanges.conftest import pair as pair
from tests.marketplace.factories import saved
from tests.marketplace.listings.factories import posted


@contextmanager
def failing(app: Skillbank, at: int) -> Iterator[list[str]]:
    """The connection breaks before statement number ``at``, or before the commit.

    PostgreSQL ends the connection in earnest. Gives the statements that were begun.
    """
    begun: list[str] = []
    with app.app_context():
        engine = db.engine

    def fail(connection: sa.Connection, where: str) -> None:
        begun.append(where)
        if engine.dialect.name == "postgresql":
            pid = connection.connection.dbapi_connection.info.backend_pid
            with sa.create_engine(engine.url, poolclass=sa.NullPool).connect() as other:
                other.execute(sa.text("SELECT pg_terminate_backend(:pid)"), {"pid": pid})
        else:
            gone = sqlite3.OperationalError("disk I/O error")
            raise sa.exc.OperationalError("", {}, gone)

    def broken() -> bool:
        return any(one.startswith("broken") for one in begun)

    def statement(connection: sa.Connection, *_more: Any) -> None:
        if not broken() and len(begun) == at:
            fail(connection, "broken")
        begun.append("statement")

    def commit(connection: sa.Connection) -> None:
        # A step that has fewer statements breaks at its end.
        if not broken() and len(begun) <= at:
            fail(connection, "broken at the end")

    sa.event.listen(engine, "before_cursor_execute", statement)
    sa.event.listen(engine, "commit", commit)
    try:
        yield begun
    finally:
        sa.event.remove(engine, "before_cursor_execute", statement)
        sa.event.remove(engine, "commit", commit)


def tried_again(
    browser: Browser, app: Skillbank, path: str, values: dict[str, list[str]], whole: Callable
) -> None:
    """Break ``values`` sent to ``path`` at its first statement, its second … and at the commit."""
    untouched = whole()
    at = 0
    while True:
        with failing(app, at) as begun:
            browser.post(path, values)
        assert browser.status == 503, at
        assert browser.heading == "The database cannot be reached just now"
        assert browser.buttons == ["Try again"]
        assert whole() == untouched
        if "broken at the end" in begun:
            break
        at += 1
    assert at > 5
    browser.submit("Try again")
    assert (browser.status, whole() != untouched) == (200, True)


def test_agreeing_is_done_whole_or_not_at_all(pair: Pair) -> None:
    exchange_id = pair.bring(State.PROPOSED)
    browser = pair.browser(pair.giver).get(f"/exchanges/{exchange_id}")
    tried_again(
        browser,
        pair.app,
        f"/exchanges/{exchange_id}/agree",
        browser.values("Agree"),
        lambda: (pair.exchange(exchange_id).state, pair.money),
    )
    assert pair.exchange(exchange_id).state == State.AGREED
    assert pair.money["taker"][1] == 180


def test_confirming_is_done_whole_or_not_at_all(pair: Pair) -> None:
    exchange_id = pair.bring(State.DELIVERED)
    browser = pair.browser(pair.taker).get(f"/exchanges/{exchange_id}")
    tried_again(
        browser,
        pair.app,
        f"/exchanges/{exchange_id}/confirm",
        browser.values("Confirm 3 credits"),
        lambda: (pair.exchange(exchange_id).state, pair.money),
    )
    assert pair.exchange(exchange_id).state == State.CONFIRMED


def test_what_was_typed_is_in_the_button_that_tries_again(pair: Pair) -> None:
    with saved(pair.app):
        listing_id = posted(pair.giver).id
    browser = pair.browser(pair.taker).get(f"/listings/{listing_id}/ask")
    values = browser.values("Send") | {"body": ["Two\r\nlines & “more” <b>"]}
    with failing(pair.app, 3):
        browser.post(f"/listings/{listing_id}/ask", values)
    assert browser.values("Try again")["body"] == ["Two\r\nlines & “more” <b>"]
    browser.submit("Try again")
    assert "Two lines & “more” <b>" in browser.text


def test_a_page_says_to_load_it_again(pair: Pair) -> None:
    browser = pair.browser(pair.taker)
    with failing(pair.app, 0):
        browser.get("/exchanges")
    assert browser.status == 503
    assert browser.page.select('main a[href="/exchanges"]')
    assert browser.get("/exchanges").status == 200


def test_signing_in_can_be_tried_again_but_keeps_no_password(pair: Pair) -> None:
    browser = Browser(pair.app.test_client()).get("/sign-in")
    values = browser.values("Sign in") | {"email": ["jo@example.org"], "password": ["a secret"]}
    with failing(pair.app, 0):
        browser.post("/sign-in", values)
    assert browser.status == 503
    assert "a secret" not in browser.answer.text


def test_carrying_on_still_only_shows_the_form(pair: Pair) -> None:
    """A form that was kept through a sign-in is not sent by the button that tries again."""
    with saved(pair.app):
        listing_id = posted(pair.giver).id
    browser = pair.browser(pair.taker).get(f"/listings/{listing_id}/ask")
    values = browser.values("Send") | {"body": ["Not yet."], "_resume": ["1"]}
    with failing(pair.app, 1):
        browser.post(f"/listings/{listing_id}/ask", values)
    browser.submit("Try again")
    assert browser.values("Send")["body"] == ["Not yet."]


def test_a_page_is_read_while_somebody_writes(pair: Pair) -> None:
    """On SQLite one writer shuts out the others, but no reader."""
    browser = pair.browser(pair.taker)
    with pair.app.app_context(), db.engine.connect() as writer:
        writer.execute(sa.text("UPDATE school SET county = 'Lancashire'"))
        assert browser.get("/home").status == 200
        assert browser.get("/credits").status == 200
