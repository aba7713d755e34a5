"""The page of seals, and sealing at an operator's wish."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from ledger import Book
from marketplace.accounts.roles import Role
from marketplace.application import Skillbank
from marketplace.audit.seals import service
from marketplace.audit.seals.queries import list_seals
from marketplace.database import db
from tests.marketplace.accounts.factories import PersonFactory
from tests.marketplace.browser import Browser
from tests.marketplace.factories import saved
from tests.marketplace.network.factories import joined_school


@pytest.fixture
def operator(app: Skillbank, client: FlaskClient) -> Browser:
    with saved(app):
        joined_school()
        person = PersonFactory(roles=[(Role.OPERATOR, None)])
    return Browser(client).be(person)


def test_an_operator_seals_and_everyone_can_keep_the_fingerprint(
    app: Skillbank, operator: Browser
) -> None:
    operator.get("/credits/book/seals")
    assert "No seal yet" in operator.text
    operator.submit("Seal now")
    assert "sealed. Keep the newest fingerprint elsewhere." in operator.text
    with app.app_context():
        (seal,) = Book(db.session()).seals()
        head = Book(db.session()).head()
    (row,) = operator.page.select("table tbody tr")
    assert row.select_one("code").get_text(strip=True) == seal.hash
    assert f"No {head.last}" in row.text
    assert "everything is sealed" in operator.text
    operator.submit("Seal now")
    assert "There was nothing new to seal." in operator.text


def test_too_much_for_a_page_is_left_to_the_worker(
    app: Skillbank, operator: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service, "SEALED_AT_ONCE", 1)
    operator.get("/credits/book/seals").submit("Seal now")
    assert operator.status == 422
    assert "The worker seals them at 02:30" in operator.text
    with app.app_context():
        assert Book(db.session()).seals() == []


def test_pages_of_seals_join_up(app: Skillbank) -> None:
    with saved(app) as session:
        for _ in range(3):
            joined_school()
            Book(session).seal()
    with app.app_context():
        first = list_seals(db.session(), limit=2)
        assert first.next is not None
        second = list_seals(db.session(), after=first.next, limit=2)
        assert [row.number for row in first.rows + second.rows] == [3, 2, 1]
        assert [row.hash for row in second.rows] == [Book(db.session()).seals()[0].hash]
