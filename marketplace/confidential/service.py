"""The verbs of confidential requests: promise help, decline, agree to it, pass it over."""

from __future__ import annotations

from sqlalchemy.orm import Session

from marketplace import clock
from marketplace.accounts.actor import Actor
from marketplace.accounts.roles import Permission
from marketplace.audiences.audience import Reach
from marketplace.confidential.events import (
    HelpDeclined,
    HelpPassedOver,
    HelpPromised,
    SchoolsIntroduced,
)
from marketplace.confidential.models import AskState, ConfidentialAsk
from marketplace.confidential.queries import get_ask
from marketplace.conversations.models import Enquiry
from marketplace.conversations.service import open_enquiry, write
from marketplace.errors import Conflict, NotFound, Refusal
from marketplace.listings.models import ListingStatus
from marketplace.outbox.service import record
from marketplace.schools.models import School
from marketplace.schools.standing import why_not

NO_LONGER = "The school that asked no longer needs this. Thank you for looking."
CANNOT_NOW = "That school cannot be introduced at the moment. Choose another, or try again later."


def promise_help(session: Session, actor: Actor, ask_id: int) -> ConfidentialAsk:
    """Say that the school acted for would help the one that is not named.

    Raises:
        NotAllowed: without the role.
        NotFound: if another school was asked, or none.
        Refusal: if it is no longer needed.
        Conflict: if the school has declined before.
    """
    ask = _asked_of(session, actor, ask_id)
    if ask.state in (AskState.WILLING, AskState.INTRODUCED, AskState.PASSED_OVER):
        return ask
    if ask.state == AskState.DECLINED:
        raise Conflict("A colleague has said no already.")
    if not _is_sought(ask):
        raise Refusal(NO_LONGER)
    _answer(ask, actor, AskState.WILLING)
    session.flush()
    record(session, HelpPromised(actor_id=actor.person_id, school_urns=(), ask_id=ask.id))
    return ask


def decline_help(session: Session, actor: Actor, ask_id: int) -> ConfidentialAsk:
    """Say that the school acted for would not help; nobody is told which school that was.

    Raises:
        NotAllowed: without the role.
        NotFound: if another school was asked, or none.
        Conflict: if the two schools know each other already.
    """
    ask = _asked_of(session, actor, ask_id)
    if ask.state in (AskState.DECLINED, AskState.PASSED_OVER):
        return ask
    if ask.state == AskState.INTRODUCED:
        raise Conflict("You have been introduced. Answer in the conversation.")
    _answer(ask, actor, AskState.DECLINED)
    session.flush()
    record(session, HelpDeclined(actor_id=actor.person_id, school_urns=(), ask_id=ask.id))
    return ask


def introduce(
    session: Session, actor: Actor, ask_id: int, body: str, *, idempotency_key: str
) -> Enquiry:
    """Agree to the help of a school that would give it: both learn the names, and may write.

    ``body`` is the first message to it. The same ``idempotency_key`` writes it once.

    Raises:
        NotAllowed: without the role.
        NotFound: if it is about another school's request, or the school has not promised anything.
        Refusal: without a message, or if the school takes no part any more.
        TooMany: if the school has written too much already.
    """
    ask = _ask_about_ours(session, actor, ask_id)
    school = session.get_one(School, ask.school_urn)
    if ask.state == AskState.WILLING and why_not(school, school.name) is not None:
        # Why would say which school it is.
        raise Refusal(CANNOT_NOW)
    enquiry = open_enquiry(session, actor, ask.listing, ask.school_urn)
    write(session, actor, enquiry, body, idempotency_key=idempotency_key)
    if ask.state == AskState.WILLING:
        ask.state, ask.enquiry_id = AskState.INTRODUCED, enquiry.id
        ask.decided_at, ask.decided_by_id = clock.now(), actor.person_id
        session.flush()
        record(
            session,
            SchoolsIntroduced(
                actor_id=actor.person_id,
                school_urns=(ask.school_urn, actor.school()),
                ask_id=ask.id,
                enquiry_id=enquiry.id,
            ),
        )
    return enquiry


def pass_over(session: Session, actor: Actor, ask_id: int) -> ConfidentialAsk:
    """Turn down the help of a school that would give it; neither learns the other's name.

    Raises:
        NotAllowed: without the role.
        NotFound: if it is about another school's request, or the school has not promised anything.
        Conflict: if the two schools know each other already.
    """
    ask = _ask_about_ours(session, actor, ask_id)
    if ask.state == AskState.PASSED_OVER:
        return ask
    if ask.state == AskState.INTRODUCED:
        raise Conflict("You have been introduced. Answer in the conversation.")
    ask.state, ask.decided_at = AskState.PASSED_OVER, clock.now()
    ask.decided_by_id = actor.person_id
    session.flush()
    record(session, HelpPassedOver(actor_id=actor.person_id, school_urns=(), ask_id=ask.id))
    return ask


def _asked_of(session: Session, actor: Actor, ask_id: int) -> ConfidentialAsk:
    actor.require(Permission.POST_LISTINGS)
    ask = get_ask(session, ask_id)
    if ask is None or ask.school_urn != actor.school():
        raise NotFound
    return ask


def _ask_about_ours(session: Session, actor: Actor, ask_id: int) -> ConfidentialAsk:
    actor.require(Permission.POST_LISTINGS)
    ask = get_ask(session, ask_id)
    if ask is None or ask.listing.school_urn != actor.school():
        raise NotFound
    if ask.state in (AskState.ASKED, AskState.DECLINED):
        raise NotFound
    return ask


def _is_sought(ask: ConfidentialAsk) -> bool:
    listing = ask.listing
    return listing.audience == Reach.CONFIDENTIAL and listing.status == ListingStatus.OPEN


def _answer(ask: ConfidentialAsk, actor: Actor, state: AskState) -> None:
    ask.state, ask.answered_at, ask.answered_by_id = state, clock.now(), actor.person_id
