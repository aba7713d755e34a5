"""A confirmed mistake is put right by both schools, on the record, or stays as it is."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from ledger import Book, Override
from marketplace.accounts.actor import Actor
from marketplace.accounts.roles import Role
from marketplace.database import db
from marketplace.errors import Conflict
from marketplace.exchanges.corrections.models import Correction, CorrectionState
from marketplace.exchanges.corrections.service import hold_back_at_limit, let_through_limit
from marketplace.exchanges.models import Exchange, State
from marketplace.schools.models import School
from marketplace.settings import Policy
from tests.marketplace.accounts.factories import PersonFactory, actor_for
from tests.marketplace.browser import Browser
from tests.marketplace.exchanges.conftest import Pair
from tests.marketplace.exchanges.corrections.factories import asked, corrected_to, spend
from tests.marketplace.factories import saved

GRANT, LIMIT = Policy().joining_grant, Policy().credit_limit
BOTH = Override("person:1 and person:2", "Both schools want it.")


def ask(browser: Browser, exchange_id: int, minutes: str, reason: str = "Two hours.") -> Browser:
    browser.get(f"/exchanges/{exchange_id}/correct")
    return browser.submit("Ask the other school", minutes=minutes, reason=reason)


def correction_of(pair: Pair, exchange_id: int) -> Correction:
    with saved(pair.app) as session:
        return session.scalars(
            sa.select(Correction)
            .where(Correction.exchange_id == exchange_id)
            .order_by(Correction.id.desc())
        ).first()  # type: ignore[return-value]


def history(browser: Browser) -> list[str]:
    return [title.get_text(strip=True) for title in browser.page.select(".timeline-title")]


@pytest.fixture
def operator(pair: Pair) -> Actor:
    with saved(pair.app):
        person = PersonFactory(roles=[(Role.OPERATOR, None)])
        return Actor(person.id, person.name, frozenset({Role.OPERATOR}))


@pytest.mark.parametrize(
    ("asker", "typed", "minutes"), [("taker", "2", 120), ("giver", "0", 0), ("giver", "1.25", 75)]
)
def test_one_school_asks_and_the_other_agrees(
    pair: Pair, asker: str, typed: str, minutes: int
) -> None:
    exchange_id = pair.bring(State.CONFIRMED, minutes=180)
    mine, theirs = pair.taker, pair.giver
    if asker == "giver":
        mine, theirs = theirs, mine
    asking = ask(pair.browser(mine), exchange_id, typed)
    assert asking.status == 200
    assert "The other school has been asked to agree by" in asking.text
    answering = pair.browser(theirs)
    assert answering.get("/exchanges?show=waiting").page.select(".row-item")
    answering.get(f"/exchanges/{exchange_id}")
    assert f"{mine.school_name} asks for" in answering.text
    assert "“Two hours.”" in answering.text
    labels = [
        button.get_text(strip=True)
        for button in answering.page.select("[aria-label='To be put right'] button")
    ]
    answering.submit(labels[0])
    assert "Agreed. It has been put right." in answering.text
    assert pair.money == {"giver": (GRANT + minutes, 0, 0), "taker": (GRANT - minutes, 0, 0)}
    correction = correction_of(pair, exchange_id)
    assert correction.state == CorrectionState.AGREED
    with pair.app.app_context():
        book = Book(db.session())
        first = book.transaction(correction.reversed_transaction_id or 0)
        assert first.reversed_by == correction.reversal_id
        assert book.verify().faults == ()
    titles = history(answering)
    assert titles[0].startswith(f"{theirs.school_name} agreed, and it is put right: ")
    assert titles[1].startswith(f"{mine.school_name} asked that it be put right: ")
    # Both read it, and find each record in the ledger.
    for browser in (asking.get(f"/exchanges/{exchange_id}"), answering):
        assert f"reversal {correction.reversal_id}" in browser.text
        assert "put right" in browser.page.select_one(".facts").get_text()  # type: ignore[union-attr]
        link = browser.page.find("a", string=f"reversal {correction.reversal_id}")
        assert link is not None
        assert browser.get(link["href"]).status == 200  # type: ignore[index, arg-type]


def test_what_was_put_right_can_be_put_right_again(pair: Pair) -> None:
    exchange_id = pair.bring(State.CONFIRMED, minutes=180)
    giver, taker = pair.browser(pair.giver), pair.browser(pair.taker)
    for typed, label in (("0", "Agree to 0 credits"), ("2", "Agree to 2 credits")):
        ask(taker, exchange_id, typed)
        giver.get(f"/exchanges/{exchange_id}").submit(label)
    assert pair.money["giver"] == (GRANT + 120, 0, 0)
    with pair.app.app_context():
        assert Book(db.session()).verify().faults == ()


def test_the_other_school_declines_with_a_reason(pair: Pair) -> None:
    exchange_id = pair.bring(State.CONFIRMED, minutes=180)
    taker = ask(pair.browser(pair.taker), exchange_id, "2")
    giver = pair.browser(pair.giver).get(f"/exchanges/{exchange_id}/correction/decline")
    giver.submit("Decline", reason=" ")
    assert (giver.status, giver.errors) == (
        422,
        ["Say why, so that the other school can follow it."],
    )
    giver.submit("Decline", reason="She stayed until noon.")
    assert pair.money["giver"] == (GRANT + 180, 0, 0)
    taker.get(f"/exchanges/{exchange_id}")
    assert "She stayed until noon." in taker.text
    assert taker.page.find("a", string="Put a mistake right")


def test_the_asker_withdraws(pair: Pair) -> None:
    exchange_id = pair.bring(State.CONFIRMED, minutes=180)
    taker = ask(pair.browser(pair.taker), exchange_id, "2")
    taker.submit("Withdraw it")
    assert pair.exchange(exchange_id).awaiting_urn is None
    assert history(taker)[0] == "Taker School let it stand as it was"


@pytest.mark.parametrize(
    ("typed", "reason", "message"),
    [
        ("3.25", "Why", "At most 3 credits can be due: that is what was agreed."),
        ("3", "Why", "What was paid is 3 credits already."),
        ("-1", "Why", "The credits cannot be less than 0."),
        ("1:10", "Why", "Credits go in steps of 15 minutes"),
        ("two", "Why", "Right figure: write hours as a number, like 1.5 or 2, or 0."),
        ("1", " ", "Why"),
    ],
)
def test_what_cannot_be_right_is_refused_and_nothing_typed_is_lost(
    pair: Pair, typed: str, reason: str, message: str
) -> None:
    exchange_id = pair.bring(State.CONFIRMED, minutes=180)
    browser = ask(pair.browser(pair.taker), exchange_id, typed, reason)
    assert browser.status == 422
    assert message in " ".join(browser.errors)
    assert browser.values("Ask the other school")["minutes"] == [typed]
    assert correction_of(pair, exchange_id) is None


def test_a_payer_reads_at_once_that_it_has_too_little_and_the_other_school_never_how_much(
    pair: Pair,
) -> None:
    with saved(pair.app):
        correction = corrected_to(CorrectionState.AGREED, pair.giver, pair.taker)
        exchange_id = correction.exchange_id
        spend(pair.taker, GRANT + LIMIT - 60 - 30)
    taker = ask(pair.browser(pair.taker), exchange_id, "3")
    assert (taker.status, taker.errors) == (
        422,
        [
            "Your school has ½ credit available and this needs 2 credits. Propose fewer hours, or"
            " wait until credits have been earned."
        ],
    )
    giver = ask(pair.browser(pair.giver), exchange_id, "3")
    assert giver.status == 200
    taker.get(f"/exchanges/{exchange_id}").submit("Agree to 3 credits")
    assert taker.status == 422
    assert "Your school has 1½ credits available and this needs 3 credits." in taker.errors[0]
    assert "ask the network: two of its people can let it through" in taker.errors[0]


def test_a_limit_in_the_way_is_brought_to_the_network(pair: Pair, operator: Actor) -> None:
    exchange_id = pair.bring(State.CONFIRMED, minutes=180)
    ask(pair.browser(pair.taker), exchange_id, "2")
    with saved(pair.app):
        spend(pair.giver, GRANT + 180 + LIMIT)
    giver = pair.browser(pair.giver).get(f"/exchanges/{exchange_id}").submit("Agree to 2 credits")
    assert giver.status == 422
    assert "Your school has 2 credits available" not in giver.errors[0]
    giver.submit("Ask the network")
    assert "the network decides whether to let it through" in giver.text
    network = pair.browser(operator)
    assert "want it put right, beyond a credit limit" in network.get("/home").text
    assert len(network.get("/network/corrections").page.select("tbody tr")) == 1
    with saved(pair.app) as session:
        correction_id = correction_of(pair, exchange_id).id
        let_through_limit(session, operator, correction_id, override=BOTH)
    assert pair.money["giver"] == (-LIMIT - 60, 0, 0)
    assert history(giver.get(f"/exchanges/{exchange_id}"))[0] == (
        "The network’s operator let it pass a credit limit, and it is put right: 2 credits"
    )
    with pair.app.app_context():
        assert Book(db.session()).verify().faults == ()
    with saved(pair.app) as session, pytest.raises(Conflict):
        let_through_limit(session, operator, correction_id, override=BOTH)


def test_the_network_holds_it_back(pair: Pair, operator: Actor) -> None:
    with saved(pair.app) as session:
        correction = corrected_to(CorrectionState.BEYOND_LIMIT, pair.giver, pair.taker)
        hold_back_at_limit(session, operator, correction.id, "Earn some first.")
        exchange_id = correction.exchange_id
    page = pair.browser(pair.taker).get(f"/exchanges/{exchange_id}")
    assert "Earn some first." in page.text
    assert pair.exchange(exchange_id).standing_minutes == 180


def test_the_network_is_not_asked_where_no_limit_is_in_the_way(pair: Pair) -> None:
    exchange_id = pair.bring(State.CONFIRMED, minutes=180)
    ask(pair.browser(pair.taker), exchange_id, "2")
    giver = pair.browser(pair.giver).get(f"/exchanges/{exchange_id}")
    values = giver.values("Agree to 2 credits")
    giver.post(f"/exchanges/{exchange_id}/correction/ask-network", values)
    assert giver.status == 409
    assert giver.errors == ["No credit limit is in the way any more: you can agree to it now."]
    assert pair.money["giver"] == (GRANT + 180, 0, 0)


def test_nobody_answers_for_their_own_school(pair: Pair) -> None:
    exchange_id = pair.bring(State.CONFIRMED, minutes=180)
    with saved(pair.app) as session:
        colleague = actor_for(session.get_one(School, pair.taker.urn))
    taker = ask(pair.browser(pair.taker), exchange_id, "2")
    values = taker.values("Withdraw it")
    for browser in (taker, pair.browser(colleague)):
        token = browser.get("/home").values("Sign out")["csrf_token"]
        browser.post(f"/exchanges/{exchange_id}/correction/agree", values | {"csrf_token": token})
        assert browser.status == 422
        assert "it is the other school’s to answer" in browser.errors[0]


def test_a_double_press_and_a_second_tab_put_it_right_once(pair: Pair) -> None:
    exchange_id = pair.bring(State.CONFIRMED, minutes=180)
    ask(pair.browser(pair.taker), exchange_id, "2")
    tabs = [pair.browser(pair.giver).get(f"/exchanges/{exchange_id}") for _ in range(2)]
    for tab in tabs:
        assert tab.submit("Agree to 2 credits").status == 200
    assert pair.money["giver"] == (GRANT + 120, 0, 0)
    late = pair.browser(pair.giver)
    late.get(f"/exchanges/{exchange_id}/correction/decline")
    assert late.path == f"/exchanges/{exchange_id}"


def test_both_schools_ask_and_the_later_one_is_told(pair: Pair) -> None:
    exchange_id = pair.bring(State.CONFIRMED, minutes=180)
    giver = pair.browser(pair.giver).get(f"/exchanges/{exchange_id}/correct")
    ask(pair.browser(pair.taker), exchange_id, "2")
    giver.submit("Ask the other school", minutes="1", reason="An hour.")
    assert giver.status == 409
    assert "of Taker School asked that it be put right" in giver.errors[0]
    giver.submit("Ask the other school")
    assert (giver.status, giver.errors) == (
        409,
        ["Somebody has asked already that this be put right. Look again."],
    )


def test_a_frozen_account_is_not_touched(pair: Pair) -> None:
    exchange_id = pair.bring(State.CONFIRMED, minutes=180)
    with saved(pair.app) as session:
        asked(pair.taker, session.get_one(Exchange, exchange_id), 60)
        Book(session).freeze(
            f"school:{pair.giver.urn}", key="freeze", actor="person:1", memo="an enquiry"
        )
    giver = pair.browser(pair.giver).get(f"/exchanges/{exchange_id}").submit("Agree to 1 credit")
    assert giver.status == 422
    assert "The account of Giver School is frozen" in giver.errors[0]


def test_only_what_is_confirmed_is_put_right(pair: Pair) -> None:
    exchange_id = pair.bring(State.DELIVERED)
    browser = pair.browser(pair.taker).get(f"/exchanges/{exchange_id}/correct")
    assert browser.path == f"/exchanges/{exchange_id}"
    assert browser.page.find("a", string="Put a mistake right") is None
