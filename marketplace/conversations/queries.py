"""Reading conversations: the inbox, one thread, and the number that wait for a school."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased, joinedload

from marketplace.accounts.actor import Actor
from marketplace.accounts.models import Person
from marketplace.conversations.models import Enquiry, Message
from marketplace.errors import NotFound
from marketplace.listings.models import Listing
from marketplace.schools.models import School
from marketplace.schools.standing import SchoolMark, school_mark
from marketplace.web.navigation import ActorLike
from marketplace.web.paging import Page, paginate

PAGE = 20
MESSAGES_PAGE = 50
# An alias takes longer to make than a query to run.
_OtherSchool = aliased(School)


def thread_about(session: Session, actor: Actor, listing: Listing) -> Enquiry | None:
    """Return the conversation the school acted for already has about ``listing``, if any."""
    return None if actor.urn is None else find_thread(session, listing, actor.urn)


def find_thread(session: Session, listing: Listing, asking_urn: int) -> Enquiry | None:
    """Return the conversation of one school with that behind ``listing``, if there is one."""
    return session.scalar(
        sa.select(Enquiry).where(Enquiry.listing_id == listing.id, Enquiry.asking_urn == asking_urn)
    )


def partner_named(session: Session, listing_id: int, name: str) -> int | None:
    """Return the school of this name that has asked about a listing, or said that it can help."""
    return session.scalar(
        sa.select(Enquiry.asking_urn)
        .join(School, School.urn == Enquiry.asking_urn)
        .where(
            Enquiry.listing_id == listing_id,
            sa.func.lower(School.name) == " ".join(name.split()).lower(),
        )
        .order_by(Enquiry.id)
        .limit(1)
    )


def get_enquiry(session: Session, enquiry_id: int, actor: Actor) -> Enquiry:
    """Return a conversation of the school acted for, with both schools and the listing.

    Raises:
        NotFound: if there is none, or it is between other schools.
    """
    enquiry = session.scalar(
        sa.select(Enquiry)
        .where(
            Enquiry.id == enquiry_id,
            sa.or_(Enquiry.asking_urn == actor.urn, Enquiry.owner_urn == actor.urn),
        )
        .options(joinedload(Enquiry.listing), joinedload(Enquiry.asking), joinedload(Enquiry.owner))
    )
    if enquiry is None:
        raise NotFound
    return enquiry


def messages(
    session: Session, enquiry: Enquiry, *, before: str = "", limit: int = MESSAGES_PAGE
) -> Page[Message]:
    """Return the newest messages of a conversation with who wrote, the oldest of them first.

    ``next`` is the cursor of the page of earlier ones, which is asked for with ``before``.
    """
    query = (
        sa.select(Message)
        .where(Message.enquiry_id == enquiry.id)
        .options(joinedload(Message.author))
    )
    page = paginate(session, query, Message.id.desc(), after=before, limit=limit)
    return Page(page.rows[::-1], page.next)


def schools_in(session: Session, thread: Iterable[Message], enquiry: Enquiry) -> dict[int, School]:
    """Return the schools that wrote in a thread, by URN.

    They are the two of the conversation, and those that the two carry on for: only then is there
    something to ask the database.
    """
    schools = {enquiry.asking_urn: enquiry.asking, enquiry.owner_urn: enquiry.owner}
    missing = {message.school_urn for message in thread} - schools.keys()
    if missing:
        for school in session.scalars(sa.select(School).where(School.urn.in_(missing))):
            schools[school.urn] = school
    return schools


@dataclass(frozen=True, slots=True)
class InboxRow:
    """One conversation in the inbox, with its last message."""

    id: int
    listing_title: str
    listing_kind: str
    other_school: str
    mark: SchoolMark | None
    awaiting_us: bool
    last_at: datetime
    last_body: str
    last_author: str


def list_inbox(
    session: Session, actor: Actor, *, after: str = "", limit: int = PAGE
) -> Page[InboxRow]:
    """Return a page of the school's conversations, the latest first."""
    urn = actor.school()
    other = _OtherSchool
    last_message = (
        sa.select(sa.func.max(Message.id))
        .where(Message.enquiry_id == Enquiry.id)
        .correlate(Enquiry)
        .scalar_subquery()
    )
    query = (
        sa.select(Enquiry, Listing.title, Listing.kind, other, Message.body, Person.name)
        .join(Listing, Listing.id == Enquiry.listing_id)
        .join(
            other,
            other.urn
            == sa.case((Enquiry.asking_urn == urn, Enquiry.owner_urn), else_=Enquiry.asking_urn),
        )
        .join(Message, Message.id == last_message)
        .join(Person, Person.id == Message.author_id)
        .where(sa.or_(Enquiry.asking_urn == urn, Enquiry.owner_urn == urn))
    )
    page = paginate(
        session, query, Enquiry.last_at.desc(), Enquiry.id.desc(), after=after, limit=limit
    )
    return page.map(lambda row: _inbox_row(urn, *row))


def count_waiting(actor: ActorLike) -> sa.ScalarSelect[int]:
    """Return the query that counts the conversations in which the school's answer is awaited."""
    return (
        sa.select(sa.func.count())
        .select_from(Enquiry)
        .where(Enquiry.awaiting_urn == actor.urn)
        .scalar_subquery()
    )


@dataclass(frozen=True, slots=True)
class Unanswered:
    """A conversation that waits for the school's answer; ``count`` is how many there are."""

    enquiry_id: int
    listing_title: str
    is_first: bool
    other_school: str
    since: datetime
    count: int


def list_unanswered(session: Session, urn: int, limit: int) -> list[Unanswered]:
    """Return the conversations that have waited for longest, at most ``limit``."""
    rows = session.execute(_unanswered(), {"urn": urn, "most": limit})
    return [Unanswered(*row) for row in rows]


@cache
def _unanswered() -> sa.Select[*tuple[Any, ...]]:
    """The conversations that wait for the school ``urn``; made once, for each start page."""
    urn, other = sa.bindparam("urn", type_=sa.Integer), _OtherSchool
    answers = (
        sa.select(Message.id)
        # The sum keeps SQLite from reading all messages of the school, once for each conversation.
        .where(Message.enquiry_id == Enquiry.id, Message.school_urn + 0 == urn)
        .correlate(Enquiry)
        .exists()
    )
    other_urn = sa.case((Enquiry.asking_urn == urn, Enquiry.owner_urn), else_=Enquiry.asking_urn)
    return (
        sa.select(
            Enquiry.id,
            Listing.title,
            ~answers,
            other.name,
            Enquiry.last_at,
            sa.func.count().over(),
        )
        .join(Listing, Listing.id == Enquiry.listing_id)
        .join(other, other.urn == other_urn)
        .where(Enquiry.awaiting_urn == urn)
        .order_by(Enquiry.last_at, Enquiry.id)
        .limit(sa.bindparam("most", type_=sa.Integer))
    )


def _inbox_row(
    urn: int, enquiry: Enquiry, title: str, kind: str, school: School, body: str, author: str
) -> InboxRow:
    return InboxRow(
        id=enquiry.id,
        listing_title=title,
        listing_kind=kind,
        other_school=school.name,
        mark=school_mark(school),
        awaiting_us=enquiry.awaiting_urn == urn,
        last_at=enquiry.last_at,
        last_body=body,
        last_author=author,
    )
