"""A sample of the real register, replayed: every closed school goes on at its successor."""

from __future__ import annotations

import random

import sqlalchemy as sa
from sqlalchemy.orm import Session

from ledger import Book
from marketplace.application import Skillbank
from marketplace.demo.commands import REGISTER
from marketplace.exchanges.models import State
from marketplace.network.commands import go_on_elsewhere
from marketplace.network.events import SchoolClosed
from marketplace.network.joining import join_all
from marketplace.network.models import Succession
from marketplace.network.succession import open_successions, record_closed
from marketplace.outbox.models import OutboxEvent
from marketplace.schools.importing import import_register
from marketplace.schools.models import School
from marketplace.settings import Policy
from tests.marketplace.accounts.factories import actor_for
from tests.marketplace.exchanges.factories import brought_to
from tests.marketplace.factories import saved
from tests.marketplace.network.test_succession import assert_sound

POLICY = Policy()
CLOSED = 8
STATES = (State.PROPOSED, State.AGREED, State.DELIVERED, State.CONFIRMED)


def closed_schools(session: Session) -> list[School]:
    """Some schools of the register that have closed and that another one succeeds."""
    return list(
        session.scalars(
            sa.select(School)
            .where(School.status == "closed", School.successor_urn.is_not(None))
            .order_by(School.urn)
            .limit(CLOSED)
        )
    )


def test_a_sample_of_the_register_goes_on(app: Skillbank) -> None:
    rng = random.Random(1)
    with saved(app) as session:
        import_register(session, REGISTER)
        old = closed_schools(session)
        assert len(old) == CLOSED
        links = {school.urn: school.successor_urn for school in old}
        # As it was before they closed; a third of the successors took part already.
        for school in old:
            school.status = "open"
        session.flush()
        successors = session.scalars(
            sa.select(School)
            .where(School.urn.in_(links.values()), School.status == "open")
            .order_by(School.urn)
        ).all()
        everyone = list({school.urn: school for school in [*old, *successors[::3]]}.values())
        join_all(session, everyone, POLICY, actor="test")
        heads = {school.urn: actor_for(school) for school in everyone}
        for school in old:
            partner = rng.choice([other for other in everyone if other is not school])
            state = rng.choice(STATES)
            brought_to(state, heads[school.urn], heads[partner.urn], minutes=60)
        for school in old:
            school.status = "closed"
        session.flush()
        assert record_closed(session) == CLOSED
    for urn in links:
        with saved(app) as session:
            go_on_elsewhere(session, SchoolClosed(actor_id=None, school_urns=(urn,)))
    with saved(app) as session:
        done = session.scalars(sa.select(Succession).where(Succession.state == "done")).all()
        waiting = [urn for urn in links if open_successions(session, urn)]
        assert {row.from_urn for row in done} | set(waiting) == set(links)
        assert len(done) >= CLOSED // 2
        told = session.scalars(
            sa.select(OutboxEvent.id).where(OutboxEvent.type == "school.succeeded")
        ).all()
        assert len(told) == len(done)
        assert sum(account.posted for account in Book(session).balances().values()) == 0
        assert_sound(session)
