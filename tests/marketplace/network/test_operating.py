"""The operator pauses schools, lets them leave, and sees who is inactive."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from ledger import Book
from marketplace.accounts.actor import Actor
from marketplace.accounts.current_user import actor_of
from marketplace.accounts.models import Person, RoleGrant, SecurityEvent
from marketplace.accounts.roles import Role
from marketplace.application import Skillbank
from marketplace.conversations.service import ask
from marketplace.errors import Conflict, NotAllowed, Refusal
from marketplace.exchanges.models import Exchange, State
from marketplace.exchanges.proposals import propose
from marketplace.exchanges.service import agree, cancel, confirm
from marketplace.listings.models import Listing
from marketplace.members.service import change_roles
from marketplace.network.activity import count_activity
from marketplace.network.joining import join
from marketplace.network.models import SchoolActivity
from marketplace.network.service import (
    freeze_school,
    leaving_of,
    let_school_leave,
    unfreeze_school,
)
from marketplace.outbox.models import OutboxEvent
from marketplace.outbox.worker import Worker
from marketplace.schools.models import School
from marketplace.settings import Policy
from tests.marketplace.accounts.factories import actor_for, staff
from tests.marketplace.browser import Browser
from tests.marketplace.exchanges.factories import brought_to, terms
from tests.marketplace.factories import saved
from tests.marketplace.listings.factories import posted
from tests.marketplace.network.factories import close, joined_school, operator, reopen
from tests.marketplace.network.test_succession import assert_sound, balance, pay, succeed
from tests.marketplace.search.factories import indexed

POLICY = Policy()
GRANT = POLICY.joining_grant
REASON = "Two exchanges are disputed. Write to us."


def as_seen(session: Session, actor: Actor) -> Actor:
    """The same person, as a request would load them now."""
    person = session.get_one(Person, actor.person_id)
    return actor_of(person, actor.roles, session.get_one(School, actor.school()))


@pytest.fixture
def desk(app: Skillbank, client: FlaskClient) -> Browser:
    with saved(app):
        person = operator()
    return Browser(client).be(person)


def leave(session: Session, school: School, heir: School | None = None) -> School:
    plan = leaving_of(session, school)
    return let_school_leave(
        session,
        operator(),
        school.urn,
        reason="They asked to.",
        heir_urn=heir.urn if heir else None,
        seen=plan.fingerprint,
    )


def test_the_people_of_a_paused_school_read_and_change_nothing(
    app: Skillbank, desk: Browser
) -> None:
    with saved(app) as session:
        school, other = joined_school(name="Hope Primary"), joined_school(name="Other School")
        us, them = actor_for(school), actor_for(other)
        head = staff(school, Role.ADMINISTRATOR)
        member = staff(school, Role.MEMBER)
        ours, theirs = posted(us, title="Choir").id, posted(them, title="Chess").id
        exchange = brought_to(State.AGREED, us, them, minutes=60)
        number, enquiry = exchange.id, exchange.enquiry_id
        freeze_school(session, operator(), school.urn, REASON)
        indexed(session)
    assert "Paused since" in desk.get(f"/network/schools/{school.urn}").text

    own = Browser(app.test_client()).be(us)
    for path in ("/home", "/exchanges", f"/exchanges/{number}", f"/messages/{enquiry}", "/search"):
        assert own.get(path).status == 200
        assert f"Hope Primary is paused by the network’s operator: {REASON}" in own.text
    assert "It has been delivered" not in own.get(f"/exchanges/{number}").text
    assert own.get("/listings/new").status == 403
    assert f"Hope Primary is paused: {REASON}" in own.text
    own.get(f"/messages/{enquiry}").submit("Send", body="Hello?")
    assert own.status == 403
    assert "You can read everything, and change nothing." in own.text
    administrator = Browser(app.test_client()).be(head)
    administrator.get(f"/schools/{school.urn}/people/{member.id}")
    assert administrator.status == 200
    administrator.submit("Save the roles", roles=["finance"])
    assert administrator.status == 403

    partner = Browser(app.test_client()).be(them)
    assert "Paused" in partner.get(f"/exchanges/{number}").text
    assert "Paused" in partner.get("/exchanges").text
    assert "Paused" in partner.get("/messages").text
    assert "Paused" in partner.get(f"/listings/{ours}").text
    assert "Paused" in partner.get("/search?q=choir").text
    assert "has paused this school" in partner.get(f"/schools/{school.urn}").text
    partner.get(f"/messages/{enquiry}").submit("Send", body="Hello?")
    assert partner.status == 422
    assert "Hope Primary is paused by the network’s operator at the moment" in partner.errors[0]
    assert own.get(f"/listings/{theirs}").status == 200


def test_nothing_is_agreed_with_a_paused_school_but_what_is_open_may_end(app: Skillbank) -> None:
    with saved(app) as session:
        school, other = joined_school(), joined_school()
        us, them = actor_for(school), actor_for(other)
        listing, theirs = posted(us), posted(them)
        proposal = brought_to(State.PROPOSED, them, us, minutes=60)
        delivered = brought_to(State.DELIVERED, us, them, minutes=60)
        agreed = brought_to(State.AGREED, us, them, minutes=60)
        runs = operator()
        freeze_school(session, runs, school.urn, REASON)
        assert Book(session).account(f"school:{school.urn}").status == "frozen"
        paused = as_seen(session, us)
        for act in (
            lambda: posted(paused),
            lambda: ask(session, paused, theirs, "Hello?", idempotency_key="k" * 16),
            lambda: cancel(session, paused, agreed, "", version=2),
            lambda: change_roles(
                session,
                as_seen(session, actor_for(school, Role.ADMINISTRATOR)),
                school.urn,
                us.person_id,
                frozenset({Role.MEMBER}),
                seen=us.roles,
            ),
        ):
            with pytest.raises(NotAllowed, match="is paused: Two exchanges are disputed"):
                act()
        for act in (
            lambda: ask(session, them, listing, "Hello?", idempotency_key="k" * 16),
            lambda: propose(session, them, listing, terms(), POLICY, idempotency_key="k" * 16),
            lambda: agree(session, them, proposal, version=1),
            lambda: confirm(session, them, delivered, version=3),
        ):
            with pytest.raises(Refusal, match="is paused by the network’s operator"):
                act()
        cancel(session, them, agreed, "We cannot wait.", version=2)
        unfreeze_school(session, runs, school.urn)
        confirm(session, them, delivered, version=3)
        assert balance(session, school) == GRANT + 60
        assert_sound(session)


def test_pausing_is_on_record(app: Skillbank, desk: Browser) -> None:
    with saved(app) as session:
        school, runs = joined_school(name="Hope Primary"), operator()
        freeze_school(session, runs, school.urn, REASON)
        with pytest.raises(Conflict, match="is paused already"):
            freeze_school(session, runs, school.urn, REASON)
        unfreeze_school(session, runs, school.urn)
        with pytest.raises(Conflict, match="is not paused"):
            unfreeze_school(session, runs, school.urn)
    desk.get(f"/network/schools/{school.urn}")
    titles = [item.get_text() for item in desk.page.select(".timeline-title")]
    assert titles == ["Goes on after a pause", "Paused", "Joined the network"]
    assert REASON in desk.text
    with saved(app) as session:
        assert Book(session).account(f"school:{school.urn}").status == "open"
        kinds = session.scalars(
            sa.select(SecurityEvent.kind).where(SecurityEvent.school_urn == school.urn)
        ).all()
        assert kinds == ["school_paused", "school_resumed"]
        events = session.scalars(
            sa.select(OutboxEvent.type).where(OutboxEvent.type.like("school.%frozen"))
        ).all()
        assert events == ["school.frozen", "school.unfrozen"]


def test_a_paused_school_that_closes_and_opens_again_is_still_paused(app: Skillbank) -> None:
    with saved(app) as session:
        school = joined_school()
        freeze_school(session, operator(), school.urn, REASON)
        close(school)
        reopen(school)
        assert Book(session).account(f"school:{school.urn}").status == "frozen"


def test_a_school_leaves(app: Skillbank, desk: Browser) -> None:
    with saved(app) as session:
        school, other = joined_school(name="Hope Primary"), joined_school(name="Other School")
        us, them = actor_for(school), actor_for(other)
        posted(us)
        number = brought_to(State.AGREED, them, us, minutes=60).id
        paid = brought_to(State.CONFIRMED, us, them, minutes=30).id
        leave(session, school, other)
    desk.get(f"/network/schools/{school.urn}")
    assert "its credits went to Other School" in desk.text
    with saved(app) as session:
        left = session.get_one(School, school.urn)
        assert (left.joined_at, left.left_at is not None) == (None, True)
        account = Book(session).account(f"school:{school.urn}")
        assert (account.posted, account.status) == (0, "frozen")
        assert balance(session, other) == GRANT - 30 + GRANT + 30
        exchange = session.get_one(Exchange, number)
        assert exchange.state == State.CANCELLED
        assert session.get_one(Exchange, paid).state == State.CONFIRMED
        open_ones = session.scalars(sa.select(Listing.id).where(Listing.status == "open")).all()
        assert (
            session.scalars(
                sa.select(Listing.id).where(
                    Listing.school_urn == school.urn, Listing.id.in_(open_ones)
                )
            ).all()
            == []
        )
        assert (
            session.scalars(sa.select(RoleGrant.id).where(RoleGrant.school_urn == school.urn)).all()
            == []
        )
        assert_sound(session)
    partner = Browser(app.test_client()).be(them)
    partner.get(f"/exchanges/{number}")
    assert "Hope Primary has left the network." in partner.text
    assert "Left the network" in partner.get("/exchanges?show=all").text
    assert "Hope Primary (left the network)" in partner.get("/credits").text


@pytest.mark.parametrize("minutes", [-300, 0, 300])
def test_what_a_school_that_leaves_has_or_owes_is_the_networks(
    app: Skillbank, minutes: int
) -> None:
    with saved(app) as session:
        school, other = joined_school(), joined_school()
        pay(session, f"school:{school.urn}", f"school:{other.urn}", GRANT - minutes)
        issued = Book(session).account("network:issuance").posted
        leave(session, school)
        assert Book(session).account("network:issuance").posted == issued + minutes
        assert balance(session, school) == 0
        entry = Book(session).journal(reference=f"leaving:{school.urn}:1").transactions
        assert [one.kind for one in entry] == {-300: ["write-off"], 0: [], 300: ["gift"]}[minutes]
        assert_sound(session)


def test_what_the_issuance_has_no_room_for_goes_to_the_fund(app: Skillbank) -> None:
    with saved(app) as session:
        school = joined_school()
        other = joined_school()
        # Nothing was ever issued to these two: what the one has, the other owes.
        for one in (school, other):
            Book(session).transfer(
                f"school:{one.urn}", "network:issuance", GRANT, key=f"b{one.urn}", actor="test"
            )
        pay(session, f"school:{other.urn}", f"school:{school.urn}", 90)
        leave(session, school)
        assert Book(session).balance("network:issuance") == 0
        assert Book(session).balance("network:fund") == 90
        assert_sound(session)


def test_a_school_that_left_joins_again_without_a_second_grant(app: Skillbank) -> None:
    with saved(app) as session:
        school = joined_school()
        for _ in range(2):
            leave(session, school)
            assert join(session, school, POLICY, actor="test")
            account = Book(session).account(f"school:{school.urn}")
            assert (account.status, account.posted) == ("open", 0)
        assert (school.left_at, school.joined_at is not None) == (None, True)
        assert_sound(session)


def test_a_school_does_not_leave_unseen(app: Skillbank) -> None:
    with saved(app) as session:
        school, other = joined_school(), joined_school()
        seen = leaving_of(session, school).fingerprint
        brought_to(State.AGREED, actor_for(school), actor_for(other), minutes=60)
        with pytest.raises(Conflict, match="Something has changed"):
            let_school_leave(
                session, operator(), school.urn, reason="Why.", heir_urn=None, seen=seen
            )
        with pytest.raises(Refusal, match="this is the one that leaves"):
            let_school_leave(
                session, operator(), school.urn, reason="Why.", heir_urn=school.urn, seen=seen
            )
        leave(session, other)
        with pytest.raises(Refusal, match="does not take part"):
            leave(session, other)


def test_a_closed_school_that_nobody_carries_on_for_leaves(app: Skillbank) -> None:
    with saved(app) as session:
        school = joined_school()
        close(school)
        assert succeed(session, school) is None
        leave(session, school)
        assert balance(session, school) == 0
        assert succeed(session, school) is None
        assert_sound(session)


def figures(session: Session, school: School) -> SchoolActivity:
    return session.get_one(SchoolActivity, school.urn, populate_existing=True)


def test_what_people_do_is_kept_for_their_own_school(app: Skillbank) -> None:
    with saved(app) as session:
        school, other = joined_school(), joined_school()
        us, them = actor_for(school), actor_for(other)
        listing = posted(us)
        session.commit()
        Worker(app).run_once()
        assert figures(session, school).last_activity_at is not None
        assert figures(session, school).last_exchange_at is None
        assert figures(session, other).last_activity_at is None
        propose(session, them, listing, terms(), POLICY, idempotency_key="k" * 16)
        session.commit()
        Worker(app).run_once()
        assert figures(session, other).last_exchange_at is not None
        assert figures(session, school).last_exchange_at is None


def test_signing_in_is_kept_for_every_school_of_the_person(app: Skillbank) -> None:
    with saved(app) as session:
        school, other = joined_school(), joined_school()
        jo = staff(school, Role.MEMBER)
        email = jo.email
        assert figures(session, school).last_sign_in_at is None
    Browser(app.test_client()).sign_in(email)
    with saved(app) as session:
        signed_in = figures(session, school)
        assert signed_in.last_sign_in_at is not None
        assert signed_in.idle_since == signed_in.last_sign_in_at
        assert figures(session, other).last_sign_in_at is None


def test_inactive_schools_are_shown_the_longest_idle_first(app: Skillbank, desk: Browser) -> None:
    now = datetime.now(UTC)
    with saved(app) as session:
        for days, name in ((10, "Ash School"), (40, "Beech School"), (200, "Cedar School")):
            school = joined_school(name=name)
            activity = figures(session, school)
            activity.idle_since = now - timedelta(days=days)
            if days != 40:
                activity.last_activity_at = activity.idle_since
        session.flush()

    def shown(idle: str) -> list[str]:
        desk.get(f"/network/activity?idle={idle}")
        return [link.get_text() for link in desk.page.select("tbody th a")]

    assert shown("") == ["Cedar School", "Beech School", "Ash School"]
    assert shown("30") == ["Cedar School", "Beech School"]
    assert shown("90") == ["Cedar School"]
    assert shown("180") == ["Cedar School"]
    assert shown("never") == ["Beech School"]


def test_figures_counted_anew_are_those_that_were_kept(app: Skillbank) -> None:
    with saved(app) as session:
        school, other, quiet = joined_school(), joined_school(), joined_school()
        brought_to(State.CONFIRMED, actor_for(school), actor_for(other), minutes=60)
        session.commit()
        Worker(app).run_once()
        session.expire_all()
        schools = (school, other, quiet)
        before = [
            (f.last_activity_at, f.last_exchange_at, f.idle_since)
            for f in (figures(session, s) for s in schools)
        ]
        count_activity(session)
        session.expire_all()
        after = [
            (f.last_activity_at, f.last_exchange_at, f.idle_since)
            for f in (figures(session, s) for s in schools)
        ]
        assert after == before
