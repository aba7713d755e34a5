"""Closing a period in the browser, by two people, on both engines."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

import pytest
import sqlalchemy as sa

from ledger import Book, PeriodClosed
from marketplace.accounts.ledger_actor import read_ledger_actor
from marketplace.accounts.roles import Role
from marketplace.application import Skillbank
from marketplace.audit.closing.checks import check_period
from marketplace.audit.closing.models import PeriodClosing
from marketplace.audit.closing.service import close_period
from marketplace.clock import now, today
from marketplace.database import db
from marketplace.exchanges.models import Exchange, State
from tests.marketplace.accounts.factories import PersonFactory, actor_for
from tests.marketplace.audit.factories import proposed_closing
from tests.marketplace.browser import Browser
from tests.marketplace.exchanges.factories import brought_to
from tests.marketplace.factories import saved
from tests.marketplace.network.factories import joined_school, operator

People = Callable[[str], Browser]
THROUGH = today() - timedelta(days=1)


@pytest.fixture
def people(app: Skillbank) -> People:
    """A browser for an operator and one for an auditor of a network with an open delivery."""
    with saved(app) as session:
        us, them = actor_for(joined_school()), actor_for(joined_school())
        delivered = brought_to(State.DELIVERED, us, them)
        session.execute(
            sa.update(Exchange)
            .where(Exchange.id == delivered.id)
            .values(delivered_on=THROUGH, created_at=Exchange.created_at)
        )
        staff = {
            role.value: PersonFactory(roles=[(role, None)])
            for role in (Role.OPERATOR, Role.AUDITOR)
        }

    def browser(role: str) -> Browser:
        return Browser(app.test_client()).be(staff[role])

    return browser


def test_one_proposes_with_a_reason_and_another_closes(app: Skillbank, people: People) -> None:
    first, second = people("operator"), people("auditor")
    first.get(f"/credits/book/periods/new?through={THROUGH}")
    assert "1 not confirmed yet" in first.text
    first.submit("Propose it")
    assert (first.status, first.errors) == (422, [first.errors[0]])
    assert first.errors[0].startswith("Something is still open in this period")
    first.submit("Propose it", reason="The visit was in January; both schools know.")
    assert "Proposed. Another operator or auditor can now close" in first.text
    first.get(first.page.find("a", string="Look at the checklist")["href"])
    assert "Close the books" not in first.buttons
    second.get("/home")
    assert "Close the books through" in second.text
    second.get("/credits/book/periods")
    second.get(second.page.find("a", string="Look at the checklist")["href"])
    second.submit("Close the books")
    assert "for ever" in second.text
    with saved(app) as session:
        book = Book(session)
        (period,) = book.periods()
        assert period.ends_on == THROUGH
        actor = read_ledger_actor(period.actor)
        assert actor is not None
        assert actor.roles == (Role.AUDITOR,)
        closing = session.scalars(sa.select(PeriodClosing)).one()
        assert ["Deliveries in the period", 1] in closing.checks
        code = book.trial_balance().rows[-1].code
        with pytest.raises(PeriodClosed):
            book.transfer("network:issuance", code, 5, key="late", effective=THROUGH)
    second.get("/credits/book/periods")
    assert "Deliveries in the period: 1" in second.text


def test_the_checklist_leads_only_where_its_reader_may_go(app: Skillbank, people: People) -> None:
    with saved(app) as session:
        brought_to(State.DISPUTED, actor_for(joined_school()), actor_for(joined_school()))
        session.execute(sa.update(Exchange).values(created_at=now() - timedelta(days=5)))
    for role in ("operator", "auditor"):
        browser = people(role).get(f"/credits/book/periods/new?through={THROUGH}")
        links = [link["href"] for link in browser.page.select("main td a")]
        for link in links:
            assert people(role).get(link).status == 200, (role, link)
        assert "/credits/book/journal?kind=hold&order=oldest" in links
        assert ("/network/disputes" in links) == (role == "operator")


def test_who_proposed_does_not_close(app: Skillbank, people: People) -> None:
    with saved(app) as session:
        me = operator()
        closing = proposed_closing(session, me)
        with pytest.raises(ValueError, match="another operator or auditor"):
            close_period(session, me, closing.id)
        assert Book(session).periods() == []


@pytest.mark.parametrize(
    ("through", "words"),
    [
        (today(), "That day is not over."),
        (date(2999, 1, 31), "That day is not over."),
        (date(2025, 12, 31), "The books are closed through 31 January 2026 already."),
    ],
)
def test_a_day_that_cannot_be_closed(
    app: Skillbank, people: People, through: date, words: str
) -> None:
    with saved(app) as session:
        Book(session).close_period(date(2026, 1, 31), key="by command", actor="Olu")
    browser = people("operator").get("/credits/book/periods/new")
    browser.submit("Propose it", ends_on=through.isoformat(), reason="Asked for.")
    assert browser.status == 422
    assert words in browser.text
    assert browser.page.select_one("#reason").text.strip() == "Asked for."


def test_a_proposal_is_withdrawn_and_made_again(app: Skillbank, people: People) -> None:
    with saved(app) as session:
        closing_id = proposed_closing(session, operator()).id
    browser = people("auditor").get(f"/credits/book/periods/{closing_id}")
    browser.submit("Refuse the proposal")
    assert "Withdrawn. Nothing was closed." in browser.text
    browser.get(f"/credits/book/periods/{closing_id}")
    assert "Close the books" not in browser.buttons
    with saved(app) as session:
        assert proposed_closing(session, operator()).id != closing_id


def test_two_who_close_at_once_close_once(app: Skillbank, people: People) -> None:
    with saved(app) as session:
        closing_id = proposed_closing(session, operator()).id
    first, second = people("operator"), people("auditor")
    for browser in (first, second):
        browser.get(f"/credits/book/periods/{closing_id}")
    first.submit("Close the books")
    second.submit("Close the books")
    assert second.status == 409
    assert "This period has been closed already." in second.text
    with app.app_context():
        assert len(Book(db.session()).periods()) == 1


def test_the_checklist_counts_what_is_open(app: Skillbank, people: People) -> None:
    with saved(app) as session:
        Book(session).seal()
        counts = {result.check.label: result.count for result in check_period(session, today())}
    assert counts["Deliveries in the period"] == 1
    assert counts["Verified since the last posting"] > 0
    assert counts["Sealed"] == counts["Disputes"] == counts["Holds past their day"] == 0
