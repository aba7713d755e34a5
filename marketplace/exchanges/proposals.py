"""Proposing help, and changing a proposal until both schools agree."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from marketplace.conversations.models import Enquiry
from marketplace.conversations.service import begin_enquiry, write
from marketplace.exchanges.models import Exchange, ExchangeEvent, State
from marketplace.exchanges.moves import Said, find_legal_move, record, take
from marketplace.exchanges.steps import Step
from marketplace.listings.models import Kind, Listing
from marketplace.people.roles import Permission
from marketplace.people.viewer import Acting
from marketplace.schools.models import School
from marketplace.settings import Policy
from marketplace.web.formats import credits, today
from marketplace.web.problems import NotFound, Problem, SentBefore

LONGEST_DETAILS = 4000
LATEST_DATE_DAYS = 730


@dataclass(frozen=True, slots=True)
class Terms:
    """What is proposed: what happens, when, and for how many ``minutes``."""

    details: str
    minutes: int
    on_date: date


def propose(
    session: Session, acting: Acting, listing: Listing, terms: Terms, policy: Policy, *, once: str
) -> Exchange:
    """Propose help about ``listing`` to the school behind it.

    Whoever offers provides; who answers a request provides. The same ``once`` proposes once.

    Raises:
        NotAllowed: without the role.
        Problem: for one's own or a withdrawn listing, a school that cannot exchange, or terms
            that break a rule.
        SentBefore: if ``once`` has proposed something else.
    """
    acting.require(Permission.AGREE_EXCHANGE)
    enquiry = begin_enquiry(session, acting, listing)
    provider, receiver = listing.school_urn, acting.school()
    if listing.kind == Kind.REQUEST:
        provider, receiver = receiver, provider
    return _propose(
        session, acting, enquiry, listing.title, provider, receiver, terms, policy, once
    )


def propose_in_thread(
    session: Session, acting: Acting, enquiry: Enquiry, terms: Terms, policy: Policy, *, once: str
) -> Exchange:
    """Propose help to the other school of a conversation (``enquiry`` with its listing).

    Raises:
        NotAllowed: without the role.
        NotFound: if the school acted for has no part in the conversation.
        Problem: as for ``propose``.
    """
    acting.require(Permission.AGREE_EXCHANGE)
    if acting.school() not in (enquiry.asking_urn, enquiry.owner_urn):
        raise NotFound
    provider, receiver = enquiry.owner_urn, enquiry.asking_urn
    if enquiry.listing.kind == Kind.REQUEST:
        provider, receiver = receiver, provider
    title = enquiry.listing.title
    return _propose(session, acting, enquiry, title, provider, receiver, terms, policy, once)


def amend(
    session: Session,
    acting: Acting,
    exchange: Exchange,
    terms: Terms,
    policy: Policy,
    *,
    version: int,
) -> Exchange:
    """Change the terms of a proposal; it is then the other school's to agree.

    Raises:
        Stale: if the exchange is no longer as the person saw it (``version``).
        Problem: for terms that break a rule.
    """
    said = Said(terms.details.strip(), terms.minutes, terms.on_date)
    move = find_legal_move(session, acting, exchange, Step.AMEND, version, said)
    if move is None:
        return exchange
    check_terms(terms, policy)
    check_schools(session, exchange.provider_urn, exchange.receiver_urn)
    exchange.details = said.text
    exchange.minutes = terms.minutes
    exchange.on_date = terms.on_date
    exchange.proposed_by_urn = acting.school()
    take(session, acting, exchange, move, exchange.other_urn(acting.urn), said)
    return exchange


def check_terms(terms: Terms, policy: Policy) -> None:
    """Raise ``Problem``, naming the field, unless ``terms`` can be proposed."""
    check_minutes(terms.minutes, policy)
    if terms.on_date < today():
        raise Problem("That day is in the past. Choose today or a later day.", field="on_date")
    if (terms.on_date - today()).days > LATEST_DATE_DAYS:
        raise Problem("That day is more than two years away. Check the year.", field="on_date")
    if not terms.details.strip():
        raise Problem("Say what is to happen.", field="details")
    if len(terms.details) > LONGEST_DETAILS:
        raise Problem(f"Use at most {LONGEST_DETAILS:,} characters.", field="details")


def check_minutes(minutes: int, policy: Policy) -> None:
    """Raise ``Problem`` unless ``minutes`` are whole steps, positive, and not too many."""
    if minutes <= 0 or minutes % policy.smallest_step:
        raise Problem(
            f"Give credits in steps of {policy.smallest_step} minutes, more than zero.",
            field="minutes",
        )
    if minutes > policy.longest_exchange:
        raise Problem(
            f"One exchange may cost at most {credits(policy.longest_exchange)}.", field="minutes"
        )


def check_schools(session: Session, *urns: int) -> None:
    """Raise ``Problem`` unless every school takes part and is open."""
    for school in session.scalars(sa.select(School).where(School.urn.in_(urns))):
        if school.status == "closed":
            raise Problem(f"{school.name} has closed, so nothing can be agreed with it.")
        if school.joined_at is None:
            raise Problem(f"{school.name} does not take part in the network yet.")


def _propose(
    session: Session,
    acting: Acting,
    enquiry: Enquiry,
    title: str,
    provider: int,
    receiver: int,
    terms: Terms,
    policy: Policy,
    once: str,
) -> Exchange:
    key = f"{acting.person_id}:{once}"
    existing = session.scalar(sa.select(Exchange).where(Exchange.once == key))
    said = Said(terms.details.strip(), terms.minutes, terms.on_date)
    if existing is not None:
        if existing.enquiry_id != enquiry.id or _first_said(session, existing) != said:
            raise SentBefore
        return existing
    check_terms(terms, policy)
    check_schools(session, provider, receiver)
    now = datetime.now(UTC)
    asked = enquiry.owner_urn if acting.urn == enquiry.asking_urn else enquiry.asking_urn
    exchange = Exchange(
        enquiry_id=enquiry.id,
        provider_urn=provider,
        receiver_urn=receiver,
        proposed_by_urn=acting.school(),
        awaiting_urn=asked,
        title=title,
        details=said.text,
        minutes=terms.minutes,
        on_date=terms.on_date,
        state=State.PROPOSED,
        version=1,
        created_at=now,
        updated_at=now,
        once=key,
    )
    session.add(exchange)
    session.flush()
    record(session, acting, exchange, Step.PROPOSE, now, said)
    write(session, acting, enquiry, terms.details, once=f"{once}:proposal")
    return exchange


def _first_said(session: Session, exchange: Exchange) -> Said:
    """What was proposed at first, whatever it has been changed to since."""
    event = session.scalars(
        sa.select(ExchangeEvent).where(
            ExchangeEvent.exchange_id == exchange.id, ExchangeEvent.step == Step.PROPOSE
        )
    ).one()
    return Said(event.text, event.minutes, event.on_date)
