"""Attacks on what puts money right: by schools, by one operator alone, by a thief, by odd texts."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from threading import Barrier, Thread

import openpyxl
import pypdf
import pytest
import sqlalchemy as sa
from beancount import loader
from flask.testing import FlaskClient

from ledger import Book
from marketplace.accounts.access import rule_of
from marketplace.accounts.actor import Actor
from marketplace.accounts.current_user import actor_of
from marketplace.accounts.models import RoleGrant, SignIn
from marketplace.accounts.roles import Permission, Role
from marketplace.adjustments.models import Adjustment
from marketplace.adjustments.service import withdraw_adjustment
from marketplace.application import Skillbank
from marketplace.audit.closing.models import PeriodClosing
from marketplace.audit.closing.service import close_period
from marketplace.clock import now, today
from marketplace.credits.chart import FUND, ISSUANCE
from marketplace.database import db
from marketplace.errors import Conflict, NotAllowed, NotFound, Refusal
from marketplace.exchanges import service as exchanges
from marketplace.exchanges.corrections.service import agree_to_correction, ask_network
from marketplace.exchanges.disputes import rulings, service
from marketplace.exchanges.disputes.again import ask_again
from marketplace.exchanges.disputes.models import Ruling
from marketplace.exchanges.disputes.rulings import Decision
from marketplace.exchanges.frozen.service import let_payment_through
from marketplace.exchanges.models import Exchange, State
from marketplace.network.service import freeze_school, unfreeze_school
from marketplace.schools.models import School
from marketplace.settings import Policy
from tests.marketplace.accounts.factories import PersonFactory, actor_for
from tests.marketplace.adjustments.factories import approved, proposed
from tests.marketplace.audit.factories import proposed_closing
from tests.marketplace.browser import Browser
from tests.marketplace.exchanges.conftest import Pair
from tests.marketplace.exchanges.conftest import pair as pair
from tests.marketplace.exchanges.corrections.factories import asked
from tests.marketplace.exchanges.factories import answered_dispute, brought_to, spend_all
from tests.marketplace.exchanges.frozen.factories import frozen_delivery
from tests.marketplace.factories import saved
from tests.marketplace.network.factories import auditor, close, joined_school, operator

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
        for one, other, minutes in (
            (pair.taker, pair.giver, 120),
            (pair.giver, pair.taker, 60),
        ):
            ask_again(session, one, exchange, minutes=minutes, text="No.", version=exchange.version)
            service.make_offer(session, other, exchange, minutes=minutes, version=exchange.version)
            service.accept_offer(session, one, exchange, version=exchange.version)
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


def test_a_role_that_changes_meanwhile_does_not_make_one_person_two(app: Skillbank) -> None:
    """Who has proposed is no second person as an auditor, nor in another session."""
    with saved(app) as session:
        person = PersonFactory(roles=[(Role.OPERATOR, None)])
        runs = actor_of(person, frozenset({Role.OPERATOR}), None)
        adjustment = proposed(runs)
        closing = proposed_closing(session, runs)
        session.execute(sa.update(RoleGrant).values(role=Role.AUDITOR))
        audits = actor_of(person, frozenset({Role.AUDITOR}), None)
        both = actor_of(person, frozenset({Role.AUDITOR, Role.OPERATOR}), None)
        for actor in (audits, both):
            with pytest.raises(NotAllowed, match="You have proposed this yourself"):
                approved(adjustment, actor)
            with pytest.raises(Refusal, match="You have proposed this"):
                close_period(session, actor, closing.id)
        assert (adjustment.state, closing.closed_at) == ("proposed", None)


def test_two_people_who_close_at_once_close_once(app: Skillbank) -> None:
    with saved(app) as session:
        proposer = operator()
        closing_id = proposed_closing(session, proposer, today() - timedelta(days=1)).id
        actors = [proposer, operator(), auditor()]
    barrier, outcomes = Barrier(len(actors)), []

    def press(actor: Actor) -> None:
        with app.app_context():
            barrier.wait()
            try:
                close_period(db.session(), actor, closing_id)
                db.session.commit()
                outcomes.append("closed")
            except (Conflict, Refusal) as refusal:
                db.session.rollback()
                outcomes.append(type(refusal).__name__)

    threads = [Thread(target=press, args=[actor]) for actor in actors]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    # The proposer is refused, or is too late.
    assert outcomes.count("closed") == 1
    with saved(app) as session:
        assert len(Book(session).periods()) == 1
        assert session.get_one(PeriodClosing, closing_id).closed_by_id != proposer.person_id


NETWORK = {
    Permission.AUDIT_LEDGER,
    Permission.CLOSE_PERIODS,
    Permission.MANAGE_NETWORK,
    Permission.RULE_DISPUTES,
}
FEATURES = ("adjustments", "audit", "disputes", "frozen")
HARMLESS = {"audit.begin_export", "audit.verify", "audit.withdraw", "audit.seal"}
"""What the network's people send that moves and ends nothing for good."""


def test_each_decision_of_the_network_asks_again_who_one_is(app: Skillbank) -> None:
    unguarded = {
        rule.endpoint
        for rule in app.url_map.iter_rules()
        if "POST" in (rule.methods or ())
        and rule.endpoint.startswith(FEATURES)
        and (stated := rule_of(app, rule.endpoint)) is not None
        and stated.permission in NETWORK
        and not stated.recent
    }
    assert unguarded == HARMLESS


@pytest.mark.parametrize(("stolen", "status"), [("confirmed_at", 401), ("second_factor_at", 200)])
def test_a_stolen_session_decides_nothing(
    app: Skillbank, client: FlaskClient, stolen: str, status: int
) -> None:
    with saved(app):
        runs, adjustment_id = operator(), proposed().id
    path = f"/network/adjustments/{adjustment_id}"
    thief = Browser(client).be(runs).get(path)
    changed = {"confirmed_at": now() - timedelta(days=1), "second_factor_at": None}
    with saved(app) as session:
        session.execute(sa.update(SignIn).values({stolen: changed[stolen]}))
    thief.submit("Approve: do it now")
    assert thief.status == status
    assert thief.path != path
    with saved(app) as session:
        assert session.get_one(Adjustment, adjustment_id).state == "proposed"


def test_a_school_reads_nothing_of_what_two_others_have_between_them(
    pair: Pair, client: FlaskClient
) -> None:
    with saved(pair.app):
        exchange = brought_to(State.CONFIRMED, pair.giver, pair.taker, minutes=75)
        number, title = exchange.transaction_id, exchange.title
        spy = actor_for(joined_school(), Role.COORDINATOR, Role.FINANCE)
    browser = Browser(client).be(spy)
    urns = (pair.giver.urn, pair.taker.urn)
    for path, status in (
        (f"/credits/reconcile?of={urns[0]}&with={urns[1]}", 404),
        (f"/credits/reconcile?with={urns[1]}", 200),
        ("/credits/reconcile?with=%00", 400),
        (f"/credits/reconcile?with={urns[1]}%20%27--", 422),
        (f"/credits/statement?of={urns[0]}", 404),
        (f"/credits/statement.pdf?of={urns[0]}", 404),
        (f"/credits/transactions/{number}", 404),
        (f"/exchanges/{exchange.id}", 404),
        (f"/credits/book/exchanges/{exchange.id}", 403),
        (f"/credits/book/records/{number}/proof.json", 403),
        ("/credits/book/journal.csv", 403),
    ):
        browser.get(path)
        assert (path, browser.status) == (path, status)
        assert title not in browser.text
        assert "1.25" not in browser.text


@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31", "2026-02-30", "\u0662\u0660-01-01"])
def test_no_day_breaks_the_closing_of_a_period(
    app: Skillbank, client: FlaskClient, day: str
) -> None:
    with saved(app):
        browser = Browser(client).be(operator())
    browser.get("/credits/book/periods/new").submit("Propose it", ends_on=day, reason="It is over.")
    assert browser.status in (200, 422)
    assert browser.get(f"/credits/book/periods/new?through={day}").status == 200


EVIL = ('=HYPERLINK("http://x.example")', 'x" ; 2026-01-01 open Assets:Evil', "+1|cmd", "a;b  c:d")


def test_titles_are_texts_in_every_export_of_the_journal(
    pair: Pair, client: FlaskClient, tmp_path: Path
) -> None:
    with saved(pair.app) as session:
        for number, memo in enumerate(EVIL):
            Book(session).transfer(
                ISSUANCE, f"school:{pair.giver.urn}", 15, key=f"gift {number}", memo=memo
            )
        browser = Browser(client).be(auditor()).client
    rows = csv.reader(io.StringIO(browser.get("/credits/book/journal.csv").text))
    cells = {cell for row in rows for cell in row}
    assert not [cell for cell in cells if cell.lstrip()[:1] in ("=", "+", "@")]
    answer = browser.get("/credits/book/journal.xlsx", buffered=True)
    sheet = openpyxl.load_workbook(io.BytesIO(answer.data))["Journal"]
    typed = {cell.value: cell.data_type for row in sheet.iter_rows(max_row=20) for cell in row}
    assert [typed[memo] for memo in EVIL] == ["s"] * len(EVIL)
    ledger = tmp_path / "journal.beancount"
    ledger.write_bytes(browser.get("/credits/book/journal.beancount").data)
    entries, errors, _ = loader.load_file(str(ledger))
    assert errors == []
    assert not [entry for entry in entries if "Evil" in str(getattr(entry, "account", ""))]
    lines = browser.get("/credits/book/journal.hledger").text.splitlines()
    assert not [line for line in lines if line.startswith(("2026-01-01 open", "account Evil"))]


def test_a_correction_takes_no_more_than_is_right(pair: Pair) -> None:
    """More than agreed, less than nothing, of one's own, twice, with an old page, for a third."""
    with saved(pair.app) as session:
        exchange = brought_to(State.CONFIRMED, pair.giver, pair.taker)
        for actor, minutes in ((pair.giver, 195), (pair.giver, -60), (pair.giver, 61)):
            with pytest.raises(Refusal):
                asked(actor, exchange, minutes)
        with pytest.raises(NotFound):
            asked(actor_for(joined_school()), exchange, 0)
        asked(pair.taker, exchange, 60)
        version = exchange.version
        with pytest.raises(Refusal, match="other school’s to answer"):
            agree_to_correction(session, pair.taker, exchange, version=version)
        with pytest.raises(Conflict):
            asked(pair.giver, exchange, 120)
        for _ in range(2):
            agree_to_correction(session, pair.giver, exchange, version=version)
        with pytest.raises(Conflict):
            agree_to_correction(session, pair.giver, exchange, version=exchange.version)
        other_side = replace(pair.taker, urn=pair.giver.urn)
        with pytest.raises(NotAllowed, match="You have acted for"):
            asked(other_side, exchange, 180)
        assert exchange.standing_minutes == 60
        assert Book(session).verify().faults == ()
    assert pair.money["taker"][0] == Policy().joining_grant - 60


def test_a_correction_beyond_a_limit_leaves_all_limits_as_they_were(pair: Pair) -> None:
    """The payer's limit is moved for one payment, and none of the others is lost by it."""
    with saved(pair.app) as session:
        book, code = Book(session), f"school:{pair.taker.urn}"
        exchange = brought_to(State.CONFIRMED, pair.giver, pair.taker)
        asked(pair.taker, exchange, 60)
        agree_to_correction(session, pair.giver, exchange, version=exchange.version)
        limits = {"floor": -600, "ceiling": 9000, "soft_floor": -300, "soft_ceiling": 6000}
        book.set_limits(code, **limits, key="limits", actor="test", memo="Agreed.")
        spend_all(pair.taker)
        correction = asked(pair.giver, exchange, 180)
        ask_network(session, pair.taker, exchange, version=exchange.version)
        approved(proposed(kind="correction", urn=pair.taker.urn, correction_id=correction.id))
        after = book.account(code)
        assert after.posted == -600 - 120
        assert {name: getattr(after, name) for name in limits} == limits
