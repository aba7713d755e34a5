"""What the outbox is told of: every verb that changes something, in its own transaction."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from marketplace.accounts.actor import Actor
from marketplace.accounts.roles import Role
from marketplace.application import Skillbank
from marketplace.exchanges.models import State
from marketplace.listings.service import (
    change_listing,
    reopen_listing,
    withdraw_listing,
    withdraw_listings_of,
)
from marketplace.members.factor_resets import reset_factors
from marketplace.members.service import change_roles
from marketplace.outbox.models import OutboxEvent
from tests.marketplace.accounts.factories import actor_for, staff
from tests.marketplace.accounts.second_factors.factories import with_authenticator
from tests.marketplace.conversations.factories import asked
from tests.marketplace.exchanges.factories import brought_to
from tests.marketplace.factories import saved
from tests.marketplace.listings.factories import draft, posted
from tests.marketplace.network.factories import joined_school

STEPS = {
    State.PROPOSED: ["exchange.proposed"],
    State.AGREED: ["exchange.proposed", "exchange.agreed"],
    State.DELIVERED: ["exchange.proposed", "exchange.agreed", "exchange.delivered"],
    State.CONFIRMED: [
        "exchange.proposed",
        "exchange.agreed",
        "exchange.delivered",
        "exchange.confirmed",
    ],
    State.DISPUTED: ["exchange.proposed", "exchange.agreed", "exchange.delivered"],
    State.DECLINED: ["exchange.proposed", "exchange.declined"],
    State.CANCELLED: ["exchange.proposed", "exchange.agreed", "exchange.cancelled"],
    State.LAPSED: ["exchange.proposed", "exchange.agreed", "exchange.lapsed"],
}


def told(session: Session, *prefixes: str) -> list[OutboxEvent]:
    events = session.scalars(sa.select(OutboxEvent).order_by(OutboxEvent.id)).all()
    return [event for event in events if event.type.startswith(prefixes)]


@pytest.mark.parametrize("state", State)
def test_each_step_of_an_exchange_is_told_to_both_schools(app: Skillbank, state: State) -> None:
    with saved(app) as session:
        owner, other = actor_for(joined_school()), actor_for(joined_school())
        exchange = brought_to(state, owner, other)
        events = told(session, "exchange.")
        assert [event.type for event in events] == STEPS[state]
        assert {event.data["exchange_id"] for event in events} == {exchange.id}
        assert {tuple(event.school_urns) for event in events} == {(owner.urn, other.urn)}
        assert events[0].actor_id == other.person_id


def withdraw_closed(session: Session, actor: Actor, listing: object) -> None:
    withdraw_listings_of(session, [actor.school()])


@pytest.mark.parametrize(
    ("verb", "kinds"),
    [
        (lambda session, actor, listing: None, []),
        (
            lambda session, actor, listing: change_listing(
                session, actor, listing, draft(title="Better phonics"), version=1
            ),
            ["listing.changed"],
        ),
        (withdraw_listing, ["listing.withdrawn"]),
        (withdraw_closed, ["listing.withdrawn"]),
        (
            lambda session, actor, listing: reopen_listing(
                session, actor, withdraw_listing(session, actor, listing)
            ),
            ["listing.withdrawn", "listing.reopened"],
        ),
    ],
)
def test_what_happens_to_a_listing_is_told(
    app: Skillbank, verb: Callable[..., object], kinds: list[str]
) -> None:
    with saved(app) as session:
        actor = actor_for(joined_school())
        listing = posted(actor)
        verb(session, actor, listing)
        events = told(session, "listing.")
        assert [event.type for event in events] == ["listing.posted", *kinds]
        assert {event.data["listing_id"] for event in events} == {listing.id}


def test_a_message_is_told_to_both_schools_without_its_words(app: Skillbank) -> None:
    with saved(app) as session:
        owner, other = actor_for(joined_school()), actor_for(joined_school())
        enquiry = asked(other, posted(owner), "Our results fell.")
        (event,) = told(session, "message.")
        assert event.data["enquiry_id"] == enquiry.id
        assert set(event.data) == {"enquiry_id", "message_id"}
        assert sorted(event.school_urns) == sorted([owner.urn, other.urn])
        assert "fell" not in str(vars(event))


def test_new_roles_and_a_school_that_joins_are_told(app: Skillbank) -> None:
    with saved(app) as session:
        school = joined_school()
        boss = actor_for(school, Role.ADMINISTRATOR)
        colleague = staff(school, Role.MEMBER)
        before, after = frozenset({Role.MEMBER}), frozenset({Role.FINANCE})
        change_roles(session, boss, school.urn, colleague.id, after, seen=before)
        (joined,) = told(session, "school.")
        (changed,) = told(session, "member.")
        assert (joined.type, list(joined.school_urns)) == ("school.joined", [school.urn])
        assert (changed.type, changed.data) == (
            "member.roles_changed",
            {"person_id": colleague.id},
        )


def test_a_reset_of_second_factors_is_told(app: Skillbank) -> None:
    with saved(app) as session:
        school = joined_school()
        boss = actor_for(school, Role.ADMINISTRATOR)
        with_authenticator(colleague := staff(school, Role.FINANCE))
        reset_factors(session, boss, school.urn, colleague.id)
        (event,) = told(session, "member.")
        assert (event.type, event.data) == ("member.factors_reset", {"person_id": colleague.id})
        assert (event.actor_id, list(event.school_urns)) == (boss.person_id, [school.urn])


def test_what_is_rolled_back_is_told_to_nobody(app: Skillbank) -> None:
    with saved(app) as session:
        actor = actor_for(joined_school())
        session.commit()
        before = len(told(session, ""))
        posted(actor)
        assert len(told(session, "")) == before + 1
        session.rollback()
        assert len(told(session, "")) == before
