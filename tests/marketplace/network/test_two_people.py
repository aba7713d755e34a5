"""Where the register does not say who carries on, one person proposes and another approves."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient

from ledger import Book
from marketplace.accounts.current_user import actor_of
from marketplace.accounts.models import Person
from marketplace.accounts.roles import Role
from marketplace.application import Skillbank
from marketplace.errors import Conflict, NotAllowed, NotFound, Refusal
from marketplace.network.models import Succession, SuccessionState
from marketplace.network.proposals import (
    approve_succession,
    propose_succession,
    refuse_succession,
)
from marketplace.network.service import freeze_school
from marketplace.network.succession import open_successions
from marketplace.outbox.models import OutboxEvent
from marketplace.schools.models import School, SuccessorCandidate
from marketplace.settings import Policy
from tests.marketplace.accounts.factories import PersonFactory, actor_for
from tests.marketplace.browser import Browser
from tests.marketplace.factories import saved
from tests.marketplace.network.factories import (
    auditor,
    close,
    joined_school,
    operator,
    proposed_succession,
)
from tests.marketplace.network.test_operating import leave
from tests.marketplace.network.test_succession import assert_sound, balance, pay, succeed
from tests.marketplace.schools.factories import SchoolFactory

POLICY = Policy()
GRANT = POLICY.joining_grant


def test_a_split_is_decided_by_two_operators(app: Skillbank, client: FlaskClient) -> None:
    with saved(app) as session:
        old = joined_school(name="Old School")
        north, south = SchoolFactory(name="North School"), SchoolFactory(name="South School")
        session.add_all(
            SuccessorCandidate(school_urn=old.urn, candidate_urn=new.urn) for new in (north, south)
        )
        close(old, north)
        succeed(session, old)
        one, two = operator(), operator()
    first = Browser(client).be(one)
    first.get("/home")
    first.get("/network/successions")
    badge = first.page.select_one('a[href="/network/successions"] .nav-badge')
    assert badge is not None
    assert "1 waiting" in badge.get_text()
    assert "Old School" in first.text
    assert "The register names several successors." in first.text
    first.get(f"/network/successions/{old.urn}")
    first.submit("Propose it", to=str(south.urn), remark="The juniors went there.")
    assert first.flashes == ["Proposed. It happens once another operator approves it."]
    assert "Approve: it goes on there now" not in first.buttons
    with saved(app) as session:
        (proposal,) = (row for row in open_successions(session, old.urn) if row.state == "proposed")
        number = proposal.id
        assert balance(session, old) == GRANT
    # The one who proposed it cannot approve it, not even with a form of their own.
    values = first.values("Take it back")
    first.post(f"/network/successions/{number}/approve", values)
    assert first.status == 403
    assert "You have proposed this yourself" in first.text

    second = Browser(app.test_client()).be(two).get(f"/network/successions/{old.urn}")
    assert "The juniors went there." in second.text
    second.post(f"/network/successions/{number}/approve", second.values("Do not approve"))
    assert second.flashes == ["Done. People, credits, exchanges and the record have gone on."]
    assert "Nothing waits for a decision" in second.text
    with saved(app) as session:
        done = session.get_one(Succession, number)
        assert (done.state, done.proposed_by_id, done.approved_by_id) == (
            SuccessionState.DONE,
            one.person_id,
            two.person_id,
        )
        assert balance(session, south) == GRANT
        states = session.scalars(
            sa.select(Succession.state).where(Succession.from_urn == old.urn)
        ).all()
        assert sorted(states) == ["done", "refused"]
        assert_sound(session)


def test_an_auditor_approves_only_where_there_is_one_operator(app: Skillbank) -> None:
    with saved(app) as session:
        waiting = proposed_succession()  # by an operator of its own
        reader = auditor()
        other = operator()
        with pytest.raises(NotAllowed, match="several operators"):
            approve_succession(session, reader, waiting.id, POLICY)
        session.get_one(Person, other.person_id).active = False
        session.flush()
        approve_succession(session, reader, waiting.id, POLICY)
        assert waiting.state == SuccessionState.DONE
        with pytest.raises(Conflict, match="decided already"):
            approve_succession(session, reader, waiting.id, POLICY)


def test_nobody_approves_what_is_about_a_school_where_they_hold_a_role(
    app: Skillbank, client: FlaskClient
) -> None:
    with saved(app) as session:
        waiting = proposed_succession()
        number, old_urn = waiting.id, waiting.from_urn
        successor = session.get_one(School, waiting.to_urn)
        person = PersonFactory(roles=[(Role.OPERATOR, None), (Role.MEMBER, successor)])
        here = actor_of(person, frozenset({Role.OPERATOR}), None)
        with pytest.raises(NotAllowed, match="You hold a role at"):
            approve_succession(session, here, number, POLICY)
    page = Browser(client).be(here).get(f"/network/successions/{old_urn}")
    assert "You hold a role at" in page.text
    assert "Approve: it goes on there now" not in page.buttons


def test_a_proposal_is_refused_or_taken_back_and_another_one_made(app: Skillbank) -> None:
    with saved(app) as session:
        old, new, better = joined_school(), SchoolFactory(), SchoolFactory()
        close(old)
        succeed(session, old)
        one, two = operator(), operator()
        proposal = propose_succession(session, one, old.urn, new.urn)
        with pytest.raises(Conflict, match="proposed already"):
            propose_succession(session, two, old.urn, better.urn)
        assert succeed(session, old) is None  # the register does not decide over their heads
        refuse_succession(session, two, proposal.id, remark="It is another school.")
        again = propose_succession(session, two, old.urn, better.urn)
        refuse_succession(session, two, again.id)
        last = propose_succession(session, two, old.urn, better.urn)
        approve_succession(session, one, last.id, POLICY)
        assert balance(session, better) == GRANT
        kinds = session.scalars(
            sa.select(OutboxEvent.type)
            .where(OutboxEvent.type.like("succession.%"))
            .order_by(OutboxEvent.id)
        ).all()
        assert kinds == [
            "succession.waiting",
            "succession.proposed",
            "succession.refused",
            "succession.proposed",
            "succession.refused",
            "succession.proposed",
        ]


def test_two_people_may_write_off_what_the_limit_does_not_cover(app: Skillbank) -> None:
    with saved(app) as session:
        old, new, other = joined_school(), joined_school(), joined_school()
        for school in (old, new):
            pay(session, f"school:{school.urn}", f"school:{other.urn}", GRANT + 400)
        close(old, new)
        assert succeed(session, old) is None
        one, two = operator(), operator()
        with pytest.raises(Refusal, match="beyond its credit limit"):
            propose_succession(session, one, old.urn, new.urn)
        proposal = propose_succession(session, one, old.urn, new.urn, write_off=True)
        approve_succession(session, two, proposal.id, POLICY)
        assert balance(session, new) == -POLICY.credit_limit
        written_off = Book(session).transaction(proposal.write_off_transaction_id or 0)
        assert (written_off.kind, written_off.entries[0].amount) == ("write-off", -200)
        assert_sound(session)


def test_only_a_fitting_school_is_proposed(app: Skillbank) -> None:
    with saved(app) as session:
        old, new = joined_school(), SchoolFactory()
        runs = operator()
        with pytest.raises(NotFound):  # it has not closed
            propose_succession(session, runs, old.urn, new.urn)
        close(old)
        succeed(session, old)
        with pytest.raises(Refusal, match="no other school"):
            propose_succession(session, runs, old.urn, old.urn)
        with pytest.raises(Refusal, match="no other school"):
            propose_succession(session, runs, old.urn, 1)
        closed, paused = SchoolFactory(status="closed"), joined_school()
        freeze_school(session, runs, paused.urn, "Why.")
        with pytest.raises(Refusal, match="is closed in the register"):
            propose_succession(session, runs, old.urn, closed.urn)
        with pytest.raises(Refusal, match="is paused"):
            propose_succession(session, runs, old.urn, paused.urn)


def test_a_school_that_left_comes_back_to_carry_on(app: Skillbank) -> None:
    with saved(app) as session:
        old, new = joined_school(), joined_school()
        leave(session, new)
        close(old, new)
        assert succeed(session, old) is None
        proposal = propose_succession(session, operator(), old.urn, new.urn)
        approve_succession(session, operator(), proposal.id, POLICY)
        assert balance(session, new) == GRANT
        assert_sound(session)


def test_a_closed_school_is_shown_to_who_may_decide_only(
    app: Skillbank, client: FlaskClient
) -> None:
    with saved(app):
        waiting = proposed_succession()
        reader = auditor()
        school = actor_for(joined_school())
    assert Browser(client).be(school).get("/network/successions").status == 403
    browser = Browser(app.test_client()).be(reader)
    browser.get(f"/network/successions/{waiting.from_urn}")
    assert browser.status == 200
    assert "Approve: it goes on there now" in browser.buttons  # there is one operator
    assert "Propose it" not in browser.buttons
    assert browser.get("/network/successions/1").status == 404
