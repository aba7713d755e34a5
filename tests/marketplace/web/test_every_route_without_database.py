"""The database goes away: on every route the designed page and 503, never a bare error."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import sqlalchemy as sa

from marketplace.application import Skillbank
from marketplace.database import db
from tests.marketplace.browser import Browser
from tests.marketplace.test_access import EXPECTED, WHO, World, path_of
from tests.marketplace.test_access import world as world

OURS = "http://localhost"
WITHOUT_DATABASE = {
    ("accounts.sign_in", "GET"): 200,  # signed out
    ("accounts.sign_in", "POST"): 422,  # an empty form
    ("accounts.sign_in_with_passkey", "POST"): 422,
    ("pages.robots", "GET"): 200,
    ("pages.favicon", "GET"): 302,
    ("pages.security_txt", "GET"): 200,
    ("pages.old_security_txt", "GET"): 301,
    ("help.index", "GET"): 200,
    ("help.article", "GET"): 200,
    ("help.privacy", "GET"): 200,
    ("help.accessibility", "GET"): 200,
    ("help.terms", "GET"): 200,
    ("help.cookie_list", "GET"): 200,
    ("help.contact", "GET"): 200,
}
"""What is answered without the database, to a person who is signed out."""


@contextmanager
def away(app: Skillbank, after: int) -> Iterator[list[str]]:
    """The database answers ``after`` statements, and then nothing more; gives the statements."""
    statements: list[str] = []
    with app.app_context():
        engine = db.engine

    def refuse(_connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        if statement.startswith("INSERT INTO security_event"):
            # It is kept once the answer is there, which it does not change.
            raise sa.exc.OperationalError(statement, {}, sqlite3.OperationalError("it is away"))
        statements.append(statement)
        if len(statements) > after:
            raise sa.exc.OperationalError(statement, {}, sqlite3.OperationalError("it is away"))

    sa.event.listen(engine, "before_cursor_execute", refuse)
    try:
        yield statements
    finally:
        sa.event.remove(engine, "before_cursor_execute", refuse)


@pytest.mark.parametrize("after", [0, 1, 2, 3])
def test_every_route_says_so(app: Skillbank, world: World, after: int) -> None:
    """For the first person of the table who may use the route; "it" may break at any statement."""
    faults = []
    reached = 0
    for (endpoint, method, whose), outcomes in EXPECTED.items():
        # Else the first for whom at least the thing is unknown, or the empty form wrong.
        codes = list(zip(WHO, outcomes.split(), strict=True))
        allowed = [who for who, code in codes if code[0] in "23"]
        allowed += [who for who, code in codes if code in ("404", "409", "422")]
        if not allowed and (endpoint, method) not in WITHOUT_DATABASE:
            continue  # nobody here may open it, and that is the answer
        who = (allowed or WHO)[0]
        if (endpoint, method) in WITHOUT_DATABASE:
            who = "nobody"
        client = app.test_client()
        if (actor := world.people[who]) is not None:
            Browser(client).be(actor)
        path = path_of(app, endpoint, world, whose)
        app.extensions["skillbank.health"]["good_until"] = 0.0
        with away(app, after) as statements:
            try:
                answer = client.open(
                    path, method=method, data={"body": "kept"}, headers={"Origin": OURS}
                )
            except sa.exc.OperationalError:
                # A download that has begun is broken off, so that nobody takes it for whole.
                assert endpoint.endswith(("_csv", "_export", "export_file")), endpoint
                continue
        if answer.status_code == WITHOUT_DATABASE.get((endpoint, method)):
            continue  # what it wanted to keep afterwards is lost, and the answer is the same
        if len(statements) <= after:
            continue  # it needs no more statements than the database answered
        reached += 1
        heading = re.search(r"<h1\b[^>]*>(.*?)</h1>", answer.text, re.DOTALL)
        words = heading[1] if heading else answer.text
        good = answer.status_code == 503 and (
            "The database cannot be reached just now" in words or endpoint == "healthz"
        )
        if good and method == "POST" and world.people[who] is not None:
            good = 'name="body" value="kept"' in answer.text
        if not good:
            faults.append((endpoint, method, whose, who, answer.status_code, words))
    assert faults == []
    assert reached > 20


def test_some_answer_without_it(app: Skillbank, world: World) -> None:
    answered = {}
    for endpoint, method in WITHOUT_DATABASE:
        path = path_of(app, endpoint, world, "")
        with away(app, 0):
            answer = app.test_client().open(path, method=method)
        answered[endpoint, method] = answer.status_code
    assert answered == WITHOUT_DATABASE
