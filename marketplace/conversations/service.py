"""Asking and answering."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, aliased, joinedload

from marketplace.conversations.models import Enquiry, Message
from marketplace.listings.models import Listing, ListingStatus
from marketplace.people.models import Person
from marketplace.people.roles import Permission
from marketplace.people.viewer import Acting
from marketplace.schools.models import School
from marketplace.web.paging import moment_cursor, read_moment_cursor
from marketplace.web.problems import NotFound, Problem, SentBefore

LONGEST_MESSAGE = 4000
PAGE = 20


def thread_about(session: Session, acting: Acting, listing: Listing) -> Enquiry | None:
    """The conversation the school acted for already has about ``listing``, if any."""
    return session.scalar(
        sa.select(Enquiry).where(Enquiry.listing_id == listing.id, Enquiry.asking_urn == acting.urn)
    )


def begin_enquiry(session: Session, acting: Acting, listing: Listing) -> Enquiry:
    """The conversation of the school acted for about ``listing``, made if there is none yet.

    Raises:
        NotAllowed: without the role.
        Problem: about a listing of one's own school, or one that has been withdrawn.
    """
    acting.require(Permission.ASK)
    urn = acting.school()
    if listing.school_urn == urn:
        raise Problem("This is your own school’s listing.")
    existing = thread_about(session, acting, listing)
    if existing is not None:
        return existing
    if listing.status != ListingStatus.OPEN:
        raise Problem("This listing has been withdrawn, so nobody can ask about it any more.")
    now = datetime.now(UTC)
    enquiry = Enquiry(
        listing_id=listing.id,
        asking_urn=urn,
        owner_urn=listing.school_urn,
        created_at=now,
        last_at=now,
    )
    try:
        with session.begin_nested():
            session.add(enquiry)
    except IntegrityError:
        # A colleague began the same conversation at the same instant.
        found = thread_about(session, acting, listing)
        if found is None:
            raise
        return found
    return enquiry


def ask(session: Session, acting: Acting, listing: Listing, body: str, *, once: str) -> Enquiry:
    """Write to the school behind ``listing``; the same ``once`` writes once.

    Raises:
        NotAllowed: without the role.
        Problem: for an empty or oversized message, one's own or a withdrawn listing.
    """
    enquiry = begin_enquiry(session, acting, listing)
    write(session, acting, enquiry, body, once=once)
    return enquiry


def write(session: Session, acting: Acting, enquiry: Enquiry, body: str, *, once: str) -> Message:
    """Add a message to a conversation of one's school; the same ``once`` adds it once.

    Raises:
        NotAllowed: without the role.
        NotFound: if the school acted for has no part in it.
        Problem: for an empty or oversized message.
        SentBefore: if ``once`` has written another message.
    """
    acting.require(Permission.ASK)
    urn = acting.school()
    if urn not in (enquiry.asking_urn, enquiry.owner_urn):
        raise NotFound
    body = body.strip()
    if not body:
        raise Problem("Write a message.", field="body")
    if len(body) > LONGEST_MESSAGE:
        raise Problem(f"Use at most {LONGEST_MESSAGE:,} characters.", field="body")
    key = f"{acting.person_id}:{once}"
    existing = session.scalar(sa.select(Message).where(Message.once == key))
    if existing is not None:
        if (existing.enquiry_id, existing.body) != (enquiry.id, body):
            raise SentBefore
        return existing
    now = datetime.now(UTC)
    message = Message(
        enquiry_id=enquiry.id,
        author_id=acting.person_id,
        urn=urn,
        body=body,
        created_at=now,
        once=key,
    )
    session.add(message)
    enquiry.last_at = now
    enquiry.awaiting_urn = enquiry.owner_urn if urn == enquiry.asking_urn else enquiry.asking_urn
    session.flush()
    return message


def get_enquiry(session: Session, enquiry_id: int, acting: Acting) -> Enquiry:
    """A conversation of the school acted for, with both schools and the listing.

    Raises:
        NotFound: if there is none, or it is between other schools.
    """
    enquiry = session.scalar(
        sa.select(Enquiry)
        .where(
            Enquiry.id == enquiry_id,
            sa.or_(Enquiry.asking_urn == acting.urn, Enquiry.owner_urn == acting.urn),
        )
        .options(joinedload(Enquiry.listing), joinedload(Enquiry.asking), joinedload(Enquiry.owner))
    )
    if enquiry is None:
        raise NotFound
    return enquiry


def messages(session: Session, enquiry: Enquiry) -> list[Message]:
    """The whole thread, oldest first, with who wrote."""
    return list(
        session.scalars(
            sa.select(Message)
            .where(Message.enquiry_id == enquiry.id)
            .options(joinedload(Message.author))
            .order_by(Message.id)
        )
    )


@dataclass(frozen=True, slots=True)
class InboxLine:
    """One conversation in the inbox, with its last message."""

    id: int
    listing_title: str
    listing_kind: str
    other_school: str
    awaiting_us: bool
    last_at: datetime
    last_body: str
    last_author: str


def inbox(
    session: Session, acting: Acting, *, after: str = "", limit: int = PAGE
) -> tuple[list[InboxLine], str | None]:
    """The school's conversations, the latest first, and the cursor of the next page."""
    urn = acting.school()
    other = aliased(School)
    last_message = (
        sa.select(sa.func.max(Message.id))
        .where(Message.enquiry_id == Enquiry.id)
        .correlate(Enquiry)
        .scalar_subquery()
    )
    query = (
        sa.select(Enquiry, Listing.title, Listing.kind, other.name, Message.body, Person.name)
        .join(Listing, Listing.id == Enquiry.listing_id)
        .join(
            other,
            other.urn
            == sa.case((Enquiry.asking_urn == urn, Enquiry.owner_urn), else_=Enquiry.asking_urn),
        )
        .join(Message, Message.id == last_message)
        .join(Person, Person.id == Message.author_id)
        .where(sa.or_(Enquiry.asking_urn == urn, Enquiry.owner_urn == urn))
        .order_by(Enquiry.last_at.desc(), Enquiry.id.desc())
        .limit(limit + 1)
    )
    if (cursor := read_moment_cursor(after)) is not None:
        at, last_id = cursor
        query = query.where(
            sa.or_(Enquiry.last_at < at, sa.and_(Enquiry.last_at == at, Enquiry.id < last_id))
        )
    rows = session.execute(query).all()
    lines = [
        InboxLine(
            id=enquiry.id,
            listing_title=title,
            listing_kind=kind,
            other_school=school,
            awaiting_us=enquiry.awaiting_urn == urn,
            last_at=enquiry.last_at,
            last_body=body,
            last_author=author,
        )
        for enquiry, title, kind, school, body, author in rows[:limit]
    ]
    if len(rows) <= limit:
        return lines, None
    return lines, moment_cursor(lines[-1].last_at, lines[-1].id)
