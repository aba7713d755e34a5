"""A closed school's people, credits, exchanges and record go on at its successor."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from ledger import Book
from marketplace.accounts.models import RoleGrant
from marketplace.accounts.roles import Role
from marketplace.application import Skillbank
from marketplace.conversations.models import Enquiry, Message
from marketplace.conversations.service import ask
from marketplace.exchanges.models import OPEN_STATES, Exchange, ExchangeEvent, State
from marketplace.exchanges.service import confirm, deliver
from marketplace.listings.models import Listing, ListingStatus
from marketplace.network.joining import join
from marketplace.network.models import (
    NetworkAction,
    Obstacle,
    Succession,
    SuccessionState,
)
from marketplace.network.succession import open_successions, succeed_by_register
from marketplace.outbox.models import OutboxEvent
from marketplace.schools.models import School, SuccessorCandidate
from marketplace.settings import Policy
from tests.marketplace.accounts.factories import actor_for, staff
from tests.marketplace.browser import Browser
from tests.marketplace.conversations.factories import asked
from tests.marketplace.exchanges.factories import brought_to
from tests.marketplace.factories import saved
from tests.marketplace.listings.factories import posted
from tests.marketplace.network.factories import close, joined_school, reopen
from tests.marketplace.schools.factories import SchoolFactory

POLICY = Policy()
GRANT = POLICY.joining_grant


def succeed(session: Session, school: School) -> Succession | None:
    """What the worker does about a closed school."""
    return succeed_by_register(session, school.urn, POLICY)


def balance(session: Session, school: School) -> int:
    return Book(session).balance(f"school:{school.urn}")


def pay(session: Session, source: str, target: str, minutes: int) -> None:
    """Move credits, so that balances differ from the grants."""
    key = f"paid:{source}:{target}:{minutes}"
    Book(session).transfer(source, target, minutes, key=key, actor="test")


def assert_sound(session: Session) -> None:
    """The book can be proved, and nothing is left at a school that another carries on for."""
    assert Book(session).verify(thorough=True).faults == ()
    assert_nothing_left(session)


def assert_nothing_left(session: Session) -> None:
    """The book adds up, and nothing is left at a school that another carries on for.

    No school is past its limit, and each open hold belongs to an open exchange.
    """
    book = Book(session)
    assert sum(account.posted for account in book.balances().values()) == 0
    ended = sa.select(School.urn).where(
        School.continued_by_urn.is_not(None), School.joined_at.is_(None)
    )
    codes = [f"school:{urn}" for urn in session.scalars(ended)]
    assert [code for code in codes if book.holds(code) or book.balance(code)] == []
    for account in book.balances().values():
        if account.floor is not None and account.code.startswith("school:"):
            assert account.available is not None
            assert account.available >= 0
    open_holds = {hold.id for account in book.balances() for hold in book.holds(account)}
    agreed = session.scalars(
        sa.select(Exchange.hold_id).where(
            sa.or_(
                Exchange.state.in_((State.AGREED, State.DELIVERED)),
                sa.and_(Exchange.state == State.DISPUTED, Exchange.transaction_id.is_(None)),
            )
        )
    )
    assert open_holds == set(agreed)
    orphans = {
        "roles": sa.select(RoleGrant.id).where(RoleGrant.school_urn.in_(ended)),
        "listings": sa.select(Listing.id).where(Listing.school_urn.in_(ended)),
        "exchanges": sa.select(Exchange.id).where(
            Exchange.state.in_(OPEN_STATES),
            sa.or_(Exchange.provider_urn.in_(ended), Exchange.receiver_urn.in_(ended)),
        ),
        "enquiries": sa.select(Enquiry.id).where(
            Enquiry.awaiting_urn.is_not(None),
            sa.or_(Enquiry.asking_urn.in_(ended), Enquiry.owner_urn.in_(ended)),
        ),
    }
    left = {name: session.scalars(query).all() for name, query in orphans.items()}
    assert left == {name: [] for name in orphans}


def test_everything_goes_on_at_a_successor_that_was_not_in(app: Skillbank) -> None:
    with saved(app) as session:
        old, other = joined_school(name="Old School"), joined_school(name="Other School")
        new = SchoolFactory(name="New School")
        head, partner = actor_for(old), actor_for(other)
        bursar = staff(old, Role.FINANCE)
        listing = posted(head, title="Choir")
        given = brought_to(State.DELIVERED, head, partner, minutes=60)
        taken = brought_to(State.AGREED, partner, head, minutes=120)
        proposed = brought_to(State.PROPOSED, head, partner, minutes=30)
        paid = brought_to(State.CONFIRMED, partner, head, minutes=45)
        close(old, new)
        succession = succeed(session, old)
        assert succession is not None
        assert succession.state == SuccessionState.DONE
        session.refresh(new)
        session.refresh(old)
        assert new.joined_at is not None
        assert (old.joined_at, old.continued_by_urn) == (None, new.urn)
        account = Book(session).account(f"school:{new.urn}")
        assert (account.posted, account.held_out, account.held_in) == (GRANT - 45, 120, 60)
        left = Book(session).account(f"school:{old.urn}")
        assert (left.posted, left.held_out, left.held_in, left.status) == (0, 0, 0, "frozen")
        for exchange in (given, taken, proposed, paid):
            session.refresh(exchange)
            assert new.urn in (exchange.provider_urn, exchange.receiver_urn)
            assert old.urn not in (exchange.provider_urn, exchange.receiver_urn)
        assert session.get_one(Listing, listing.id).school_urn == new.urn
        assert session.get_one(Listing, listing.id).status == ListingStatus.OPEN
        grants = session.execute(
            sa.select(RoleGrant.person_id, RoleGrant.school_urn, RoleGrant.role).where(
                RoleGrant.person_id.in_([head.person_id, bursar.id])
            )
        ).all()
        assert {tuple(grant) for grant in grants} == {
            (head.person_id, new.urn, Role.COORDINATOR),
            (bursar.id, new.urn, Role.FINANCE),
        }
        step = session.scalars(
            sa.select(ExchangeEvent).where(
                ExchangeEvent.exchange_id == given.id, ExchangeEvent.step == "hand_over"
            )
        ).one()
        assert step.text == (
            "Old School has closed, and New School carries this on in its place. The credits are"
            " held with New School."
        )
        assert_sound(session)
        number = given.id
    # An agreed exchange is delivered and confirmed for the successor, through the pages.
    theirs = Browser(app.test_client()).be(partner)
    theirs.get(f"/exchanges/{number}")
    assert "Old School closed and handed this over" in theirs.text
    assert "New School helps you" in theirs.text
    theirs.submit("Confirm 1 credit")
    assert theirs.flashes == ["Confirmed. The credits have moved."]
    with saved(app) as session:
        assert balance(session, new) == GRANT - 45 + 60
        assert_sound(session)


def test_the_head_goes_on_and_the_old_pages_lead_to_the_new_school(app: Skillbank) -> None:
    with saved(app) as session:
        old, other = joined_school(name="Old School"), joined_school(name="Other School")
        new = SchoolFactory(name="New School")
        head, partner = actor_for(old), actor_for(other)
        enquiry = asked(partner, posted(head, title="Choir"), "May we join in?")
        brought_to(State.CONFIRMED, head, partner, minutes=60)
        close(old, new)
        succeed(session, old)
        number = enquiry.id
    browser = Browser(app.test_client()).be(head)
    assert browser.get("/home").heading == "New School"
    browser.get(f"/messages/{number}").submit("Send", body="Please do.")
    assert browser.status == 200
    assert "Please do." in browser.text
    browser.get("/credits")
    assert "The balance of Old School goes on at New School" in browser.text
    assert "Old School (now New School)" in browser.text
    earlier = browser.page.find("a", string="Old School")
    assert earlier is not None
    browser.get(earlier["href"])
    assert browser.status == 200
    assert "Phonics coaching" in browser.text

    theirs = Browser(app.test_client()).be(partner)
    theirs.get(f"/schools/{old.urn}")
    assert "Now New School" in theirs.text
    assert theirs.page.select(f'main a[href="/schools/{new.urn}"]')
    assert "Old School (now New School)" in theirs.get("/credits").text
    theirs.get(f"/credits?of={old.urn}")
    assert theirs.status == 404


def test_a_second_grant_is_taken_back_from_what_is_free(app: Skillbank) -> None:
    with saved(app) as session:
        old, new = joined_school(), joined_school()
        close(old, new)
        succession = succeed(session, old)
        assert succession is not None
        assert balance(session, new) == GRANT
        grant = Book(session).transaction(succession.grant_transaction_id or 0)
        assert (grant.kind, grant.entries[0].amount) == ("grant-return", -GRANT)
        assert Book(session).account("network:issuance").posted == -GRANT
        assert_sound(session)


@pytest.mark.parametrize(
    ("old_has", "new_has", "held", "left"),
    [
        (0, 0, 0, 0),  # both grants are spent: nobody goes into debt for it
        (-300, 200, 0, -100),
        (300, 100, 0, 0),
        (900, 900, 0, 1800 - GRANT),
        (600, 600, 690, 690),  # what is held stays
    ],
)
def test_nobody_is_in_debt_because_of_the_second_grant(
    app: Skillbank, old_has: int, new_has: int, held: int, left: int
) -> None:
    with saved(app) as session:
        old, new, bank = joined_school(), joined_school(), joined_school()
        close_to = {old: old_has, new: new_has}
        Book(session).set_limits(
            f"school:{bank.urn}", floor=-9000, ceiling=None, key="l", actor="test", memo="test"
        )
        for school, minutes in close_to.items():
            if minutes < GRANT:
                pay(session, f"school:{school.urn}", f"school:{bank.urn}", GRANT - minutes)
            elif minutes > GRANT:
                pay(session, f"school:{bank.urn}", f"school:{school.urn}", minutes - GRANT)
        if held:
            brought_to(State.AGREED, actor_for(bank), actor_for(old), minutes=held // 2)
            brought_to(State.AGREED, actor_for(bank), actor_for(new), minutes=held // 2)
        close(old, new)
        assert succeed(session, old) is not None
        assert balance(session, new) == left
        assert_sound(session)


def test_one_grant_remains_however_many_schools_become_one(app: Skillbank) -> None:
    with saved(app) as session:
        first, second, third = joined_school(), joined_school(), joined_school()
        outside = SchoolFactory()
        close(first, outside)
        succeed(session, first)
        assert balance(session, outside) == GRANT  # the grant of the first goes on
        close(outside, second)
        session.refresh(outside)
        succeed(session, outside)
        assert balance(session, second) == GRANT
        close(second, third)
        succeed(session, second)
        assert balance(session, third) == GRANT
        assert_sound(session)


def test_a_chain_goes_to_its_end_at_once(app: Skillbank) -> None:
    with saved(app) as session:
        a, b, c = joined_school(), joined_school(), SchoolFactory()
        head = actor_for(a)
        between = brought_to(State.DELIVERED, actor_for(a), actor_for(b), minutes=60)
        close(a, b)
        close(b, c)
        for school in (a, b):
            succession = succeed(session, school)
            assert succession is not None
            assert succession.to_urn == c.urn
        session.refresh(a)
        session.refresh(between)
        assert a.continued_by_urn == c.urn
        # The exchange of the two went over with the first, and ended when both were one school.
        assert between.state == State.CANCELLED
        roles = session.scalars(
            sa.select(RoleGrant.school_urn).where(RoleGrant.person_id == head.person_id)
        ).all()
        assert roles == [c.urn]
        assert balance(session, c) == GRANT
        assert_sound(session)


def test_who_was_carried_on_for_is_with_the_last_of_a_chain(app: Skillbank) -> None:
    with saved(app) as session:
        a, b, c = joined_school(), SchoolFactory(), SchoolFactory()
        close(a, b)
        succeed(session, a)
        close(b, c)
        succeed(session, b)
        session.expire_all()
        assert [session.get_one(School, s.urn).continued_by_urn for s in (a, b)] == [c.urn] * 2
        assert_sound(session)


def test_an_open_exchange_of_the_two_ends_and_a_done_one_stays(app: Skillbank) -> None:
    with saved(app) as session:
        old, new = joined_school(name="Old School"), joined_school(name="New School")
        head, other_head = actor_for(old), actor_for(new)
        open_one = brought_to(State.AGREED, head, other_head, minutes=60)
        paid = brought_to(State.CONFIRMED, head, other_head, minutes=60)
        enquiry_id = open_one.enquiry_id
        close(old, new)
        succeed(session, old)
        session.refresh(open_one)
        session.refresh(paid)
        assert (open_one.state, open_one.awaiting_urn) == (State.CANCELLED, None)
        assert (paid.state, paid.provider_urn, paid.receiver_urn) == (
            State.CONFIRMED,
            old.urn,
            new.urn,
        )
        enquiry = session.get_one(Enquiry, enquiry_id, populate_existing=True)
        assert enquiry.awaiting_urn is None
        assert Book(session).account(f"school:{new.urn}").held_out == 0
        assert_sound(session)
        number = open_one.id
    browser = Browser(app.test_client()).be(other_head).get(f"/exchanges/{number}")
    assert "Old School is part of New School now." in browser.text
    assert browser.get(f"/messages/{enquiry_id}").status == 200


def test_two_conversations_about_one_listing_become_one(app: Skillbank) -> None:
    with saved(app) as session:
        old, new, owner = joined_school(), joined_school(), joined_school()
        head, other_head, theirs = actor_for(old), actor_for(new), actor_for(owner)
        listing = posted(theirs)
        first = ask(session, other_head, listing, "From the new school.", idempotency_key="k" * 16)
        second = ask(session, head, listing, "From the old school.", idempotency_key="l" * 16)
        exchange = brought_to(State.AGREED, theirs, head, minutes=60)
        exchange.enquiry_id = second.id
        session.flush()
        numbers, old_name = (first.id, second.id), old.name
        close(old, new)
        succeed(session, old)
        session.expire_all()
        assert session.get(Enquiry, numbers[1]) is None
        assert (
            session.scalars(
                sa.select(Message.enquiry_id).where(Message.enquiry_id.in_(numbers))
            ).all()
            == [numbers[0]] * 2
        )
        assert session.get_one(Exchange, exchange.id).enquiry_id == numbers[0]
        assert_sound(session)
    browser = Browser(app.test_client()).be(head).get(f"/messages/{numbers[0]}")
    own = [item for item in browser.page.select(".message") if "is-ours" in item["class"]]
    assert len(own) == 2
    assert old_name in browser.text


def test_a_person_with_roles_at_both_has_all_of_them(app: Skillbank) -> None:
    with saved(app) as session:
        old, new = joined_school(), joined_school()
        jo = staff(old, Role.MEMBER, Role.FINANCE)
        session.add_all(
            RoleGrant(person_id=jo.id, school_urn=new.urn, role=role, granted_at=old.joined_at)
            for role in (Role.MEMBER, Role.ADMINISTRATOR)
        )
        session.flush()
        close(old, new)
        succeed(session, old)
        roles = session.execute(
            sa.select(RoleGrant.school_urn, RoleGrant.role).where(RoleGrant.person_id == jo.id)
        ).all()
        assert sorted(tuple(role) for role in roles) == [
            (new.urn, "administrator"),
            (new.urn, "finance"),
            (new.urn, "member"),
        ]


@pytest.mark.parametrize(
    ("prepare", "obstacle"),
    [
        (lambda session, old, new: close(old), Obstacle.NOBODY),
        (lambda session, old, new: (close(old, new), close(new)), Obstacle.CLOSED),
        (lambda session, old, new: (close(old, new), close(new, old)), Obstacle.CIRCLE),
        (
            lambda session, old, new: (close(old, new), setattr(new, "status", "proposed")),
            Obstacle.NOT_OPEN,
        ),
        (
            lambda session, old, new: (close(old, new), setattr(new, "paused_at", old.joined_at)),
            Obstacle.PAUSED,
        ),
        (
            lambda session, old, new: (close(old, new), setattr(new, "left_at", old.joined_at)),
            Obstacle.LEFT,
        ),
    ],
)
def test_where_the_register_does_not_say_the_operators_decide(
    app: Skillbank, prepare: Callable[..., object], obstacle: Obstacle
) -> None:
    with saved(app) as session:
        old, new = joined_school(), SchoolFactory()
        listing = posted(actor_for(old))
        prepare(session, old, new)
        session.flush()
        assert succeed(session, old) is None
        assert succeed(session, old) is None  # again: it waits once
        (row,) = open_successions(session, old.urn)
        assert (row.state, row.obstacle) == (SuccessionState.WAITING, obstacle)
        events = session.scalars(
            sa.select(OutboxEvent).where(OutboxEvent.type == "succession.waiting")
        ).all()
        assert len(events) == 1
        session.refresh(listing)
        assert listing.status == ListingStatus.WITHDRAWN
        assert balance(session, old) == GRANT
        assert_sound(session)


def test_of_several_successors_nobody_is_chosen_by_itself(app: Skillbank) -> None:
    with saved(app) as session:
        old, one, two, before = joined_school(), SchoolFactory(), SchoolFactory(), joined_school()
        session.add_all(
            SuccessorCandidate(school_urn=old.urn, candidate_urn=new.urn) for new in (one, two)
        )
        close(old, one)
        close(before, old)
        for school in (old, before):
            assert succeed(session, school) is None
            rows = open_successions(session, school.urn)
            assert {row.to_urn for row in rows} == {one.urn, two.urn}
            assert {row.obstacle for row in rows} == {Obstacle.SEVERAL}


def test_a_successor_that_is_named_later_takes_over_then(app: Skillbank) -> None:
    with saved(app) as session:
        old, new = joined_school(), SchoolFactory()
        listing = posted(actor_for(old))
        close(old)
        assert succeed(session, old) is None
        old.successor_urn = new.urn
        session.flush()
        assert succeed(session, old) is not None
        assert open_successions(session, old.urn) == []
        session.refresh(listing)
        # It was withdrawn when nobody carried on, so the new school puts it up again if it likes.
        assert (listing.school_urn, listing.status) == (new.urn, ListingStatus.WITHDRAWN)
        assert_sound(session)


def test_debt_beyond_the_successors_limit_waits_for_the_operators(app: Skillbank) -> None:
    with saved(app) as session:
        old, new, other = joined_school(), joined_school(), joined_school()
        for school in (old, new):
            pay(session, f"school:{school.urn}", f"school:{other.urn}", GRANT + 400)
        close(old, new)
        assert succeed(session, old) is None
        (row,) = open_successions(session, old.urn)
        assert (row.to_urn, row.obstacle) == (new.urn, Obstacle.LIMIT)
        assert (balance(session, old), balance(session, new)) == (-400, -400)
        pay(session, f"school:{other.urn}", f"school:{new.urn}", 300)
        done = succeed(session, old)
        assert done is row
        assert balance(session, new) == -500
        assert_sound(session)


def test_a_second_run_moves_nothing_twice(app: Skillbank) -> None:
    with saved(app) as session:
        old, new = joined_school(), SchoolFactory()
        close(old, new)
        assert succeed(session, old) is not None
        head = Book(session).head()
        assert succeed(session, old) is None
        assert Book(session).head() == head


def test_a_school_that_opens_again_in_time_goes_on_by_itself(app: Skillbank) -> None:
    with saved(app) as session:
        old, new = joined_school(), SchoolFactory()
        close(old, new)
        reopen(old)
        assert succeed(session, old) is None
        account = Book(session).account(f"school:{old.urn}")
        assert (account.status, account.posted) == ("open", GRANT)
        close(old)
        succeed(session, old)
        assert open_successions(session, old.urn)
        reopen(old)
        assert open_successions(session, old.urn) == []


def test_a_school_that_opens_again_too_late_joins_anew_without_a_grant(app: Skillbank) -> None:
    with saved(app) as session:
        old, new = joined_school(name="Old School"), SchoolFactory()
        close(old, new)
        succeed(session, old)
        reopen(old)
        assert Book(session).account(f"school:{old.urn}").status == "frozen"
        session.refresh(old)
        assert join(session, old, POLICY, actor="test")
        account = Book(session).account(f"school:{old.urn}")
        assert (account.status, account.posted) == ("open", 0)
        assert (old.continued_by_urn, balance(session, new)) == (None, GRANT)
        close(old, new)  # and it may close once more
        assert succeed(session, old) is not None
        assert_sound(session)


def test_what_was_done_is_on_record_and_told(app: Skillbank) -> None:
    with saved(app) as session:
        old, new = joined_school(), SchoolFactory()
        close(old, new)
        succession = succeed(session, old)
        assert succession is not None
        actions = session.execute(
            sa.select(NetworkAction.school_urn, NetworkAction.kind, NetworkAction.other_urn).where(
                NetworkAction.kind.in_(("continued", "took_over"))
            )
        ).all()
        assert [tuple(action) for action in actions] == [
            (old.urn, "continued", new.urn),
            (new.urn, "took_over", old.urn),
        ]
        event = session.scalars(
            sa.select(OutboxEvent).where(OutboxEvent.type == "school.succeeded")
        ).one()
        assert event.school_urns == [old.urn, new.urn]
        assert event.data == {"succession_id": succession.id}


def test_help_agreed_before_is_delivered_by_the_new_school(app: Skillbank) -> None:
    with saved(app) as session:
        old, other = joined_school(), joined_school()
        new = SchoolFactory()
        exchange = brought_to(State.AGREED, actor_for(old), actor_for(other), minutes=60)
        close(old, new)
        succeed(session, old)
        session.refresh(exchange)
        new_head = actor_for(session.get_one(School, new.urn))
        deliver(
            session,
            new_head,
            exchange,
            minutes=45,
            on_date=exchange.created_at.date(),
            note="",
            policy=POLICY,
            version=exchange.version,
        )
        confirm(session, actor_for(other), exchange, version=exchange.version)
        assert balance(session, new) == GRANT + 45
        assert_sound(session)
