"""Posting, changing and withdrawing offers and requests, and who may see them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload, selectinload

from marketplace.listings.models import (
    Audience,
    Kind,
    Listing,
    ListingPhase,
    ListingStatus,
    ListingTerm,
    ListingTopic,
    Mode,
)
from marketplace.listings.terms import terms
from marketplace.listings.topics import PHASES, TOPICS
from marketplace.people.roles import Permission
from marketplace.people.viewer import Acting
from marketplace.schools.models import School
from marketplace.web.problems import NotFound, Problem, Stale

MOST_TOPICS = 5
TITLE_WEIGHT, TOPIC_WEIGHT, TEXT_WEIGHT = 8, 6, 1


@dataclass(frozen=True, slots=True)
class Draft:
    """What a listing says; ``minutes`` is its cost."""

    kind: str
    title: str
    description: str
    topics: tuple[str, ...]
    phases: tuple[str, ...]
    mode: str
    minutes: int
    audience: str


def visible_to(acting: Acting) -> sa.ColumnElement[bool]:
    """The SQL condition that ``acting`` may see a listing; its query must join ``School``."""
    if acting.urn is None:
        return sa.true()
    reaches = [
        Listing.school_urn == acting.urn,
        Listing.audience == Audience.NATIONAL,
    ]
    if acting.region is not None:
        reaches.append(sa.and_(Listing.audience == Audience.REGION, School.region == acting.region))
    if acting.local_authority_code is not None:
        reaches.append(
            sa.and_(
                Listing.audience == Audience.LOCAL_AUTHORITY,
                School.local_authority_code == acting.local_authority_code,
            )
        )
    if acting.trust_id is not None:
        reaches.append(
            sa.and_(Listing.audience == Audience.TRUST, School.trust_id == acting.trust_id)
        )
    return sa.or_(*reaches)


def get_listing(session: Session, listing_id: int, acting: Acting) -> Listing:
    """The listing, with its school, topics and phases.

    Raises:
        NotFound: if there is none, or ``acting`` is not among those it is for.
    """
    listing = session.scalar(
        sa.select(Listing)
        .join(Listing.school)
        .where(Listing.id == listing_id, visible_to(acting))
        .options(
            joinedload(Listing.school).options(
                joinedload(School.local_authority), joinedload(School.trust)
            ),
            selectinload(Listing.topics),
            selectinload(Listing.phases),
        )
    )
    if listing is None:
        raise NotFound
    return listing


def get_own_listing(session: Session, listing_id: int, acting: Acting) -> Listing:
    """A listing of the school acted for, to change it.

    Raises:
        NotFound: if it is not this school's.
    """
    listing = get_listing(session, listing_id, acting)
    if listing.school_urn != acting.urn:
        raise NotFound
    return listing


def post_listing(session: Session, acting: Acting, draft: Draft, *, once: str) -> Listing:
    """Put up an offer or a request; the same ``once`` gives back the same listing.

    Raises:
        NotAllowed: without the role.
        Problem: if the draft is not fit to be shown (see ``check``).
    """
    acting.require(Permission.POST_LISTING)
    urn = acting.school()
    key = f"{acting.person_id}:{once}"
    existing = session.scalar(sa.select(Listing).where(Listing.once == key))
    if existing is not None:
        return existing
    school = session.get_one(School, urn)
    check(draft, school)
    now = datetime.now(UTC)
    listing = Listing(
        school_urn=urn, author_id=acting.person_id, created_at=now, once=key, version=1
    )
    _write(listing, draft, now)
    session.add(listing)
    session.flush()
    index(session, [listing])
    return listing


def change_listing(
    session: Session, acting: Acting, listing: Listing, draft: Draft, *, version: int
) -> Listing:
    """Change what a listing of one's own school says.

    ``version`` is the listing's when the form was filled: a colleague's change in between is
    not overwritten unseen.

    Raises:
        NotAllowed: without the role.
        NotFound: if it is not this school's.
        Problem: if the draft is not fit to be shown.
        Stale: if the listing has been changed since.
    """
    _own(listing, acting)
    session.refresh(listing, with_for_update={"of": Listing}, attribute_names=["version"])
    if listing.version != version:
        raise Stale(
            "A colleague has changed this listing since you opened it. Compare it with what you"
            " wrote (kept below); send it again to have yours."
        )
    check(draft, session.get_one(School, listing.school_urn))
    _write(listing, draft, datetime.now(UTC))
    listing.version += 1
    session.flush()
    index(session, [listing])
    return listing


def withdraw_listing(session: Session, acting: Acting, listing: Listing) -> Listing:
    """Take a listing down: searches no longer find it, agreed help is not touched."""
    _own(listing, acting)
    if listing.status == ListingStatus.OPEN:
        listing.status = ListingStatus.WITHDRAWN
        listing.version += 1
        listing.updated_at = datetime.now(UTC)
        session.flush()
    return listing


def reopen_listing(session: Session, acting: Acting, listing: Listing) -> Listing:
    """Put a withdrawn listing up again.

    Raises:
        Stale: if it is open already.
    """
    _own(listing, acting)
    if listing.status == ListingStatus.OPEN:
        raise Stale("This listing is already open.")
    listing.status = ListingStatus.OPEN
    listing.version += 1
    listing.updated_at = datetime.now(UTC)
    session.flush()
    return listing


def withdraw_listings_of(session: Session, urns: Iterable[int]) -> int:
    """Take down every listing of schools that have closed; gives how many."""
    wanted = list(urns)
    found = session.scalars(
        sa.select(Listing).where(
            Listing.school_urn.in_(wanted), Listing.status == ListingStatus.OPEN
        )
    ).all()
    for listing in found:
        listing.status = ListingStatus.WITHDRAWN
        listing.version += 1
        listing.updated_at = datetime.now(UTC)
    session.flush()
    return len(found)


def check(draft: Draft, school: School) -> None:
    """Raise ``Problem``, naming the field, unless ``draft`` can be shown for ``school``."""
    if draft.kind not in list(Kind):
        raise Problem("Choose whether this is an offer or a request.", field="kind")
    if draft.mode not in list(Mode):
        raise Problem("Choose where it happens.", field="mode")
    if not draft.title.strip() or len(draft.title) > 100:
        raise Problem("Give a title of at most 100 characters.", field="title")
    if not draft.description.strip():
        raise Problem("Say what it is about.", field="description")
    if not 1 <= len(draft.topics) <= MOST_TOPICS or not set(draft.topics) <= set(TOPICS):
        raise Problem(f"Choose one to {MOST_TOPICS} topics.", field="topics")
    if not draft.phases or not set(draft.phases) <= set(PHASES):
        raise Problem("Choose the phases it is for.", field="phases")
    if draft.minutes <= 0:
        raise Problem("The credits must be more than zero.", field="minutes")
    missing = {
        Audience.TRUST: school.trust_id is None and "belongs to no trust in the register",
        Audience.REGION: school.region is None and "has no region in the register",
    }.get(Audience(draft.audience) if draft.audience in list(Audience) else Audience.SCHOOL)
    if draft.audience not in list(Audience) or missing:
        reason = f"Your school {missing}: choose another audience." if missing else "Choose one."
        raise Problem(f"Who may see it? {reason}", field="audience")


def index(session: Session, listings: Iterable[Listing]) -> None:
    """Write the search terms of ``listings`` (flushed, with their topics) afresh."""
    rows: list[dict[str, Any]] = []
    ids = []
    for listing in listings:
        ids.append(listing.id)
        rows += term_rows(
            listing.id, listing.title, listing.description, [t.topic for t in listing.topics]
        )
    session.execute(sa.delete(ListingTerm).where(ListingTerm.listing_id.in_(ids)))
    if rows:
        session.execute(sa.insert(ListingTerm), rows)


def term_rows(
    listing_id: int, title: str, description: str, topics: Iterable[str]
) -> list[dict[str, Any]]:
    """The rows of ``ListingTerm`` for one listing."""
    weights: Counter[str] = Counter()
    for term in terms(title):
        weights[term] += TITLE_WEIGHT
    for topic in topics:
        for term in terms(TOPICS[topic].name):
            weights[term] += TOPIC_WEIGHT
    for term, count in Counter(terms(description)).items():
        weights[term] += TEXT_WEIGHT * min(count, 5)
    return [
        {"term": term, "listing_id": listing_id, "weight": weight}
        for term, weight in sorted(weights.items())
    ]


def _own(listing: Listing, acting: Acting) -> None:
    if listing.school_urn != acting.urn:
        raise NotFound
    acting.require(Permission.POST_LISTING)


def _write(listing: Listing, draft: Draft, now: datetime) -> None:
    listing.kind = draft.kind
    listing.title = draft.title.strip()
    listing.description = draft.description.strip()
    listing.mode = draft.mode
    listing.minutes = draft.minutes
    listing.audience = draft.audience
    listing.updated_at = now
    listing.topics = [ListingTopic(topic=topic) for topic in sorted(set(draft.topics))]
    listing.phases = [ListingPhase(phase=phase) for phase in PHASES if phase in set(draft.phases)]
