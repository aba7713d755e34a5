"""The verbs of conversations: ask, write."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from marketplace import clock
from marketplace.accounts.actor import Actor
from marketplace.accounts.roles import Permission
from marketplace.conversations.events import MessageWritten
from marketplace.conversations.models import Enquiry, Message
from marketplace.conversations.queries import find_thread, thread_about
from marketplace.errors import NotFound, Refusal
from marketplace.idempotency import idempotent, key_of
from marketplace.limits import DAY, Writing, refuse_too_many
from marketplace.listings.models import Kind, Listing, ListingStatus
from marketplace.outbox.service import record
from marketplace.schools.models import School
from marketplace.schools.standing import why_not
from marketplace.term_clock.queries import refuse_if_not_now
from marketplace.web.texts import visible

LONGEST_MESSAGE = 4000


def begin_enquiry(session: Session, actor: Actor, listing: Listing) -> Enquiry:
    """Return the conversation of the school about ``listing``; begin it if there is none yet.

    Raises:
        NotAllowed: without the role.
        Refusal: about a listing of one's own school, one that has been withdrawn, or an offer of
            a school that has said not now.
        TooMany: if the school has begun too many conversations already.
    """
    actor.require(Permission.ASK)
    actor.refuse_if_paused()
    urn = actor.school()
    if listing.school_urn == urn:
        raise Refusal(
            "This is your own school’s listing. Help inside one school costs nothing and needs no"
            " exchange: ask your colleague."
        )
    existing = thread_about(session, actor, listing)
    if existing is not None:
        return existing
    if listing.status != ListingStatus.OPEN:
        raise Refusal("This listing has been withdrawn, so you can no longer ask about it.")
    owner = session.get_one(School, listing.school_urn)
    if owner.paused_at is not None and (reason := why_not(owner, owner.name)):
        raise Refusal(reason)
    if listing.kind == Kind.OFFER:
        refuse_if_not_now(session, owner.urn, owner.name)
    return _open(session, actor, listing, urn)


def open_enquiry(session: Session, actor: Actor, listing: Listing, asking_urn: int) -> Enquiry:
    """Return the conversation of the own school with one that would help with its ``listing``.

    It is begun if there is none yet.

    Raises:
        NotAllowed: without the role.
        NotFound: if it is another school's listing.
        TooMany: if the school has begun too many conversations already.
    """
    actor.require(Permission.ASK)
    actor.refuse_if_paused()
    if listing.school_urn != actor.school():
        raise NotFound
    existing = find_thread(session, listing, asking_urn)
    return existing if existing is not None else _open(session, actor, listing, asking_urn)


def _open(session: Session, actor: Actor, listing: Listing, asking_urn: int) -> Enquiry:
    urn = actor.school()
    begun_by = Enquiry.asking_urn if asking_urn == urn else Enquiry.owner_urn
    refuse_too_many(
        session,
        Writing.CONVERSATIONS,
        Enquiry.created_at,
        # A conversation is never younger than its last message, by which there is an index.
        {"school": sa.and_(begun_by == urn, Enquiry.last_at > clock.now() - DAY)},
    )
    now = clock.now()
    enquiry = Enquiry(
        listing_id=listing.id,
        asking_urn=asking_urn,
        owner_urn=listing.school_urn,
        created_at=now,
        last_at=now,
    )
    try:
        with session.begin_nested():
            session.add(enquiry)
    except IntegrityError:
        # A colleague began the same conversation at the same instant.
        enquiry_of_colleague = find_thread(session, listing, asking_urn)
        if enquiry_of_colleague is None:
            raise
        return enquiry_of_colleague
    return enquiry


def ask(
    session: Session, actor: Actor, listing: Listing, body: str, *, idempotency_key: str
) -> Enquiry:
    """Write to the school behind ``listing``; the same ``idempotency_key`` writes once.

    Raises:
        NotAllowed: without the role.
        Refusal: for an empty or oversized message, one's own or a withdrawn listing.
    """
    enquiry = begin_enquiry(session, actor, listing)
    write(session, actor, enquiry, body, idempotency_key=idempotency_key)
    return enquiry


def write(
    session: Session, actor: Actor, enquiry: Enquiry, body: str, *, idempotency_key: str
) -> Message:
    """Add a message to a conversation of one's school; the same ``idempotency_key`` adds it once.

    Raises:
        NotAllowed: without the role.
        NotFound: if the school acted for is not one of the two in it.
        Refusal: for an empty or oversized message, or to a school that has closed, has left or
            is paused.
        TooMany: if the person or the school has written too many already.
        AlreadySent: if ``idempotency_key`` has written another message.
    """
    actor.require(Permission.ASK)
    actor.refuse_if_paused()
    urn = actor.school()
    if urn not in (enquiry.asking_urn, enquiry.owner_urn):
        raise NotFound
    body = body.strip()
    if not visible(body):
        raise Refusal("Write a message.", field="body")
    if len(body) > LONGEST_MESSAGE:
        raise Refusal(f"Use at most {LONGEST_MESSAGE:,} characters.", field="body")
    key = key_of(actor.person_id, idempotency_key)
    existing = idempotent(
        session,
        Message,
        key,
        same_as=lambda message: (message.enquiry_id, message.body) == (enquiry.id, body),
    )
    if existing is not None:
        return existing
    other = session.get_one(School, enquiry.other_urn(urn))
    if other.status == "closed":
        raise Refusal(f"{other.name} has closed, so nobody there can read a message.")
    if (reason := why_not(other, other.name)) is not None:
        raise Refusal(reason)
    refuse_too_many(
        session,
        Writing.MESSAGES,
        Message.created_at,
        {"person": Message.author_id == actor.person_id, "school": Message.school_urn == urn},
    )
    now = clock.now()
    message = Message(
        enquiry_id=enquiry.id,
        author_id=actor.person_id,
        school_urn=urn,
        body=body,
        created_at=now,
        idempotency_key=key,
    )
    session.add(message)
    enquiry.last_at = now
    enquiry.awaiting_urn = other.urn
    session.flush()
    record(
        session,
        MessageWritten(
            actor_id=actor.person_id,
            school_urns=(enquiry.asking_urn, enquiry.owner_urn),
            enquiry_id=enquiry.id,
            message_id=message.id,
        ),
    )
    return message
