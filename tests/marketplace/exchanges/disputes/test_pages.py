"""A dispute on every page where it shows: what it says, to whom, and which buttons there are."""

from __future__ import annotations

import sqlalchemy as sa

from marketplace.accounts.actor import Actor
from marketplace.accounts.roles import Role
from marketplace.database import db
from marketplace.exchanges import service as steps
from marketplace.exchanges.disputes import service
from marketplace.exchanges.disputes.jobs import pass_deadlines
from marketplace.exchanges.disputes.models import Dispute
from marketplace.exchanges.models import Exchange, State
from marketplace.notifications.reminders import remind
from marketplace.outbox.models import OutboxEvent
from marketplace.schools.models import School
from tests.marketplace.accounts.factories import actor_for
from tests.marketplace.browser import Browser
from tests.marketplace.exchanges.conftest import Pair
from tests.marketplace.exchanges.factories import (
    brought_to,
    disputed,
    stuck_exchange,
)
from tests.marketplace.factories import saved
from tests.marketplace.network.factories import operator
from tests.marketplace.outbox.bells import SetClock


def buttons_of(browser: Browser) -> list[str]:
    """What can be done in the box that says what is next."""
    return [
        button.get_text(strip=True)
        for button in browser.page.select(".next-step .btn, .dispute .btn")
    ]


def next_text(browser: Browser) -> str:
    """What the page says is next."""
    text = browser.page.select_one(".next-text")
    assert text is not None
    return text.get_text(" ", strip=True)


def network(pair: Pair) -> Browser:
    """A browser of an operator."""
    with saved(pair.app):
        runs = operator()
    return pair.browser(runs)


def test_what_was_sent_back_says_so_to_both(pair: Pair) -> None:
    with saved(pair.app) as session:
        exchange = brought_to(State.DELIVERED, pair.giver, pair.taker)
        steps.send_back(session, pair.taker, exchange, "An hour only.", version=exchange.version)
        page = f"/exchanges/{exchange.id}"
    giver, taker = pair.browser(pair.giver).get(page), pair.browser(pair.taker).get(page)
    assert next_text(giver) == (
        "Taker School says that what you stated (3 credits) is not right: “An hour only.” State"
        " again what was given. If you cannot agree on a figure, open a dispute."
    )
    assert next_text(taker).startswith("You sent back what Giver School stated (3 credits)")
    assert buttons_of(giver) == ["It has been delivered", "Cancel the exchange", "Open a dispute"]
    assert buttons_of(taker) == ["Cancel the exchange", "Open a dispute"]
    for browser in (giver, taker):
        assert browser.page.select_one(".page-actions .tag").get_text() == "Sent back"
        assert "Sent back" in browser.get("/exchanges").text
    taker.get(f"{page}/dispute").submit("Open the dispute", text="One hour only.", minutes="1")
    assert taker.page.select_one(".page-actions .tag").get_text() == "Disputed"
    taker.get(f"{page}/dispute/withdraw").submit("Withdraw the dispute")
    assert taker.page.select_one(".page-actions .tag").get_text() == "Sent back"
    taker.get(f"{page}/cancel").submit("Cancel the exchange")
    assert taker.page.select_one(".page-actions .tag").get_text() == "Cancelled"


def test_a_dispute_page_by_page_until_both_settle_it(pair: Pair) -> None:
    exchange_id = pair.bring(State.DELIVERED)
    page = f"/exchanges/{exchange_id}"
    taker, giver = pair.browser(pair.taker), pair.browser(pair.giver)

    taker.get(f"{page}/dispute").submit("Open the dispute", text="", minutes="4")
    assert taker.status == 422
    assert "What happened: write something here." in taker.errors
    assert taker.values("Open the dispute")["minutes"] == ["4"]
    taker.submit("Open the dispute", text="One hour only.", minutes="4")
    assert taker.errors == ["At most 3 credits can be due: that is what was agreed."]
    taker.submit("Open the dispute", minutes="0")
    assert taker.flashes == ["The dispute is open. The other school has been asked to answer."]
    assert buttons_of(taker) == [
        "Add a statement",
        "Propose a figure to settle at",
        "Withdraw the dispute",
    ]
    assert "Giver School has until" in next_text(taker)

    with saved(pair.app) as session:
        member = actor_for(session.get_one(School, pair.giver.urn), Role.MEMBER)
    colleague = pair.browser(member).get(page)
    assert next_text(colleague).startswith("Waiting for your coordinator, ")
    assert "disputes this. Answer by" in next_text(colleague)
    assert buttons_of(colleague) == []
    giver.get("/home")
    assert "Taker School disputes this. Answer by" in giver.text
    giver.get(page)
    assert next_text(giver).startswith("Your turn: Taker School disputes this. Answer by")
    assert buttons_of(giver) == ["Answer", "Propose a figure to settle at"]
    giver.get(f"{page}/dispute/answer").submit(
        "Send the answer", text="She stayed until noon.", minutes="3"
    )
    sides = giver.page.select(".dispute-side")
    assert [side.select_one(".dispute-figure strong").get_text() for side in sides] == [
        "0 credits",
        "3 credits",
    ]
    assert "One hour only." in sides[0].get_text()
    assert "She stayed until noon." in sides[1].get_text()
    for browser in (giver, taker):
        assert browser.get("/exchanges").page.select_one(".tag-disputed").get_text() == "Disputed"
        thread = browser.get(page).page.find("a", string="Go to the conversation")["href"]
        assert browser.get(thread).page.select_one(".tag-disputed").get_text() == "Disputed"

    giver.get(f"{page}/dispute/statement").submit("Add the statement", text="The head saw her.")
    assert "The head saw her." in giver.page.select(".dispute-side")[1].get_text()
    giver.get(f"{page}/dispute/offer").submit("Propose it", minutes="1.5")
    taker.get(page)
    assert "Giver School would settle at 1½ credits." in taker.text
    assert "Accept 1½ credits" in buttons_of(taker)
    taker.get("/home")
    assert "Dispute: Giver School proposes to settle at 1½ credits" in taker.text
    taker.get(f"{page}/dispute/accept").submit("Accept 1½ credits")
    assert taker.flashes == ["Settled. The dispute is over."]
    assert "Both schools settled the dispute on" in taker.text
    assert pair.exchange(exchange_id).state == State.CONFIRMED
    assert pair.money["giver"][0] - pair.money["taker"][0] == 180


def test_the_operator_reads_both_sides_and_rules(pair: Pair, set_clock: SetClock) -> None:
    now = set_clock.instant
    set_clock.move(days=-22)
    with saved(pair.app):
        dispute = disputed(pair.taker, brought_to(State.DELIVERED, pair.giver, pair.taker))
        dispute_id, exchange_id = dispute.id, dispute.exchange_id
    browser = network(pair)
    browser.get("/network/disputes")
    assert "Waits for an answer" in browser.text
    browser.get(f"/network/disputes/{dispute_id}")
    assert "Your ruling" not in browser.text
    set_clock.instant = now
    assert browser.get("/network/disputes").page.select_one(".tag-danger").get_text() == (
        "Ruling overdue"
    )
    assert "Giver School and Taker School do not agree" in browser.get("/home").text
    browser.get(f"/network/disputes/{dispute_id}")
    assert "Our colleague was there for an hour only." in browser.text
    assert "The messages of the two schools are theirs" in browser.text
    browser.submit("Rule", ruling="split", minutes="1", fund_minutes="1", reasons="So it was.")
    assert browser.status == 422
    assert "The network’s fund has 0 credits" in browser.errors[0]
    browser.submit("Rule", ruling="pay", fund_minutes="")
    assert browser.flashes == ["Ruled. Both schools are told, and read the reasons."]
    for side in (pair.giver, pair.taker):
        school = pair.browser(side).get(f"/exchanges/{exchange_id}")
        assert "Taker School pays 1 credit. What else was held is released." in school.text
        assert "So it was." in school.text
    assert "Ruled" in browser.get("/network/disputes?show=ended").text


def test_a_dispute_for_a_school_that_cannot_act(pair: Pair) -> None:
    with saved(pair.app):
        exchange = stuck_exchange()
        path, urn = f"/network/disputes/open/{exchange.id}", exchange.provider_urn
    browser = network(pair)
    assert browser.get("/network/disputes").page.find("a", href=path) is not None
    browser.get(path).submit("Open the dispute", school=str(urn), text="It closed.", minutes="2")
    assert browser.flashes == ["The dispute is open."]
    assert "The operator opened the dispute for it." in browser.text
    assert "Your ruling" in browser.text


def test_deadlines_are_told_once_and_not_as_what_an_exchange_waits_for(
    pair: Pair, set_clock: SetClock
) -> None:
    with saved(pair.app) as session:
        disputed(pair.taker, brought_to(State.DELIVERED, pair.giver, pair.taker))
        session.execute(sa.delete(OutboxEvent))
        for days in (4, 1, 1, 1, 13, 1):
            set_clock.move(days=days)
            pass_deadlines(session)
            remind(session)
        told = session.scalars(sa.select(OutboxEvent.type).order_by(OutboxEvent.id)).all()
        assert told == ["dispute.answer_due", "dispute.unanswered", "dispute.overdue"]
        assert session.scalars(sa.select(Dispute)).one().is_open


def answer(dispute: Dispute, actor: Actor) -> None:
    """Let the other school answer."""
    exchange = db.session().get_one(Exchange, dispute.exchange_id)
    service.answer_dispute(
        db.session(), actor, exchange, minutes=180, text="Three hours.", version=exchange.version
    )
