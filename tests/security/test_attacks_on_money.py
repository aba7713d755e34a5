"""Attacks on what puts money right: by schools, by one operator alone, by a thief, by odd texts."""

from __future__ import annotations

import io

import openpyxl
import pypdf
import pytest
from flask.testing import FlaskClient

from marketplace.accounts.actor import Actor
from marketplace.accounts.current_user import actor_of
from marketplace.accounts.roles import Role
from marketplace.adjustments.service import withdraw_adjustment
from marketplace.application import Skillbank
from marketplace.clock import today
from marketplace.database import db
from marketplace.errors import NotAllowed, Refusal
from marketplace.exchanges import service as exchanges
from marketplace.exchanges.frozen.service import let_payment_through
from marketplace.exchanges.models import State
from marketplace.network.service import freeze_school, unfreeze_school
from marketplace.schools.models import School
from marketplace.settings import Policy
from tests.marketplace.accounts.factories import PersonFactory
from tests.marketplace.adjustments.factories import approved, proposed
from tests.marketplace.browser import Browser
from tests.marketplace.exchanges.conftest import Pair
from tests.marketplace.exchanges.conftest import pair as pair
from tests.marketplace.exchanges.factories import brought_to
from tests.marketplace.exchanges.frozen.factories import frozen_delivery
from tests.marketplace.factories import saved
from tests.marketplace.network.factories import joined_school, operator

REASONS = "The register of the school shows an hour."


def operator_at(urn: int | None) -> Actor:
    """An operator who has a role at the school ``urn`` as well."""
    school = db.session.get_one(School, urn)
    person = PersonFactory(roles=[(Role.OPERATOR, None), (Role.MEMBER, school)])
    return actor_of(person, frozenset({Role.OPERATOR}), None)


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
