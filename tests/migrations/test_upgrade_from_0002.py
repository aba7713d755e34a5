"""`db upgrade` takes a database of the version before along, on both engines."""

from __future__ import annotations

from collections import Counter
from urllib.parse import urlsplit

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from flask_migrate import downgrade, upgrade
from werkzeug.exceptions import HTTPException

from ledger import Book, schema
from ledger.schema.installing import remove_guards
from ledger.seals.proofs import Proof, check
from marketplace.accounts.models import Person
from marketplace.application import Skillbank
from marketplace.clock import today
from marketplace.database import db, is_ours
from marketplace.demo.accounts import PASSWORD
from marketplace.exchanges.models import Exchange, State
from marketplace.statements.causes import compare_causes
from tests.databases import Databases
from tests.marketplace.browser import Browser
from tests.marketplace.conftest import running
from tests.marketplace.search.factories import indexed
from tests.migrations.conftest import newest_revision, revision
from tests.migrations.version_0002 import (
    GIVER,
    HOLDER,
    RECEIVER,
    SEALS,
    as_today,
    comparable,
    definitions,
    engine_of,
    old_proof,
    rows,
)

SUMMARIES_OF_LARGE_BOOKS = {"ledger_pair"}

SCHOOL_PAGES = {
    "pages.dashboard",
    "search.find",
    "pages.school",
    "pages.listing",
    "pages.conversation",
    "listings.ours",
    "conversations.inbox",
    "exchanges.ours",
    "exchanges.exchange",
}
STATEMENTS = {"statements.statement", "statements.statement_csv", "statements.transaction"}
AUDIT = {"audit.trial_balance", "audit.journal", "audit.account", "audit.account_csv"}
PAGES = {
    "coordinator": SCHOOL_PAGES | STATEMENTS | {"listings.new", "exchanges.propose"},
    "member": SCHOOL_PAGES,
    "finance": SCHOOL_PAGES | STATEMENTS,
    "administrator": SCHOOL_PAGES | {"members.people"},
    "operator": AUDIT | {"pages.dashboard", "search.find", "pages.school", "network.schools"},
    "auditor": AUDIT | {"pages.dashboard", "search.find", "pages.school"},
}
PAGES_OF_ONE_KIND = 2


def test_the_old_database_is_one_with_everything_in_it(old_app: Skillbank) -> None:
    with old_app.app_context():
        tables = rows(db.engine)
        assert revision() == "0002"
    assert len(tables["listing"]) == 24
    assert len(tables["exchange"]) == 40
    later = {State.DISPUTED, State.LAPSED}
    assert {row["state"] for row in tables["exchange"]} == set(State) - later
    assert {"once"} <= tables["message"][0].keys()
    empty = {table for table, table_rows in tables.items() if not table_rows}
    assert empty == SUMMARIES_OF_LARGE_BOOKS


def test_an_upgrade_keeps_every_row(old_app: Skillbank) -> None:
    with old_app.app_context():
        before = rows(db.engine)
        upgrade()
        assert revision() == newest_revision()
        after = rows(db.engine)
        assert after["entry_cause"]
        assert comparable(after) == as_today(before)


def test_an_upgrade_makes_what_the_models_say(app: Skillbank) -> None:
    with app.app_context(), db.engine.connect() as connection:
        context = MigrationContext.configure(
            connection, opts={"compare_type": True, "include_object": is_ours}
        )
        assert compare_metadata(context, db.metadata) == []


def test_an_upgraded_database_is_made_like_a_new_one(app: Skillbank, databases: Databases) -> None:
    """Checks and the names of constraints, which the comparison with the models leaves out."""
    with app.app_context():
        upgraded, engine = definitions(db.engine), db.engine.dialect.name
    with databases.fresh(engine) as url, running(url) as new, new.app_context():
        upgrade()
        assert upgraded == definitions(db.engine)


def test_an_upgrade_leaves_foreign_keys_whole_and_on(old_app: Skillbank) -> None:
    with old_app.app_context():
        upgrade()
        if db.engine.dialect.name == "sqlite":
            with db.engine.connect() as connection:
                assert connection.exec_driver_sql("PRAGMA foreign_key_check").all() == []
                assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar() == 1
        with pytest.raises(sa.exc.IntegrityError), db.engine.begin() as connection:
            connection.exec_driver_sql("UPDATE message SET school_urn = 1")


def test_the_book_is_sound_after_an_upgrade(app: Skillbank) -> None:
    """The guards are part of it: every trigger and constraint of the ledger is in force."""
    with app.app_context():
        book = Book(db.session())
        numbers = db.session.scalars(sa.select(schema.transaction.c.id)).all()
        assert list(compare_causes(db.session(), numbers)) == []
        report = book.verify(thorough=True)
        assert report.faults == ()
        assert report.counts["transactions"] == 45 + 15  # and what was done to accounts, periods
        assert [seal.hash for seal in book.seals()] == SEALS[db.engine.dialect.name]
        states = {hold.key: hold.state for hold in book.holds(HOLDER, open_only=False)}
        assert (states["open-hold"], states["expired-hold"]) == ("open", "expired")


def test_a_proof_from_before_proves_what_the_book_says_after(app: Skillbank) -> None:
    with app.app_context():
        url = db.engine.url.render_as_string(hide_password=False)
        old = old_proof(url)
        newest_seal = SEALS[engine_of(url)][-1]
        assert "A gift by mistake." in old
        assert GIVER in check(Proof.from_json(old), newest_seal)
        transaction_id = Proof.from_json(old).transaction.id
        assert Book(db.session()).prove(transaction_id) == Proof.from_json(old)


def test_the_book_goes_on_after_an_upgrade(app: Skillbank) -> None:
    with app.app_context():
        session = db.session()
        book = Book(session)
        before = book.account(RECEIVER).posted
        again = book.transfer(
            GIVER, RECEIVER, 45, key="gift", memo="A gift by mistake.", actor="test"
        )
        assert again.replayed
        book.transfer(GIVER, RECEIVER, 15, key="after")
        session.commit()
        # A database that was loaded from a dump is in another server than the one it came from.
        assert book.seal(after_restore=True)
        session.commit()
        assert book.account(RECEIVER).posted == before + 15
        assert book.verify(thorough=True).faults == ()


@pytest.mark.parametrize("person", PAGES)
def test_every_page_answers_after_an_upgrade(app: Skillbank, person: str) -> None:
    email = f"{person}@skillbank.example"
    browser = Browser(app.test_client()).sign_in(email, PASSWORD)
    assert browser.path in ("/home", "/account/second-factor")
    with app.app_context():
        account = db.session.scalars(sa.select(Person).where(Person.email == email)).one()
        indexed(db.session())
    browser.be(account)  # with the second factor that some roles need since
    adapter = app.url_map.bind("localhost")
    waiting, visits, failures = ["/home"], Counter[str](), []
    while waiting:
        path = waiting.pop(0)
        try:
            endpoint, _ = adapter.match(urlsplit(path).path, method="GET")
        except HTTPException:
            continue  # a form's address
        if endpoint == "static" or visits[endpoint] >= PAGES_OF_ONE_KIND:
            continue
        visits[endpoint] += 1
        if browser.get(path).status != 200:
            failures.append((path, browser.status))
        waiting += [link for link in browser.links if link.startswith("/")]
    assert failures == []
    assert PAGES[person] - visits.keys() == set()


def test_an_exchange_from_before_is_agreed_and_confirmed_after(app: Skillbank) -> None:
    with app.app_context():
        exchange = db.session.scalars(
            sa.select(Exchange).where(Exchange.state == State.PROPOSED).order_by(Exchange.id)
        ).first()
        assert exchange is not None
        path = f"/exchanges/{exchange.id}"
        provider, receiver = exchange.provider_urn, exchange.receiver_urn
        awaiting_urn, exchange_id, minutes = exchange.awaiting_urn, exchange.id, exchange.minutes
        before = {urn: balance(urn) for urn in (provider, receiver)}
    browsers = {
        urn: Browser(app.test_client()).sign_in(f"staff1.{urn}@skillbank.example", PASSWORD)
        for urn in (provider, receiver)
    }
    browsers[awaiting_urn].get(path).submit("Agree")
    browsers[provider].get(f"{path}/deliver").submit(
        "Ask for confirmation", on_date=today().isoformat()
    )
    taker = browsers[receiver].get(path)
    taker.submit(next(button for button in taker.buttons if button.startswith("Confirm")))
    with app.app_context():
        confirmed = db.session.get_one(Exchange, exchange_id)
        assert confirmed.state == State.CONFIRMED
        assert balance(provider) == before[provider] + minutes
        assert balance(receiver) == before[receiver] - minutes
        assert Book(db.session()).verify(thorough=True).faults == ()


def balance(urn: int) -> int:
    return Book(db.session()).account(f"school:{urn}").posted


def test_an_upgrade_brings_the_guards_of_today_though_no_table_has_changed(app: Skillbank) -> None:
    with app.app_context():
        with db.engine.begin() as connection:
            remove_guards(connection)
        upgrade()
        assert Book(db.session()).verify().faults == ()


def test_a_second_upgrade_changes_nothing(app: Skillbank) -> None:
    with app.app_context():
        before = rows(db.engine), definitions(db.engine)
        upgrade()
        assert (rows(db.engine), definitions(db.engine)) == before


def of_the_marketplace(described: set[tuple[str, ...]]) -> set[tuple[str, ...]]:
    """Without the ledger's own, which is never taken back to an earlier version."""
    return {one for one in described if not any(name.startswith("ledger_") for name in one[:3])}


def test_going_back_and_up_again_keeps_everything(old_app: Skillbank) -> None:
    with old_app.app_context():
        before, old_definitions = rows(db.engine), definitions(db.engine)
        upgrade()
        upgraded = rows(db.engine), definitions(db.engine)
        downgrade(revision="0002")
        assert comparable(rows(db.engine)) == comparable(before)
        assert of_the_marketplace(definitions(db.engine)) == of_the_marketplace(old_definitions)
        upgrade()
        assert (rows(db.engine), definitions(db.engine)) == upgraded
        assert Book(db.session()).verify(thorough=True).faults == ()
