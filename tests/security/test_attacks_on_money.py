"""Attacks on what puts money right: by schools, by one operator alone, by a thief, by odd texts."""

from __future__ import annotations

import io

import openpyxl
import pypdf
import pytest
from flask.testing import FlaskClient

from ledger import Book
from marketplace.accounts.actor import Actor
from marketplace.accounts.current_user import actor_of
from marketplace.accounts.roles import Role
from marketplace.adjustments.service import withdraw_adjustment
from marketplace.application import Skillbank
from marketplace.clock import today
from marketplace.credits.chart import FUND, ISSUANCE
from marketplace.database import db
from marketplace.errors import Conflict, NotAllowed, Refusal
from marketplace.exchanges import service as exchanges
from marketplace.exchanges.disputes import rulings, service
from marketplace.exchanges.disputes.models import Ruling
from marketplace.exchanges.disputes.rulings import Decision
from marketplace.exchanges.frozen.service import let_payment_through
from marketplace.exchanges.models import Exchange, State
from marketplace.network.service import freeze_school, unfreeze_school
from marketplace.schools.models import School
from marketplace.settings import Policy
from tests.marketplace.accounts.factories import PersonFactory
from tests.marketplace.adjustments.factories import approved, proposed
from tests.marketplace.browser import Browser
from tests.marketplace.exchanges.conftest import Pair
from tests.marketplace.exchanges.conftest import pair as pair
from tests.marketplace.exchanges.corrections.factories import asked
from tests.marketplace.exchanges.factories import answered_dispute, brought_to, disputed
from tests.marketplace.exchanges.frozen.factories import frozen_delivery
from tests.marketplace.factories import saved
from tests.marketplace.network.factories import close, joined_school, operator

REASONS = "The register of the school shows an hour."


def operator_at(urn: int | None) -> Actor:
    """An operator who has a role at the school ``urn`` as well."""
    school = db.session.get_one(School, urn)
    person = PersonFactory(roles=[(Role.OPERATOR, None), (Role.MEMBER, school)])
    return actor_of(person, frozenset({Role.OPERATOR}), None)


def to_decide(pair: Pair) -> Exchange:
    """An exchange of three credits whose dispute waits for a ruling."""
    dispute = answered_dispute(giver=pair.giver, taker=pair.taker)
    return db.session.get_one(Exchange, dispute.exchange_id)


def split(pair: Pair) -> Exchange:
    """An exchange of three credits of which the receiver pays one, and the fund another."""
    session = db.session()
    Book(session).transfer(ISSUANCE, FUND, 120, key="fund", kind="grant", actor="test")
    exchange = to_decide(pair)
    decision = Decision(Ruling.SPLIT, 60, 60, REASONS)
    rulings.rule(session, operator(), exchange, decision, version=exchange.version)
    return exchange


def test_two_schools_do_not_keep_what_the_fund_paid(pair: Pair) -> None:
    with saved(pair.app):
        exchange = split(pair)
        with pytest.raises(Refusal, match="fund"):
            asked(pair.taker, exchange, 0)
        with pytest.raises(Refusal, match="fund"):
            asked(pair.giver, exchange, 180)


def test_what_the_fund_paid_goes_back_once(pair: Pair) -> None:
    with saved(pair.app) as session:
        exchange = split(pair)
        for minutes in (120, 60):
            disputed(pair.taker, exchange, minutes=minutes)
            service.make_offer(
                session, pair.giver, exchange, minutes=minutes, version=exchange.version
            )
            service.accept_offer(session, pair.taker, exchange, version=exchange.version)
        asked(pair.taker, exchange, 0)
        assert Book(session).balance(FUND) == 120
        assert Book(session).verify().faults == ()


def test_an_offer_of_a_closed_school_pays_nothing_from_its_frozen_account(pair: Pair) -> None:
    with saved(pair.app) as session:
        exchange = brought_to(State.DISPUTED, pair.giver, pair.taker)
        service.make_offer(session, pair.taker, exchange, minutes=180, version=exchange.version)
        close(session.get_one(School, pair.taker.urn))
        with pytest.raises(Refusal, match="frozen"):
            service.accept_offer(session, pair.giver, exchange, version=exchange.version)


def test_a_permit_is_not_used_for_another_statement_of_hours(pair: Pair) -> None:
    with saved(pair.app) as session:
        exchange = brought_to(State.AGREED, pair.giver, pair.taker)
        runs = operator()

        def deliver(minutes: int) -> None:
            exchanges.deliver(
                session,
                pair.giver,
                exchange,
                minutes=minutes,
                on_date=today(),
                note="",
                policy=Policy(),
                version=exchange.version,
            )

        deliver(60)
        freeze_school(session, runs, pair.giver.school(), "No answer.")
        let_payment_through(session, runs, exchange.id, "An hour was given before.")
        unfreeze_school(session, runs, pair.giver.school())
        deliver(180)
        freeze_school(session, runs, pair.giver.school(), "No answer.")
        with pytest.raises(Refusal):
            exchanges.confirm(session, pair.taker, exchange, version=exchange.version)
        let_payment_through(session, runs, exchange.id, "All three hours.")
        exchanges.confirm(session, pair.taker, exchange, version=exchange.version)


def test_an_operator_of_a_school_does_not_decide_about_its_money(pair: Pair) -> None:
    with saved(pair.app) as session:
        exchange = frozen_delivery(pair.giver, pair.taker)
        for urn in (pair.giver.urn, pair.taker.urn):
            with pytest.raises(NotAllowed, match="Another operator"):
                let_payment_through(session, operator_at(urn), exchange.id, "For us.")
        adjustment = proposed(urn=pair.taker.urn)
        with pytest.raises(NotAllowed, match="nother operator"):
            approved(adjustment, operator_at(pair.taker.urn))


def test_one_operator_does_not_pause_a_school_again_and_again(app: Skillbank) -> None:
    with saved(app) as session:
        one, urn = operator(), joined_school().urn
        pause = proposed(one, "freeze", urn, urgent=True)
        withdraw_adjustment(session, one, pause.id)
        for actor in (one, operator()):
            with pytest.raises(Refusal, match="another person has to approve it first"):
                proposed(actor, "freeze", urn, urgent=True)
        approved(proposed(one, "freeze", urn))
        assert session.get_one(School, urn).paused_at is not None


def test_a_second_tab_with_another_share_of_the_fund_is_not_taken_for_a_replay(pair: Pair) -> None:
    with saved(pair.app) as session:
        Book(session).transfer(ISSUANCE, FUND, 120, key="fund", kind="grant", actor="test")
        exchange = to_decide(pair)
        runs, version = operator(), exchange.version
        for _ in range(2):
            rulings.rule(
                session, runs, exchange, Decision(Ruling.PAY, 60, 0, REASONS), version=version
            )
        with pytest.raises(Conflict):
            rulings.rule(
                session, runs, exchange, Decision(Ruling.SPLIT, 60, 60, REASONS), version=version
            )
        assert Book(session).balance(FUND) == 120


TEXTS = ("Reading 😀 中文", '=1+1 #import "x"; $x$ *b* `c` <b>', "@SUM(A1) \\ [x] // #panic()")


@pytest.mark.parametrize("title", TEXTS)
def test_a_title_of_one_school_does_not_break_the_statement_of_the_other(
    pair: Pair, client: FlaskClient, title: str
) -> None:
    with saved(pair.app) as session:
        exchange = brought_to(State.DELIVERED, pair.giver, pair.taker)
        exchange.title = title
        exchanges.confirm(session, pair.taker, exchange, version=exchange.version)
    browser = Browser(client).be(pair.taker).client
    answer = browser.get("/credits/statement.pdf", buffered=True)
    assert answer.status_code == 200
    words = " ".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(answer.data)).pages)
    assert title.split()[0] in words
    answer = browser.get("/credits/statement.xlsx", buffered=True)
    cells = [
        cell
        for row in openpyxl.load_workbook(io.BytesIO(answer.data))["Statement"].iter_rows()
        for cell in row
    ]
    (cell,) = [cell for cell in cells if cell.value == title]
    assert cell.data_type == "s"


def test_one_person_cannot_approve_a_ruling_that_takes_the_place_of_anothers(pair: Pair) -> None:
    """The version in a form can be forged: what counts is what stands once it is locked."""
    with saved(pair.app) as session:
        exchange = to_decide(pair)
        one, other = operator(), operator()
        for actor, minutes in ((other, 60), (one, 120)):
            decision = Decision(Ruling.PAY, minutes, 0, REASONS)
            rulings.propose_ruling(session, actor, exchange, decision, version=exchange.version)
        for version in (exchange.version, exchange.version + 1):
            with pytest.raises(NotAllowed, match="somebody else"):
                rulings.approve_ruling(session, one, exchange, version=version)
        with pytest.raises(Conflict):
            rulings.approve_ruling(session, other, exchange, version=exchange.version - 1)
        assert exchange.state == State.DISPUTED
