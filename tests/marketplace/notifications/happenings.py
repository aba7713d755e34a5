"""Something that happens for each kind of notification, in which our school's actor acts last."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from datetime import timedelta

from ledger import Book, Fault, Head, Report
from marketplace import clock
from marketplace.accounts.actor import Actor
from marketplace.accounts.roles import Role
from marketplace.adjustments.service import refuse_adjustment
from marketplace.adjustments.urgent import lapse_adjustments
from marketplace.audiences.groups.service import accept_group, decline_group
from marketplace.audit.verification.service import begin_run, finish_run
from marketplace.clock import today
from marketplace.confidential.service import introduce, promise_help
from marketplace.conversations.service import write
from marketplace.credits.accounts import unfreeze_accounts
from marketplace.exchanges import service
from marketplace.exchanges.corrections.jobs import dispute_unanswered
from marketplace.exchanges.corrections.models import CorrectionState
from marketplace.exchanges.corrections.service import (
    agree_to_correction,
    ask_network,
    decline_correction,
    hold_back_at_limit,
    withdraw_correction,
)
from marketplace.exchanges.disputes import rulings
from marketplace.exchanges.disputes import service as disputes
from marketplace.exchanges.disputes.jobs import pass_deadlines
from marketplace.exchanges.disputes.models import Ruling
from marketplace.exchanges.disputes.rulings import Decision
from marketplace.exchanges.frozen.service import let_payment_through
from marketplace.exchanges.models import Exchange, State
from marketplace.exchanges.proposals import amend
from marketplace.exchanges.reviews.models import Review
from marketplace.exchanges.reviews.queries import reviews_of
from marketplace.exchanges.reviews.rules import other_of
from marketplace.exchanges.reviews.service import (
    answer_review,
    decide_review,
    report_review,
    write_review,
)
from marketplace.listings.details import Details
from marketplace.listings.events import ListingPosted
from marketplace.listings.lasting import expire_listings
from marketplace.listings.moderation.service import decide, report_listing
from marketplace.matching.telling import on_posted
from marketplace.members.accepting import accept_as_new
from marketplace.members.invitations import invite
from marketplace.members.service import change_roles
from marketplace.network.proposals import refuse_succession
from marketplace.network.service import freeze_school, unfreeze_school
from marketplace.network.succession import succeed_by_register
from marketplace.notifications.reminders import remind
from marketplace.settings import Policy
from tests.marketplace.accounts.factories import PASSWORD, actor_for
from tests.marketplace.adjustments.factories import approved
from tests.marketplace.adjustments.factories import proposed as proposed_adjustment
from tests.marketplace.audiences.factories import founded, invited
from tests.marketplace.claims.factories import waiting_claim
from tests.marketplace.confidential.factories import asked as asked_in_confidence
from tests.marketplace.confidential.factories import promised
from tests.marketplace.conversations.factories import asked
from tests.marketplace.exchanges.corrections.factories import asked as put_right
from tests.marketplace.exchanges.corrections.factories import beyond_limit, corrected_to
from tests.marketplace.exchanges.factories import brought_to, lapsed, proposed, terms
from tests.marketplace.exchanges.frozen.factories import frozen_delivery
from tests.marketplace.listings.factories import posted
from tests.marketplace.members.factories import invitation_token
from tests.marketplace.network.factories import (
    close,
    joined_school,
    operator,
    proposed_succession,
)
from tests.marketplace.notifications.telling import Schools, skip
from tests.marketplace.outbox.bells import SetClock
from tests.marketplace.profiles.factories import suggested
from tests.marketplace.saved_searches.factories import run_searches, saved_search
from tests.marketplace.schools.factories import SchoolFactory

Happening = Callable[[Schools, SetClock], None]
STAFF = ("actor", "coordinator", "member", "finance", "administrator")
SECRET = "the marker that no e-mail may hold"
"""It stands in every text that people write to each other."""


def _exchange(schools: Schools, state: State, *, we_provide: bool, minutes: int = 180) -> Exchange:
    owner, other = (schools.us, schools.them) if we_provide else (schools.them, schools.us)
    exchange = brought_to(state, owner, other, details=SECRET, on_date=today(), minutes=minutes)
    skip(schools.session)
    return exchange


def propose(schools: Schools, _clock: SetClock) -> None:
    proposed(schools.us, posted(schools.them), details=SECRET)


def change(schools: Schools, _clock: SetClock) -> None:
    exchange = _exchange(schools, State.PROPOSED, we_provide=True)
    new = terms(details=SECRET, minutes=120)
    amend(schools.session, schools.us, exchange, new, Policy(), version=1)


def agree(schools: Schools, _clock: SetClock) -> None:
    exchange = _exchange(schools, State.PROPOSED, we_provide=True)
    service.agree(schools.session, schools.us, exchange, version=1)


def decline(schools: Schools, _clock: SetClock) -> None:
    exchange = _exchange(schools, State.PROPOSED, we_provide=True)
    service.decline(schools.session, schools.us, exchange, SECRET, version=1)


def cancel(schools: Schools, _clock: SetClock) -> None:
    exchange = _exchange(schools, State.AGREED, we_provide=True)
    service.cancel(schools.session, schools.us, exchange, SECRET, version=2)


def deliver(schools: Schools, _clock: SetClock) -> None:
    exchange = _exchange(schools, State.AGREED, we_provide=True)
    service.deliver(
        schools.session,
        schools.us,
        exchange,
        minutes=120,
        on_date=today(),
        note=SECRET,
        policy=Policy(),
        version=2,
    )


def send_back(schools: Schools, _clock: SetClock) -> None:
    exchange = _exchange(schools, State.DELIVERED, we_provide=False)
    service.send_back(schools.session, schools.us, exchange, SECRET, version=3)


def confirm(schools: Schools, _clock: SetClock) -> None:
    exchange = _exchange(schools, State.DELIVERED, we_provide=False)
    service.confirm(schools.session, schools.us, exchange, version=3)


def ask(schools: Schools, _clock: SetClock) -> None:
    asked(schools.us, posted(schools.them), SECRET)


def answer(schools: Schools, _clock: SetClock) -> None:
    enquiry = asked(schools.actor("their member"), posted(schools.us), SECRET)
    skip(schools.session)
    write(
        schools.session,
        schools.us,
        enquiry,
        f"{SECRET}, too",
        idempotency_key=secrets.token_urlsafe(16),
    )


def change_role(schools: Schools, _clock: SetClock) -> None:
    change_roles(
        schools.session,
        schools.actor("our administrator"),
        schools.our_school.urn,
        schools.person("our member").id,
        frozenset({Role.FINANCE}),
        seen=frozenset({Role.MEMBER}),
    )


def accept_invitation(schools: Schools, _clock: SetClock) -> None:
    invite(
        schools.session,
        schools.actor("our administrator"),
        schools.our_school.urn,
        name="Nia New",
        email="nia@example.org",
        roles={Role.MEMBER},
    )
    schools.session.flush()
    token = invitation_token("nia@example.org")
    accept_as_new(schools.session, token, name="Nia New", password=PASSWORD)


def join(_schools: Schools, _clock: SetClock) -> None:
    joined_school(name="Third School")


def claim(_schools: Schools, _clock: SetClock) -> None:
    waiting_claim(SchoolFactory(), "head@gmail.com")


def suggest(schools: Schools, _clock: SetClock) -> None:
    suggested(schools.actor("our administrator"), schools.person("our member").id, words=SECRET)


def leave_without_successor(schools: Schools, _clock: SetClock) -> None:
    old = joined_school()
    close(old)
    succeed_by_register(schools.session, old.urn, Policy())


def propose_successor(_schools: Schools, _clock: SetClock) -> None:
    proposed_succession()


def refuse_successor(schools: Schools, _clock: SetClock) -> None:
    succession = proposed_succession()
    skip(schools.session)
    refuse_succession(schools.session, _operator(schools), succession.id)


def _dispute(schools: Schools, *, we_open: bool, answered: bool = False) -> Exchange:
    """A dispute over what we gave them; if ``answered``, by the school that did not open it."""
    exchange = _exchange(schools, State.DELIVERED, we_provide=True, minutes=15)
    opener, other = (schools.us, schools.them) if we_open else (schools.them, schools.us)
    disputes.open_dispute(
        schools.session, opener, exchange, minutes=0, text=SECRET, version=exchange.version
    )
    if answered:
        disputes.answer_dispute(
            schools.session, other, exchange, minutes=15, text=SECRET, version=exchange.version
        )
    skip(schools.session)
    return exchange


def open_dispute(schools: Schools, _clock: SetClock) -> None:
    exchange = _exchange(schools, State.DELIVERED, we_provide=True, minutes=15)
    disputes.open_dispute(
        schools.session, schools.us, exchange, minutes=0, text=SECRET, version=exchange.version
    )


def answer_dispute(schools: Schools, _clock: SetClock) -> None:
    exchange = _dispute(schools, we_open=False)
    disputes.answer_dispute(
        schools.session, schools.us, exchange, minutes=0, text=SECRET, version=exchange.version
    )


def add_statement(schools: Schools, _clock: SetClock) -> None:
    exchange = _dispute(schools, we_open=True)
    disputes.add_statement(
        schools.session, schools.us, exchange, text=SECRET, version=exchange.version
    )


def make_offer(schools: Schools, _clock: SetClock) -> None:
    exchange = _dispute(schools, we_open=True)
    disputes.make_offer(schools.session, schools.us, exchange, minutes=15, version=exchange.version)


def accept_offer(schools: Schools, _clock: SetClock) -> None:
    exchange = _dispute(schools, we_open=True)
    disputes.make_offer(
        schools.session, schools.them, exchange, minutes=15, version=exchange.version
    )
    skip(schools.session)
    disputes.accept_offer(schools.session, schools.us, exchange, version=exchange.version)


def withdraw_dispute(schools: Schools, _clock: SetClock) -> None:
    exchange = _dispute(schools, we_open=True)
    disputes.withdraw_dispute(
        schools.session, schools.us, exchange, SECRET, version=exchange.version
    )


def leave_dispute(days: int, *, answered: bool = False) -> Happening:
    def happen(schools: Schools, set_clock: SetClock) -> None:
        _dispute(schools, we_open=True, answered=answered)
        set_clock.move(days=days)
        pass_deadlines(schools.session)

    return happen


DECISION = Decision(Ruling.PAY, 15, 0, SECRET)


def rule(schools: Schools, _clock: SetClock) -> None:
    exchange = _dispute(schools, we_open=True, answered=True)
    rulings.rule(schools.session, _operator(schools), exchange, DECISION, version=exchange.version)


def close_and_go_on(schools: Schools, _clock: SetClock) -> None:
    third = joined_school(name="Third School")
    brought_to(State.AGREED, schools.us, actor_for(third), details=SECRET)
    skip(schools.session)
    close(third, schools.their_school)
    succeed_by_register(schools.session, third.urn, Policy())


def pause(schools: Schools, _clock: SetClock) -> None:
    freeze_school(schools.session, _operator(schools), schools.their_school.urn, SECRET)


def resume(schools: Schools, _clock: SetClock) -> None:
    runs = _operator(schools)
    freeze_school(schools.session, runs, schools.our_school.urn, SECRET)
    skip(schools.session)
    unfreeze_school(schools.session, runs, schools.our_school.urn)


def propose_adjustment(_schools: Schools, _clock: SetClock) -> None:
    proposed_adjustment(reason=SECRET)


def approve_adjustment(schools: Schools, _clock: SetClock) -> None:
    urn = schools.their_school.urn
    grant = proposed_adjustment(_operator(schools), urn=urn, reason=SECRET)
    skip(schools.session)
    approved(grant, remark=SECRET)


def refuse_an_adjustment(schools: Schools, _clock: SetClock) -> None:
    grant = proposed_adjustment(_operator(schools), reason=SECRET)
    skip(schools.session)
    refuse_adjustment(schools.session, operator(), grant.id, reason=SECRET)


def leave_unconfirmed(schools: Schools, set_clock: SetClock) -> None:
    third = joined_school(name="Third School")
    proposed_adjustment(_operator(schools), "freeze", third.urn, urgent=True, reason=SECRET)
    skip(schools.session)
    set_clock.move(hours=49)
    lapse_adjustments(schools.session, schools.session.flush)


def find_a_fault(schools: Schools, _clock: SetClock) -> None:
    run = begin_run(schools.session, thorough=False, asked_by_id=schools.auditor.id)
    fault = Fault("drifted-balance", "account school:100000", "it has 5 and its last entry 6")
    finish_run(schools.session, run, Report((fault,), 1, {}), Head(1, 2))


def _operator(schools: Schools) -> Actor:
    person = schools.operator
    return Actor(person.id, person.name, frozenset({Role.OPERATOR}))


def _wait(days: int) -> Callable[[Schools, SetClock], None]:
    def wait(schools: Schools, set_clock: SetClock) -> None:
        set_clock.move(days=days)
        remind(schools.session)

    return wait


def leave_question(days: int) -> Happening:
    def happen(schools: Schools, set_clock: SetClock) -> None:
        asked(schools.us, posted(schools.them), SECRET)
        skip(schools.session)
        _wait(days)(schools, set_clock)

    return happen


def leave_delivery(days: int) -> Happening:
    def happen(schools: Schools, set_clock: SetClock) -> None:
        _exchange(schools, State.DELIVERED, we_provide=True)
        _wait(days)(schools, set_clock)

    return happen


def let_hold_end(days: int) -> Happening:
    def happen(schools: Schools, set_clock: SetClock) -> None:
        exchange = _exchange(schools, State.AGREED, we_provide=True)
        assert exchange.hold_id is not None
        ends = clock.now() + timedelta(days=days)
        Book(schools.session).extend(exchange.hold_id, ends, key="its end", actor="test")
        _wait(0)(schools, set_clock)

    return happen


def ask_to_put_right(schools: Schools, _clock: SetClock) -> None:
    exchange = brought_to(State.CONFIRMED, schools.us, schools.them, minutes=30)
    skip(schools.session)
    put_right(schools.us, exchange, 15, reason=SECRET)


def _to_put_right(schools: Schools, asker: Actor) -> Exchange:
    exchange = brought_to(State.CONFIRMED, schools.us, schools.them, minutes=30)
    put_right(asker, exchange, 15, reason=SECRET)
    skip(schools.session)
    return exchange


def agree_to_put_right(schools: Schools, _clock: SetClock) -> None:
    exchange = _to_put_right(schools, schools.them)
    agree_to_correction(schools.session, schools.us, exchange, version=5)


def decline_to_put_right(schools: Schools, _clock: SetClock) -> None:
    exchange = _to_put_right(schools, schools.them)
    decline_correction(schools.session, schools.us, exchange, SECRET, version=5)


def let_stand(schools: Schools, _clock: SetClock) -> None:
    exchange = _to_put_right(schools, schools.us)
    withdraw_correction(schools.session, schools.us, exchange, version=5)


def ask_the_network(schools: Schools, _clock: SetClock) -> None:
    exchange = beyond_limit(schools.us, schools.them)
    skip(schools.session)
    ask_network(schools.session, schools.us, exchange, version=5)


def hold_back(schools: Schools, _clock: SetClock) -> None:
    correction = corrected_to(CorrectionState.BEYOND_LIMIT, schools.us, schools.them, minutes=15)
    skip(schools.session)
    hold_back_at_limit(schools.session, _operator(schools), correction.id, SECRET)


def leave_correction(schools: Schools, set_clock: SetClock) -> None:
    _to_put_right(schools, schools.us)
    set_clock.move(days=15)
    dispute_unanswered(schools.session, schools.session.flush)


def let_payment(schools: Schools, _clock: SetClock) -> None:
    exchange = frozen_delivery(schools.them, schools.us)
    skip(schools.session)
    let_payment_through(schools.session, _operator(schools), exchange.id, SECRET)
    unfreeze_accounts(schools.session, [schools.them.school()], actor="test", reason="done")


def let_lapse(schools: Schools, _clock: SetClock) -> None:
    exchange = _exchange(schools, State.DELIVERED, we_provide=True)
    lapsed(exchange)


def invite_into_group(schools: Schools, _clock: SetClock) -> None:
    invited(schools.us, founded(schools.us), schools.them)


def answer_group(answer: Callable[..., object]) -> Happening:
    def happen(schools: Schools, _clock: SetClock) -> None:
        group = founded(schools.them)
        invited(schools.them, group, schools.us)
        skip(schools.session)
        answer(schools.session, schools.us, group)

    return happen


def report_their_listing(schools: Schools, _clock: SetClock) -> None:
    report_listing(schools.session, schools.us, posted(schools.them), "other", SECRET)


def _reviewed(schools: Schools) -> Exchange:
    """An exchange of which they have said how it was, and we have not."""
    exchange = _exchange(schools, State.CONFIRMED, we_provide=True, minutes=15)
    write_review(schools.session, schools.them, exchange, again="yes", effect=SECRET)
    skip(schools.session)
    return exchange


def write_our_review(schools: Schools, _clock: SetClock) -> None:
    exchange = _exchange(schools, State.CONFIRMED, we_provide=True, minutes=15)
    write_review(schools.session, schools.us, exchange, again="yes", effect=SECRET)


def write_the_second_review(schools: Schools, _clock: SetClock) -> None:
    write_review(schools.session, schools.us, _reviewed(schools), again="yes", effect=SECRET)


def _review_of_us(schools: Schools) -> Review:
    exchange = _reviewed(schools)
    write_review(schools.session, schools.us, exchange, again="yes", effect=SECRET)
    skip(schools.session)
    review = other_of(reviews_of(schools.session, exchange), schools.us.urn)
    assert review is not None
    return review


def answer_their_review(schools: Schools, _clock: SetClock) -> None:
    answer_review(schools.session, schools.us, _review_of_us(schools), SECRET)


def report_their_review(schools: Schools, _clock: SetClock) -> None:
    report_review(schools.session, schools.us, _review_of_us(schools), SECRET)


def hide_their_review(schools: Schools, _clock: SetClock) -> None:
    review = _review_of_us(schools)
    decide_review(schools.session, _operator(schools), review, "hide", SECRET, version=1)


def _decide(schools: Schools, decision: str) -> None:
    """The operator decides about our listing, which their coordinator had reported."""
    listing = posted(schools.us)
    report_listing(schools.session, schools.them, listing, "other", SECRET)
    runs = _operator(schools)
    if decision == "restore":
        decide(schools.session, runs, listing, "hide", SECRET, version=1)
    skip(schools.session)
    decide(schools.session, runs, listing, decision, SECRET, version=listing.version)


def hide_listing(schools: Schools, _clock: SetClock) -> None:
    _decide(schools, "hide")


def restore_listing(schools: Schools, _clock: SetClock) -> None:
    _decide(schools, "restore")


def keep_listing(schools: Schools, _clock: SetClock) -> None:
    _decide(schools, "keep")


def leave_listing(days: int, *, ended: bool = False) -> Happening:
    def happen(schools: Schools, set_clock: SetClock) -> None:
        posted(schools.us, details=Details(expires_on=today() + timedelta(days=20)))
        skip(schools.session)
        set_clock.move(days=days)
        if ended:
            expire_listings(schools.session)
        else:
            remind(schools.session)

    return happen


def ask_in_confidence(schools: Schools, _clock: SetClock) -> None:
    asked_in_confidence(schools.us, schools.them)


def promise_in_confidence(schools: Schools, _clock: SetClock) -> None:
    ask = asked_in_confidence(schools.them, schools.us)
    skip(schools.session)
    promise_help(schools.session, schools.us, ask.id)


def introduce_us(schools: Schools, _clock: SetClock) -> None:
    ask = promised(schools.us, schools.them)
    skip(schools.session)
    key = secrets.token_urlsafe(16)
    introduce(schools.session, schools.us, ask.id, SECRET, idempotency_key=key)


THEIR_MANAGERS = {"their actor", "their coordinator", "their administrator"}
OURS = {"our actor", "our coordinator"}
THEIRS = {"their actor", "their coordinator"}


def find_a_match(schools: Schools, _clock: SetClock) -> None:
    posted(schools.them, kind="request", title="Phonics wanted", description=SECRET)
    skip(schools.session)
    listing = posted(schools.us, description=SECRET)
    schools.session.flush()
    posted_us = ListingPosted(
        actor_id=schools.us.person_id, school_urns=(), listing_id=listing.id, id=1
    )
    on_posted(schools.session, posted_us)


def find_by_saved_search(schools: Schools, _clock: SetClock) -> None:
    saved_search(schools.actor("their member"))
    posted(schools.us, description=SECRET)
    run_searches(schools.session)


HAPPENINGS: dict[str, tuple[Happening, set[str]]] = {
    "match.found": (find_a_match, {"their actor", "their coordinator"}),
    "search.alerted": (find_by_saved_search, {"their member"}),
    "exchange.proposed": (propose, {"their actor", "their coordinator"}),
    "exchange.amended": (change, {"their actor", "their coordinator"}),
    "exchange.agreed": (agree, {"their actor", "their coordinator"}),
    "exchange.declined": (decline, {"their actor", "their coordinator"}),
    "exchange.cancelled": (cancel, {"their actor", "their coordinator"}),
    "exchange.delivered": (deliver, {"their actor", "their coordinator"}),
    "exchange.sent_back": (send_back, {"their actor", "their coordinator"}),
    "exchange.confirmed": (confirm, {"their actor", "their coordinator"}),
    "review.written": (write_our_review, {"their actor", "their coordinator"}),
    "review.shown": (
        write_the_second_review,
        {"our coordinator", "their actor", "their coordinator"},
    ),
    "review.answered": (answer_their_review, {"their actor", "their coordinator"}),
    "review.reported": (report_their_review, {"operator"}),
    "review.decided": (
        hide_their_review,
        {"our actor", "our coordinator", "their actor", "their coordinator"},
    ),
    "credits.moved": (confirm, {"our finance", "their finance"}),
    "enquiry.asked": (ask, {"their actor", "their coordinator"}),
    "message.written": (answer, {"their member"}),
    "listing.ending": (leave_listing(7), OURS),
    "listing.expired": (leave_listing(21, ended=True), OURS),
    "listing.reported": (report_their_listing, {"operator"}),
    "listing.hidden": (hide_listing, OURS),
    "listing.hidden_for_reporter": (hide_listing, {"their actor"}),
    "listing.restored": (restore_listing, OURS),
    "listing.restored_for_reporter": (restore_listing, {"their actor"}),
    "listing.kept_for_reporter": (keep_listing, {"their actor"}),
    "member.my_roles_changed": (change_role, {"our member"}),
    "member.roles_changed": (change_role, set()),
    "member.invitation_accepted": (accept_invitation, {"our administrator"}),
    "expertise.suggested": (suggest, {"our member"}),
    "school.joined": (join, {"operator"}),
    "claim.waiting": (claim, {"operator"}),
    "succession.waiting": (leave_without_successor, {"operator"}),
    "succession.proposed": (propose_successor, {"operator"}),
    "succession.refused": (refuse_successor, {"another"}),
    "school.succeeded": (close_and_go_on, {f"their {who}" for who in STAFF} | {"another"}),
    "exchange.handed_over": (
        close_and_go_on,
        {"our actor", "our coordinator", "their actor", "their coordinator", "another"},
    ),
    "adjustment.proposed": (propose_adjustment, {"operator"}),
    "adjustment.approved": (approve_adjustment, {"operator"}),
    "adjustment.refused": (refuse_an_adjustment, {"operator"}),
    "adjustment.lapsed": (leave_unconfirmed, {"operator"}),
    "adjustment.done": (approve_adjustment, {"their finance", "their administrator"}),
    "verification.faults": (find_a_fault, {"operator", "auditor"}),
    "group.invited": (invite_into_group, THEIR_MANAGERS),
    "group.joined": (answer_group(accept_group), THEIR_MANAGERS),
    "group.declined": (answer_group(decline_group), THEIR_MANAGERS),
    "confidential.asked": (ask_in_confidence, THEIRS),
    "confidential.promised": (promise_in_confidence, THEIRS),
    "confidential.introduced": (introduce_us, THEIRS),
    "school.unfrozen": (resume, {f"our {who}" for who in STAFF}),
    "enquiry.unanswered": (leave_question(3), {"their actor"}),
    "enquiry.unanswered_for_operator": (leave_question(14), {"operator"}),
    "exchange.unanswered": (leave_delivery(3), {"their actor"}),
    "exchange.unanswered_for_operator": (leave_delivery(14), {"operator"}),
    "hold.ending": (
        let_hold_end(6),
        {"our actor", "our coordinator", "their actor", "their coordinator"},
    ),
    "exchange.lapsed": (
        let_lapse,
        {"our actor", "our coordinator", "their actor", "their coordinator"},
    ),
    "exchange.let_through": (
        let_payment,
        {"our actor", "our coordinator", "their actor", "their coordinator"},
    ),
    "correction.asked": (ask_to_put_right, {"their actor", "their coordinator"}),
    "correction.agreed": (
        agree_to_put_right,
        {"our coordinator", "their actor", "their coordinator"},
    ),
    "credits.put_right": (agree_to_put_right, {"our finance", "their finance"}),
    "correction.declined": (decline_to_put_right, {"their actor", "their coordinator"}),
    "correction.withdrawn": (let_stand, {"their actor", "their coordinator"}),
    "correction.beyond_limit": (ask_the_network, {"operator"}),
    "correction.held_back": (
        hold_back,
        {"our actor", "our coordinator", "their actor", "their coordinator"},
    ),
    "correction.unanswered": (leave_correction, {"our actor", "our coordinator"}),
    "dispute.opened": (open_dispute, THEIRS),
    "dispute.answered": (answer_dispute, THEIRS),
    "dispute.answered_for_operator": (answer_dispute, {"operator"}),
    "dispute.statement_added": (add_statement, THEIRS),
    "dispute.offer_made": (make_offer, THEIRS),
    "dispute.settled": (accept_offer, THEIRS),
    "dispute.withdrawn": (withdraw_dispute, THEIRS),
    "dispute.answer_due": (leave_dispute(5), THEIRS),
    "dispute.unanswered": (leave_dispute(7), OURS | THEIRS),
    "dispute.unanswered_for_operator": (leave_dispute(7), {"operator"}),
    "dispute.overdue": (leave_dispute(14, answered=True), OURS | THEIRS),
    "dispute.overdue_for_operator": (leave_dispute(14, answered=True), {"operator"}),
    "dispute.ruled": (rule, OURS | THEIRS),
    # The last one: nothing can be agreed with a school that is paused.
    "school.frozen": (pause, {f"their {who}" for who in STAFF}),
}
"""For each kind: what happens, and who is told of it (nobody else in either school)."""
