"""The term clock: one press, shown to others, and nobody asks a school that said not now."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient

from marketplace.accounts.actor import Actor
from marketplace.accounts.roles import Role
from marketplace.application import Skillbank
from marketplace.calendar.half_terms import current_key
from marketplace.clock import today
from marketplace.conversations.service import ask
from marketplace.errors import NotAllowed, Refusal
from marketplace.exchanges.proposals import propose
from marketplace.schools.models import School
from marketplace.settings import Policy
from marketplace.term_clock.models import TermAnswer
from marketplace.term_clock.queries import standing_answer
from marketplace.term_clock.service import answer, when_to_ask_again
from tests.marketplace.accounts.factories import actor_for
from tests.marketplace.browser import Browser
from tests.marketplace.calendar.factories import told
from tests.marketplace.conversations.factories import asked
from tests.marketplace.exchanges.factories import terms
from tests.marketplace.factories import saved
from tests.marketplace.listings.factories import posted
from tests.marketplace.network.factories import joined_school


@pytest.fixture
def us(app: Skillbank) -> Actor:
    with saved(app):
        return actor_for(joined_school(name="Hope Primary"))


@pytest.fixture
def them(app: Skillbank) -> Actor:
    with saved(app):
        return actor_for(joined_school(name="Ash School"))


def test_the_start_page_asks_once_and_one_press_answers(
    app: Skillbank, client: FlaskClient, us: Actor, them: Actor
) -> None:
    browser = Browser(client).be(us).get("/home")
    assert "Do you have hours to give in" in browser.text
    browser.submit("Maybe")
    assert browser.flashes == ["Thank you: other schools see that you may have hours to give."]
    assert "Do you have hours to give in" not in browser.text
    reader = Browser(app.test_client()).be(them)
    assert "May have hours to give" in reader.get(f"/schools/{us.urn}").text
    with saved(app) as session:
        member = actor_for(session.get_one(School, us.school()), Role.MEMBER)
        session.execute(sa.delete(TermAnswer))
    assert "Do you have hours" not in Browser(app.test_client()).be(member).get("/home").text


def test_nobody_asks_a_school_that_said_not_now(
    app: Skillbank, client: FlaskClient, us: Actor, them: Actor
) -> None:
    with saved(app) as session:
        offer = posted(us)
        request = posted(us, kind="request")
        before = posted(us, title="Asked before")
        asked(them, before)
        offer_id = offer.id
        again = when_to_ask_again()[1]
        answer(session, us, "no", again.key)
        for verb in (
            lambda: ask(session, them, offer, "Hello?", idempotency_key="k" * 16),
            lambda: propose(session, them, offer, terms(), Policy(), idempotency_key="k" * 16),
            lambda: propose(session, them, before, terms(), Policy(), idempotency_key="l" * 16),
        ):
            with pytest.raises(Refusal, match="asks not to be asked before"):
                verb()
        # They look for help themselves, so they may be told that there is some.
        ask(session, them, request, "We can help.", idempotency_key="m" * 16)
    reader = Browser(client).be(them).get(f"/listings/{offer_id}")
    assert "No hours to give: ask again from" in reader.text
    assert "Ask a question" not in reader.text
    reader.get(f"/listings/{offer_id}/ask").submit("Send", body="Please?")
    assert reader.status == 422
    with saved(app) as session:
        answer(session, us, "yes")
        ask(session, them, session.merge(offer), "Hello?", idempotency_key="n" * 16)


def test_an_answer_counts_for_its_half_term_and_not_now_until_its_day(
    app: Skillbank, us: Actor
) -> None:
    with saved(app) as session:
        assert standing_answer(session, us.school()) is None
        row = answer(session, us, "yes")
        standing = standing_answer(session, us.school())
        assert standing is not None
        assert not standing.not_now
        row.half_term = "2020-1"
        session.flush()
        assert standing_answer(session, us.school()) is None
        row = answer(session, us, "no")
        assert row.ask_again_on == when_to_ask_again()[0].starts_on
        row.ask_again_on = today()
        session.flush()
        assert standing_answer(session, us.school()) is None


def test_what_cannot_be_answered_is_refused(app: Skillbank, us: Actor) -> None:
    with saved(app) as session:
        with pytest.raises(Refusal):
            answer(session, us, "perhaps")
        with pytest.raises(Refusal):
            answer(session, us, "no", current_key(today()))
        with pytest.raises(NotAllowed):
            answer(session, actor_for(joined_school(), Role.MEMBER), "yes")
        answer(session, us, "yes")
        session.commit()
        for values in ({"answer": "sure"}, {"answer": "no"}, {"ask_again_on": today()}):
            with pytest.raises(sa.exc.IntegrityError):
                session.execute(sa.update(TermAnswer).values(**values))
            session.rollback()


def test_when_to_be_asked_again_is_chosen_on_a_page(
    app: Skillbank, client: FlaskClient, us: Actor
) -> None:
    browser = Browser(client).be(us).get("/home").submit("Not now")
    assert browser.path == "/term-clock"
    later = when_to_ask_again()[3]
    browser.submit("Save the answer", ask_again=later.key)
    assert browser.flashes == ["Saved."]
    with saved(app) as session:
        standing = standing_answer(session, us.school())
        assert standing is not None
        assert standing.ask_again_on == later.starts_on
    browser.get("/term-clock").submit("Save the answer", answer=None)
    assert browser.status == 200  # the answer that stands is ticked
    browser.get("/term-clock").submit("Save the answer", ask_again="2020-1")
    assert browser.status == 422


def test_a_day_that_is_no_school_day_is_warned_of(
    app: Skillbank, client: FlaskClient, us: Actor, them: Actor
) -> None:
    saturday = today() + timedelta(days=(5 - today().weekday()) % 7 + 7)
    weekday = saturday - timedelta(days=3)
    with saved(app):
        offer_id = posted(us).id
        told(us, starts_on=weekday, ends_on=weekday, name="Staff training")
    browser = Browser(client).be(them).get(f"/listings/{offer_id}/propose")
    browser.submit("Send the proposal", details="A morning.", minutes="1", on_date=str(saturday))
    assert "is not a school day at Hope Primary and Ash School: it is a Saturday" in browser.text
    browser.get(browser.path + "/change")
    browser.submit("Send the changed proposal", on_date=str(weekday))
    assert "is not a school day at Hope Primary: it is an INSET day (Staff training)" in (
        browser.text
    )
