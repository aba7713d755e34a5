"""Proposing help, and changing a proposal until both schools agree."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa
from sqlalchemy.orm import Session

from marketplace import clock
from marketplace.accounts.actor import Actor
from marketplace.accounts.roles import Permission
from marketplace.clock import today
from marketplace.conversations.models import Enquiry
from marketplace.conversations.service import begin_enquiry, write
from marketplace.credits import transfers
from marketplace.credits.rules import refuse_minutes
from marketplace.errors import NotFound, Refusal
from marketplace.exchanges.models import Exchange, ExchangeEvent, State
from marketplace.exchanges.states import Step
from marketplace.exchanges.transitions import StepDetails, record_step, transition
from marketplace.exchanges.within_trust.rules import (
    free_trust_of,
    refuse_other_price,
    why_not_at_its_price,
)
from marketplace.idempotency import idempotent, key_of
from marketplace.limits import DAY, Writing, refuse_too_many
from marketplace.listings.models import Kind, Listing
from marketplace.listings.queries import first_topic
from marketplace.schools.models import School
from marketplace.schools.standing import why_not
from marketplace.settings import Policy
from marketplace.term_clock.queries import refuse_if_not_now
from marketplace.web.texts import visible

LONGEST_DETAILS = 4000
LATEST_DATE_DAYS = 730


@dataclass(frozen=True, slots=True)
class Terms:
    """What is proposed: what happens, when, and for how many ``minutes``.

    ``free`` says that the person proposes it as free within a trust: the minutes are hours that
    nobody pays for.
    """

    details: str
    minutes: int
    on_date: date
    free: bool = False


def propose(
    session: Session,
    actor: Actor,
    listing: Listing,
    terms: Terms,
    policy: Policy,
    *,
    idempotency_key: str,
) -> Exchange:
    """Propose help about ``listing`` to the school behind it.

    The school that offers provides; the school that answers a request provides. The same
    ``idempotency_key`` proposes once.

    Raises:
        NotAllowed: without the role.
        Refusal: for one's own or a withdrawn listing, a school that cannot exchange, terms that
            break a rule, or more than one's own school has to give.
        TooMany: if the school has proposed too many already.
        AlreadySent: if ``idempotency_key`` has proposed something else.
    """
    actor.require(Permission.AGREE_EXCHANGES)
    enquiry = begin_enquiry(session, actor, listing)
    return _propose(session, actor, enquiry, listing, terms, policy, idempotency_key)


def propose_in_conversation(
    session: Session,
    actor: Actor,
    enquiry: Enquiry,
    terms: Terms,
    policy: Policy,
    *,
    idempotency_key: str,
) -> Exchange:
    """Propose help to the other school of a conversation (``enquiry`` with its listing).

    Raises:
        NotAllowed: without the role.
        NotFound: if the school acted for is not one of the two in the conversation.
        Refusal: as for ``propose``.
    """
    actor.require(Permission.AGREE_EXCHANGES)
    if actor.school() not in (enquiry.asking_urn, enquiry.owner_urn):
        raise NotFound
    return _propose(session, actor, enquiry, enquiry.listing, terms, policy, idempotency_key)


def amend(
    session: Session,
    actor: Actor,
    exchange: Exchange,
    terms: Terms,
    policy: Policy,
    *,
    version: int,
) -> Exchange:
    """Change the terms of a proposal; it is then the other school's to agree.

    Raises:
        Conflict: if the exchange is no longer as the person saw it (``version``).
        Refusal: for terms that break a rule, or a proposal whose price is not right any more.
    """
    details = StepDetails(terms.details.strip(), terms.minutes, terms.on_date)
    with transition(session, actor, exchange, Step.AMEND, version, details) as step:
        if step.is_replay:
            return exchange
        check_terms(terms, policy)
        check_schools(session, exchange.provider_urn, exchange.receiver_urn)
        refuse_outdated_price(session, exchange)
        refuse_other_price(exchange.free_trust_id, free=terms.free)
        if exchange.receiver_urn == actor.urn and not exchange.is_free:
            transfers.refuse_beyond_available(session, exchange.receiver_urn, terms.minutes)
        exchange.details = details.text
        exchange.minutes = terms.minutes
        exchange.on_date = terms.on_date
        exchange.proposed_by_urn = actor.school()
        step.to(awaiting=exchange.other_urn(actor.urn))
    return exchange


def check_terms(terms: Terms, policy: Policy) -> None:
    """Refuse terms that cannot be proposed.

    Raises:
        Refusal: naming the field at fault.
    """
    refuse_minutes(terms.minutes, policy, field="minutes", free=terms.free)
    if terms.on_date < today():
        raise Refusal("That day is in the past. Choose today or a later day.", field="on_date")
    if (terms.on_date - today()).days > LATEST_DATE_DAYS:
        raise Refusal("That day is more than two years away. Check the year.", field="on_date")
    if not visible(terms.details):
        raise Refusal("Say what is to happen.", field="details")
    if len(terms.details) > LONGEST_DETAILS:
        raise Refusal(f"Use at most {LONGEST_DETAILS:,} characters.", field="details")


def refuse_outdated_price(session: Session, exchange: Exchange) -> None:
    """Refuse a proposal that was made as free, or for credits, and would not be so today.

    Raises:
        Refusal: saying so.
    """
    if reason := why_not_at_its_price(session, exchange):
        raise Refusal(reason)


def check_schools(session: Session, *urns: int) -> None:
    """Refuse schools that have closed, are paused or do not take part.

    Raises:
        Refusal: naming the school.
    """
    for school in session.scalars(sa.select(School).where(School.urn.in_(urns))):
        if (reason := why_not(school, school.name)) is not None:
            raise Refusal(reason)


def _propose(
    session: Session,
    actor: Actor,
    enquiry: Enquiry,
    listing: Listing,
    terms: Terms,
    policy: Policy,
    idempotency_key: str,
) -> Exchange:
    provider, receiver = enquiry.owner_urn, enquiry.asking_urn
    if listing.kind == Kind.REQUEST:
        provider, receiver = receiver, provider
    key = key_of(actor.person_id, idempotency_key)
    details = StepDetails(terms.details.strip(), terms.minutes, terms.on_date)
    existing = idempotent(
        session,
        Exchange,
        key,
        same_as=lambda exchange: (
            (exchange.enquiry_id, _first_details(session, exchange)) == (enquiry.id, details)
        ),
    )
    if existing is not None:
        return existing
    check_terms(terms, policy)
    check_schools(session, provider, receiver)
    free_trust_id = free_trust_of(session, provider, receiver)
    refuse_other_price(free_trust_id, free=terms.free)
    if listing.kind == Kind.OFFER and provider != actor.urn:
        refuse_if_not_now(session, provider, session.get_one(School, provider).name)
    if receiver == actor.urn and free_trust_id is None:
        transfers.refuse_beyond_available(session, receiver, terms.minutes)
    refuse_too_many(
        session, Writing.PROPOSALS, Exchange.created_at, {"school": _proposed_by(actor.school())}
    )
    now = clock.now()
    exchange = Exchange(
        enquiry_id=enquiry.id,
        provider_urn=provider,
        receiver_urn=receiver,
        proposed_by_urn=actor.school(),
        awaiting_urn=enquiry.other_urn(actor.school()),
        title=listing.title,
        topic=first_topic(session, listing.id),
        details=details.text,
        minutes=terms.minutes,
        on_date=terms.on_date,
        state=State.PROPOSED,
        version=1,
        free_trust_id=free_trust_id,
        created_at=now,
        updated_at=now,
        idempotency_key=key,
    )
    session.add(exchange)
    session.flush()
    record_step(session, actor, exchange, Step.PROPOSE, now, details)
    write(session, actor, enquiry, terms.details, idempotency_key=f"{idempotency_key}:proposal")
    # What waits now is the proposal: its words in the conversation want no answer of their own.
    enquiry.awaiting_urn = None
    return exchange


def _proposed_by(urn: int) -> sa.ColumnElement[bool]:
    """The condition that the school proposed an exchange last, within a day; it has an index."""
    since = clock.now() - DAY
    return sa.and_(
        Exchange.proposed_by_urn == urn,
        sa.or_(Exchange.provider_urn == urn, Exchange.receiver_urn == urn),
        Exchange.updated_at > since,
    )


def _first_details(session: Session, exchange: Exchange) -> StepDetails:
    """The details of the first proposal, before any change."""
    event = session.scalars(
        sa.select(ExchangeEvent).where(
            ExchangeEvent.exchange_id == exchange.id, ExchangeEvent.step == Step.PROPOSE
        )
    ).one()
    return StepDetails(event.text, event.minutes, event.on_date)
