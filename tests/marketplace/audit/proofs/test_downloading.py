"""The proof of a record as a file, for auditors."""

from __future__ import annotations

from flask.testing import FlaskClient

from ledger import Book, Proof
from ledger.schema.installing import remove_guards
from ledger.seals.proofs import check
from marketplace.accounts.roles import Role
from marketplace.application import Skillbank
from marketplace.database import db
from tests.marketplace.accounts.factories import PersonFactory
from tests.marketplace.browser import Browser
from tests.marketplace.factories import saved
from tests.marketplace.network.factories import joined_school


def test_a_sealed_record_has_a_proof_and_another_says_when(
    app: Skillbank, client: FlaskClient
) -> None:
    with saved(app) as session:
        joined_school()
        number = Book(session).head().last
        person = PersonFactory(roles=[(Role.AUDITOR, None)])
    browser = Browser(client).be(person).get(f"/credits/transactions/{number}")
    address = browser.page.find("a", string="Download the proof")["href"]
    browser.get(address)
    assert browser.path == f"/credits/transactions/{number}"
    assert "This record is in no seal yet" in browser.text
    with saved(app) as session:
        (seal,) = Book(session).seal()
    answer = client.get(address)
    assert f"proof-{number}.json" in answer.headers["Content-Disposition"]
    assert "Proven" in check(Proof.from_json(answer.data), seal.hash)
    assert browser.get("/credits/book/records/999999/proof.json").status == 404
    with app.app_context(), db.engine.begin() as connection:
        remove_guards(connection)
        connection.exec_driver_sql(f"UPDATE ledger_transaction SET memo = 'x' WHERE id = {number}")
    assert browser.get(address).status == 409
    assert "Verify the book thoroughly at once" in browser.text
