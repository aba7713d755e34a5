"""The page of a record: who did it, in which role, and the chain from the proposal to the entry."""

from __future__ import annotations

from dataclasses import replace

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient

from ledger import Book, Override
from marketplace.accounts.actor import Actor
from marketplace.accounts.models import Person, RoleGrant
from marketplace.accounts.roles import Role
from marketplace.application import Skillbank
from marketplace.conversations.models import Message
from marketplace.database import db
from marketplace.exchanges import service
from marketplace.exchanges.models import Exchange, ExchangeEvent, State
from marketplace.schools.models import School
from marketplace.settings import Policy
from tests.marketplace.accounts.factories import PersonFactory, actor_for
from tests.marketplace.browser import Browser
from tests.marketplace.exchanges.factories import brought_to
from tests.marketplace.factories import saved
from tests.marketplace.network.factories import joined_school

AUDITOR = [(Role.AUDITOR, None)]


def named(actor: Actor, name: str) -> Actor:
    """The actor with a name of their own."""
    db.session().get_one(Person, actor.person_id).name = name
    return replace(actor, person_name=name)


@pytest.fixture
def paid(app: Skillbank) -> Exchange:
    """An exchange of which an hour and a half of two was delivered, with a note at each step."""
    with saved(app) as session:
        ash = named(actor_for(joined_school(name="Ash School")), "Ada Ash")
        beech = named(actor_for(joined_school(name="Beech School")), "Bo Beech")
        exchange = brought_to(State.AGREED, ash, beech, minutes=120)
        service.deliver(
            session, ash, exchange, minutes=90, on_date=exchange.created_at.date(),
            note="The last half hour fell away.", policy=Policy(), version=2,
        )  # fmt: skip
        return service.confirm(session, beech, exchange, version=3)


def auditor(app: Skillbank) -> Browser:
    with saved(app):
        person = PersonFactory(roles=AUDITOR)
    return Browser(app.test_client()).be(person)


def of_school(app: Skillbank, urn: int, role: Role = Role.FINANCE) -> Browser:
    with saved(app) as session:
        actor = actor_for(session.get_one(School, urn), role)
    return Browser(app.test_client()).be(actor)


def chain(browser: Browser) -> list[str]:
    """The links: title, who, note and record, without the time."""
    return [
        " | ".join(" ".join(part.get_text(" ").split()) for part in link.select("p"))
        for link in browser.page.select(".chain-link")
    ]


def expected_chain(exchange: Exchange, current: str) -> list[str]:
    hold, payment = f"No {exchange.hold_id}", f"No {exchange.transaction_id}"
    day = f"{exchange.created_at.day} {exchange.created_at:%b %Y}"
    links = [
        "Beech School proposed it: 2 credits, WHEN | Bo Beech, coordinator at Beech School",
        "Ash School agreed | Ada Ash, coordinator at Ash School"
        f" | {hold} : Hold of 2 credits for Ash School, 2 credits",
        f"Ash School said it is delivered: 1½ credits, {day} | Ada Ash, coordinator at Ash School"
        " | The last half hour fell away.",
        "Beech School confirmed | Bo Beech, coordinator at Beech School"
        f" | {payment} : Exchange, 1½ credits",
    ]
    own = hold if current == "hold" else payment if current == "payment" else ""
    return [link.replace(own, f"{own}, this record") if own else link for link in links]


def test_the_payment_leads_back_to_the_proposal(app: Skillbank, paid: Exchange) -> None:
    browser = auditor(app).get(f"/credits/transactions/{paid.transaction_id}")
    seen = chain(browser)
    seen[0] = f"{seen[0].split(', ')[0]}, WHEN | {seen[0].split(' | ')[1]}"
    assert seen == expected_chain(paid, "payment")
    assert "Bo Beech, coordinator at Beech School" in browser.page.select_one(".facts").text
    assert f"the credits held by No {paid.hold_id}" in " ".join(browser.text.split())
    links = {link["href"] for link in browser.page.select("main a")}
    assert {
        f"/credits/transactions/{paid.hold_id}",
        f"/credits/book/exchanges/{paid.id}",
        f"/credits/book/accounts/school:{paid.provider_urn}",
        "/credits/book/journal",
    } <= links
    assert browser.page.select_one("nav [aria-current=page]").text.strip() == "Ledger"


def test_nothing_technical_stands_outside_of_the_folded_part(
    app: Skillbank, paid: Exchange
) -> None:
    browser = auditor(app)
    for number in (paid.hold_id, paid.transaction_id):
        browser.get(f"/credits/transactions/{number}")
        folded = browser.page.select_one("details.for-the-records")
        assert "open" not in folded.attrs
        assert f"exchange:{paid.id}:" in folded.text
        assert "person:" in folded.text
        folded.decompose()
        for technical in ("exchange:", "person:", "school:"):
            assert technical not in browser.page.select_one("main").text


def test_a_hold_says_what_it_has_come_to(app: Skillbank, paid: Exchange) -> None:
    browser = auditor(app).get(f"/credits/transactions/{paid.hold_id}")
    assert browser.heading == "Hold of 2 credits for Ash School"
    text = " ".join(browser.text.split())
    assert "1½ credits paid, ½ credit released" in text
    assert f"1½ credits paid by No {paid.transaction_id}" in text
    seen = chain(browser)
    assert [f"No {paid.hold_id}, this record" in link for link in seen] == [
        False, True, False, False,
    ]  # fmt: skip


def test_the_auditors_page_of_an_exchange(app: Skillbank, paid: Exchange) -> None:
    with saved(app):
        enquiry_text = "A private word between the two."
        db.session().execute(
            sa.update(Message)
            .where(Message.enquiry_id == paid.enquiry_id)
            .values(body=enquiry_text)
        )
    browser = auditor(app).get(f"/credits/book/exchanges/{paid.id}")
    assert browser.status == 200
    assert "A colleague comes for a morning." in browser.text
    assert len(chain(browser)) == 4
    assert enquiry_text not in browser.text
    assert "are not shown here" in browser.text
    assert not browser.page.select("main form")
    assert browser.get("/credits/book/exchanges/999999").status == 404


def test_schools_of_it_see_the_chain_and_others_nothing(app: Skillbank, paid: Exchange) -> None:
    for urn in (paid.provider_urn, paid.receiver_urn):
        browser = of_school(app, urn)
        for number in (paid.hold_id, paid.transaction_id):
            assert browser.get(f"/credits/transactions/{number}").status == 200
            assert len(chain(browser)) == 4
            links = {link["href"] for link in browser.page.select("main a")}
            assert f"/exchanges/{paid.id}" in links
            assert not any("/credits/book/" in link for link in links)
        assert browser.page.select_one("nav [aria-current=page]").text.strip() == "Credits"
        assert (
            of_school(app, urn, Role.MEMBER).get(f"/credits/transactions/{paid.hold_id}").status
            == 403
        )
    with saved(app):
        stranger = joined_school().urn
    for number in (paid.hold_id, paid.transaction_id):
        assert of_school(app, stranger).get(f"/credits/transactions/{number}").status == 404


def test_a_step_of_before_roles_were_noted_has_them_from_the_ledger(
    app: Skillbank, paid: Exchange
) -> None:
    with app.app_context():
        guard = db.engine.dialect.name
        on = " ON exchange_event" if guard == "postgresql" else ""
        db.session.execute(sa.text(f"DROP TRIGGER exchange_event_no_update{on}"))
        db.session.execute(sa.update(ExchangeEvent).values(roles=None))
        db.session.execute(sa.delete(RoleGrant))
        db.session.commit()
    seen = chain(auditor(app).get(f"/credits/transactions/{paid.transaction_id}"))
    assert [link.split(" | ")[1] for link in seen] == [
        "Bo Beech, Beech School",
        "Ada Ash, coordinator at Ash School",
        "Ada Ash, Ash School",
        "Bo Beech, coordinator at Beech School",
    ]


def test_a_cancelled_exchange_ends_with_what_was_released(app: Skillbank) -> None:
    with saved(app):
        ash, beech = actor_for(joined_school()), actor_for(joined_school())
        exchange = brought_to(State.CANCELLED, ash, beech, minutes=120)
    seen = chain(auditor(app).get(f"/credits/transactions/{exchange.hold_id}"))
    assert "released, 2 credits" in seen[-1]
    assert "cancelled" in seen[-1]
    assert "It snows." in seen[-1]


def test_a_reversal_and_its_original_name_each_other(app: Skillbank, client: FlaskClient) -> None:
    with saved(app) as session:
        urn = joined_school(name="Ash School").urn
        book = Book(session)
        code = f"school:{urn}"
        wrong = book.transfer("network:issuance", code, 30, key="k", memo="By mistake")
        back = book.reverse(
            wrong.id, key="r", memo="Put right", override=Override("Olu, operator", "It was spent")
        )
    browser = auditor(app).get(f"/credits/transactions/{wrong.id}")
    assert f"taken back by No {back.id}" in " ".join(browser.text.split())
    assert "Reversed" in browser.page.select_one(".page-actions").text
    browser.get(f"/credits/transactions/{back.id}")
    assert browser.heading == "Put right"
    assert f"takes back No {wrong.id}" in " ".join(browser.text.split())
