"""A school is carried on for while others act, in real threads: one outcome, money once."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
import sqlalchemy as sa

from ledger import Book
from marketplace.application import Skillbank
from marketplace.database import db
from marketplace.errors import Conflict
from marketplace.exchanges.models import Exchange, State
from marketplace.network.models import Succession
from marketplace.network.proposals import approve_succession, propose_succession
from marketplace.network.succession import succeed_by_register
from marketplace.schools.models import School
from marketplace.settings import Policy
from tests.marketplace.accounts.factories import actor_for
from tests.marketplace.browser import Browser
from tests.marketplace.exchanges.factories import brought_to
from tests.marketplace.factories import saved
from tests.marketplace.network.factories import close, joined_school, operator
from tests.marketplace.network.test_succession import assert_sound
from tests.marketplace.schools.factories import SchoolFactory

POLICY = Policy()
GRANT = POLICY.joining_grant
ROUNDS = 4


def at_once(*acts: Callable[[], object]) -> list[object]:
    """Do everything at the same moment, each in its own thread; the outcomes, or the refusals."""
    barrier = Barrier(len(acts))

    def do(act: Callable[[], object]) -> object:
        barrier.wait()
        try:
            return act()
        except Conflict as refusal:
            return refusal

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(do, acts))


def succeeding(app: Skillbank, urn: int) -> Callable[[], object]:
    """What a worker does about the closed school."""

    def act() -> object:
        with app.app_context():
            succession = succeed_by_register(db.session(), urn, POLICY)
            db.session.commit()
            return succession is not None

    return act


def test_a_confirmation_during_the_succession_has_one_outcome(app: Skillbank) -> None:
    outcomes = set()
    for _ in range(ROUNDS):
        with saved(app):
            old, other, new = joined_school(), joined_school(), SchoolFactory()
            them = actor_for(other)
            number = brought_to(State.DELIVERED, actor_for(old), them, minutes=60).id
        browser = Browser(app.test_client()).be(them).get(f"/exchanges/{number}")
        values = browser.values("Confirm 1 credit")
        with saved(app) as session:
            close(session.get_one(School, old.urn), session.get_one(School, new.urn))

        def confirm(
            browser: Browser = browser, values: dict[str, list[str]] = values, number: int = number
        ) -> object:
            path = f"/exchanges/{number}/confirm"
            return browser.client.post(path, data=values).status_code

        status, done = at_once(confirm, succeeding(app, old.urn))
        assert done is True
        assert status in (302, 409, 422)  # the last: the closed school's account is frozen
        outcomes.add(status)
        with saved(app) as session:
            exchange = session.get_one(Exchange, number)
            paid = status == 302
            assert exchange.state == (State.CONFIRMED if paid else State.DELIVERED)
            assert exchange.provider_urn == new.urn
            account = Book(session).account(f"school:{new.urn}")
            assert (account.posted, account.held_in) == ((GRANT + 60, 0) if paid else (GRANT, 60))
            assert_sound(session)
        if status == 409:
            browser.get(f"/exchanges/{number}").submit("Confirm 1 credit")
            assert browser.flashes == ["Confirmed. The credits have moved."]


def test_two_workers_and_an_operator_move_everything_once(app: Skillbank) -> None:
    for _ in range(ROUNDS):
        with saved(app) as session:
            old, new = joined_school(), SchoolFactory()
            close(old)
            proposal = propose_succession(session, operator(), old.urn, new.urn).id
            approver = operator()

        def approve(proposal: int = proposal, approver: object = approver) -> object:
            with app.app_context():
                approve_succession(db.session(), approver, proposal, POLICY)
                db.session.commit()
                return "approved"

        outcomes = at_once(approve, approve, succeeding(app, old.urn))
        assert outcomes.count("approved") == 1
        assert sum(isinstance(outcome, Conflict) for outcome in outcomes) == 1
        with saved(app) as session:
            assert Book(session).balance(f"school:{new.urn}") == GRANT
            assert_sound(session)


def test_two_schools_go_on_at_the_same_one_at_once(app: Skillbank) -> None:
    for _ in range(ROUNDS):
        with saved(app):
            first, second, new = joined_school(), joined_school(), joined_school()
            heads = [actor_for(school) for school in (first, second)]
            brought_to(State.AGREED, heads[0], heads[1], minutes=60)
            brought_to(State.CONFIRMED, heads[1], heads[0], minutes=60)
            for school in (first, second):
                close(school, new)
        assert at_once(*(succeeding(app, school.urn) for school in (first, second))) == [True] * 2
        with saved(app) as session:
            assert (
                session.scalars(
                    sa.select(Succession.to_urn).where(
                        Succession.from_urn.in_([first.urn, second.urn])
                    )
                ).all()
                == [new.urn] * 2
            )
            assert Book(session).balance(f"school:{new.urn}") == GRANT
            assert_sound(session)


@pytest.mark.parametrize("state", [State.PROPOSED, State.AGREED])
def test_a_partner_that_cancels_meanwhile_releases_once(app: Skillbank, state: State) -> None:
    for _ in range(ROUNDS):
        with saved(app):
            old, other, new = joined_school(), joined_school(), SchoolFactory()
            them = actor_for(other)
            number = brought_to(state, actor_for(old), them, minutes=60).id
            close(old, new)
        browser = Browser(app.test_client()).be(them).get(f"/exchanges/{number}/cancel")
        values = browser.values("Cancel the exchange")

        def cancel(
            browser: Browser = browser, values: dict[str, list[str]] = values, number: int = number
        ) -> object:
            path = f"/exchanges/{number}/cancel"
            return browser.client.post(path, data=values).status_code

        status, done = at_once(cancel, succeeding(app, old.urn))
        assert done is True
        with saved(app) as session:
            cancelled = session.get_one(Exchange, number).state == State.CANCELLED
            assert cancelled == (status == 302)
            assert_sound(session)
