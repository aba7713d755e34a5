"""One script of a term’s work on both databases: the books that come of it are the same."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from ledger import Book, NewTransaction, Posting, Transaction
from marketplace.accounts.actor import Actor
from marketplace.accounts.roles import Role
from marketplace.application import Skillbank
from marketplace.clock import today
from marketplace.database import db
from marketplace.errors import Refusal
from marketplace.exchanges import service
from marketplace.exchanges.models import Exchange, State
from marketplace.exchanges.proposals import amend
from marketplace.exchanges.queries import history
from marketplace.network.joining import schools_changed
from marketplace.schools.models import School
from marketplace.settings import Policy
from tests.databases import PostgresCluster
from tests.marketplace.accounts.factories import PersonFactory, actor_for
from tests.marketplace.browser import Browser
from tests.marketplace.conftest import running
from tests.marketplace.conversations.factories import asked
from tests.marketplace.exchanges.factories import brought_to, proposed, terms
from tests.marketplace.factories import saved
from tests.marketplace.listings.factories import posted
from tests.marketplace.network.factories import joined_school

POLICY = Policy()
SCHOOLS = {200_001: "Ash School", 200_002: "Beech School", 200_003: "Cedar School"}


@pytest.fixture
def apps(
    sqlite_template: Path, postgres: PostgresCluster, postgres_template: str, tmp_path: Path
) -> Any:
    """The application on SQLite and on PostgreSQL, both empty."""
    path = tmp_path / "made.sqlite3"
    shutil.copy(sqlite_template, path)
    with (
        postgres.database(postgres_template) as url,
        running(f"sqlite:///{path}") as on_sqlite,
        running(url) as on_postgresql,
    ):
        yield on_sqlite, on_postgresql


def refused(verb: Callable[[], object]) -> str:
    """What a verb that is not allowed says; nothing of it stays."""
    with db.session().begin_nested(), pytest.raises(Refusal) as problem:
        verb()
    return problem.value.message


def script(app: Skillbank) -> list[str]:
    """Everything that can happen to credits; gives what was refused, in words."""
    said = []
    with saved(app) as session:
        ash, beech, cedar = (
            actor_for(joined_school(urn=urn, name=name)) for urn, name in SCHOOLS.items()
        )
        for number, state in enumerate(State):
            brought_to(state, ash, beech, minutes=45 + 15 * number)
            brought_to(state, cedar, ash, minutes=90 + 15 * number)

        changed = proposed(beech, posted(ash, title="Curriculum planning 🎓"), minutes=600)
        amend(session, ash, changed, terms(minutes=30, details="An hour’s call"), POLICY, version=1)
        service.agree(session, beech, changed, version=2)
        for minutes, version in ((30, 3), (15, 5)):
            service.deliver(
                session,
                ash,
                changed,
                minutes=minutes,
                on_date=today(),
                note="As agreed.",
                policy=POLICY,
                version=version,
            )
            if version == 3:
                service.send_back(session, beech, changed, "A quarter of an hour.", version=4)
        service.confirm(session, beech, changed, version=6)

        wanted = posted(cedar, kind="request", title="Timetabling")
        asked(ash, wanted, "We could help.")
        dear = proposed(ash, wanted, minutes=1800)
        said.append(refused(lambda: service.agree(session, cedar, dear, version=1)))
        said.append(refused(lambda: service.cancel(session, cedar, dear, "", version=1)))
        said.append(refused(lambda: service.agree(session, cedar, dear, version=9)))

        book = Book(session)
        support = NewTransaction(
            postings=[Posting("network:issuance", -75), Posting("school:200003", 75)],
            key="support",
            kind="grant",
            memo="Support, paid in common",
            actor="person:1",
            effective=date(2026, 9, 1) if today() >= date(2026, 9, 1) else today(),
        )
        (paid,) = book.post_many([support], imported=True)  # before the accounts were opened
        assert isinstance(paid, Transaction)
        book.reverse(paid.id, key="back", memo="Meant for another school", actor="person:1")
        said.append(schools_changed(session, [200_002], [], actor="the register"))
        late = proposed(ash, posted(cedar), minutes=15)
        service.agree(session, cedar, late, version=1)
    return said


def told(transaction: Transaction) -> dict[str, Any]:
    """A transaction without its number and instant, which each database gives."""
    return {
        name: getattr(transaction, name)
        for name in ("key", "action", "kind", "memo", "effective", "actor", "reference")
    } | {"entries": [(e.account, e.amount, e.version, e.balance) for e in transaction.entries]}


def books(app: Skillbank) -> dict[str, Any]:
    """All that can be read of the credits."""
    with saved(app) as session:
        book = Book(session)
        journal = book.journal(limit=1000, newest_first=False)
        codes = ["network:issuance", "network:fund", *(f"school:{urn}" for urn in SCHOOLS)]
        start, end = today() - timedelta(days=30), today()
        statements = {code: book.statement(code, start=start, end=end) for code in codes}
        return {
            "trial balance": book.trial_balance(),
            "trial balance of today": book.trial_balance(effective=today()),
            "accounts": book.balances(),
            "journal": [told(one) for one in journal.transactions],
            "of a kind": [told(one) for one in book.journal(kind="grant").transactions],
            "statements": {
                code: (
                    page.opening,
                    page.closing,
                    [
                        (x.seq, x.effective, x.kind, x.memo, x.amount, x.balance, x.reference)
                        for x in page.lines
                    ],
                    [x.counterparties for x in page.lines],
                )
                for code, page in statements.items()
            },
            "holds": {
                code: [
                    (h.key, h.source, h.target, h.minutes, h.settled, h.state, h.memo, h.actor)
                    for h in book.holds(code, open_only=False)
                ]
                for code in codes
            },
            "histories": [
                [
                    (event.step, event.version, event.text, event.minutes, event.on_date)
                    for event in history(session, exchange)
                ]
                for exchange in session.scalars(sa.select(Exchange).order_by("id"))
            ],
        }


def pages(app: Skillbank) -> dict[str, str]:
    """What people read of it, without the numbers and instants each database gives."""
    with saved(app) as session:
        ash = actor_for(session.get_one(School, 200_001))
        auditor = PersonFactory(roles=[(Role.AUDITOR, None)])
    network = Actor(auditor.id, auditor.name, frozenset({Role.AUDITOR}))
    found = {}
    for who, paths in (
        (ash, ("/credits", "/credits/statement.csv", "/exchanges?show=all")),
        (
            network,
            (
                "/credits/book/trial-balance",
                "/credits/book/journal",
                "/credits/book/accounts/network:issuance",
            ),
        ),
    ):
        browser = Browser(app.test_client()).be(who)
        for path in paths:
            browser.get(path)
            assert browser.status == 200
            for numbers in browser.page.select(".journal-number, .journal-gap"):
                numbers.decompose()  # PostgreSQL takes numbers that it does not use
            text = " ".join(browser.page.get_text(" ").split()).replace(auditor.name, "the auditor")
            text = text.replace(ash.person_name, "the coordinator")
            text = re.sub(r"\b(No|Person|Reverses|Reversed by) \d+\b", r"\1 ?", text)
            text = re.sub(r"\d{4}-\d\d-\d\dT[\d:+]+,\d+", "(instant)", text)
            found[path] = text
    return found


def test_the_same_work_makes_the_same_books(apps: tuple[Skillbank, Skillbank]) -> None:
    on_sqlite, on_postgresql = apps
    assert (said := script(on_sqlite)) == script(on_postgresql)
    assert said[0].startswith("Your school has 22¼ credits available and this needs 30 credits")
    ours, theirs = books(on_sqlite), books(on_postgresql)
    for what, value in ours.items():
        assert value == theirs[what], what
    assert len(ours["journal"]) == 8
    assert ours["trial balance"].debit == ours["trial balance"].credit > 0
    assert pages(on_sqlite) == pages(on_postgresql)
