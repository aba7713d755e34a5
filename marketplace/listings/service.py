"""The verbs of listings: post, change, withdraw, reopen."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from marketplace import clock
from marketplace.accounts.actor import Actor
from marketplace.accounts.roles import Permission
from marketplace.audiences.audience import Audience, Reach
from marketplace.audiences.choosing import check_audience
from marketplace.audiences.queries import get_belonging
from marketplace.errors import Conflict, NotFound, Refusal
from marketplace.idempotency import idempotent, key_of
from marketplace.limits import Writing, refuse_too_many
from marketplace.listings.details import (
    NO_DETAILS,
    Details,
    check_details,
    details_of,
    prepare_to_reopen,
    write_details,
)
from marketplace.listings.draft_models import ListingDraft
from marketplace.listings.events import (
    ListingChanged,
    ListingPosted,
    ListingReopened,
    ListingWithdrawn,
)
from marketplace.listings.models import (
    Kind,
    Listing,
    ListingPhase,
    ListingStatus,
    ListingTopic,
    Mode,
)
from marketplace.listings.topics import PHASES, current_topics, refuse_retired
from marketplace.outbox.service import record
from marketplace.schools.models import School
from marketplace.web.texts import says_something, visible

MOST_TOPICS = 5
LEAST_LETTERS, LEAST_LETTERS_OF_TEXT = 2, 10
"""With fewer letters a title, and a description, say nothing."""


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
    audience: Audience
    public: bool = False
    details: Details = NO_DETAILS

    def tidy(self) -> Draft:
        """Return the draft as it is stored: without spaces around texts, each choice once."""
        return replace(
            self,
            title=self.title.strip(),
            description=self.description.strip(),
            topics=tuple(sorted(set(self.topics))),
            phases=tuple(sorted(set(self.phases))),
            details=self.details.tidy(self.kind),
        )


def post_listing(session: Session, actor: Actor, draft: Draft, *, idempotency_key: str) -> Listing:
    """Post an offer or a request; the same ``idempotency_key`` posts it once.

    Raises:
        NotAllowed: without the role.
        Refusal: if the draft is not fit to be shown (see ``check``).
        AlreadySent: if the key has posted another listing.
        TooMany: if the person or the school has posted too many already.
    """
    actor.require(Permission.POST_LISTINGS)
    urn = actor.school()
    key = key_of(actor.person_id, idempotency_key)
    existing = idempotent(
        session,
        Listing,
        key,
        same_as=lambda listing: (
            (listing.school_urn, _draft_of(session, listing)) == (urn, draft.tidy())
        ),
    )
    if existing is not None:
        return existing
    school = session.get_one(School, urn)
    check(session, draft, school)
    check_details(session, urn, draft.kind, draft.details)
    refuse_too_many(
        session,
        Writing.LISTINGS,
        Listing.created_at,
        {"person": Listing.author_id == actor.person_id, "school": Listing.school_urn == urn},
    )
    now = clock.now()
    listing = Listing(
        school_urn=urn,
        author_id=actor.person_id,
        created_at=now,
        idempotency_key=key,
        version=1,
    )
    _write(listing, draft, now)
    session.add(listing)
    session.flush()
    write_details(session, listing.id, draft.tidy().details)
    _record(session, ListingPosted, listing, actor)
    return listing


def change_listing(
    session: Session, actor: Actor, listing: Listing, draft: Draft, *, version: int
) -> Listing:
    """Change the content of a listing of the school acted for.

    ``version`` is the listing's when the form was filled: a colleague's change in between is
    not overwritten unseen.

    Raises:
        NotAllowed: without the role.
        NotFound: if it is not this school's.
        Refusal: if the draft is not fit to be shown.
        Conflict: if the listing has been changed since.
    """
    _require_own(listing, actor)
    session.refresh(listing, with_for_update={"of": Listing}, attribute_names=["version"])
    if listing.version != version:
        raise Conflict(
            "A colleague has changed this listing since you opened it. Compare it with what you"
            " wrote (kept below); send it again to have yours."
        )
    had = [topic.topic for topic in listing.topics]
    check(session, draft, session.get_one(School, listing.school_urn), had)
    check_details(session, listing.school_urn, draft.kind, draft.details)
    _write(listing, draft, clock.now())
    write_details(session, listing.id, draft.tidy().details)
    listing.version += 1
    session.flush()
    _record(session, ListingChanged, listing, actor)
    return listing


def withdraw_listing(session: Session, actor: Actor, listing: Listing) -> Listing:
    """Withdraw a listing: searches no longer find it, agreed help is not touched.

    It leaves the public web as well, and does not come back there by being opened again.
    """
    _require_own(listing, actor)
    if listing.status == ListingStatus.OPEN:
        listing.status = ListingStatus.WITHDRAWN
        listing.public = False
        listing.version += 1
        listing.updated_at = clock.now()
        session.flush()
        _record(session, ListingWithdrawn, listing, actor)
    return listing


def reopen_listing(session: Session, actor: Actor, listing: Listing) -> Listing:
    """Open a withdrawn listing again.

    Raises:
        Conflict: if it is open already.
        Refusal: if its last day has passed, or the network's operator has hidden it.
    """
    _require_own(listing, actor)
    if listing.status == ListingStatus.OPEN:
        raise Conflict("This listing is already open.")
    if listing.status == ListingStatus.HIDDEN:
        raise Refusal(
            "The network’s operator has hidden this listing. Change what they wrote about; they can"
            " show it again."
        )
    prepare_to_reopen(session, listing.id)
    listing.status = ListingStatus.OPEN
    listing.version += 1
    listing.updated_at = clock.now()
    session.flush()
    _record(session, ListingReopened, listing, actor)
    return listing


def withdraw_listings_of(session: Session, urns: Iterable[int]) -> int:
    """Withdraw every listing of schools that have closed or leave; return how many."""
    closed = list(urns)
    listings = session.scalars(
        sa.select(Listing).where(
            Listing.school_urn.in_(closed), Listing.status == ListingStatus.OPEN
        )
    ).all()
    for listing in listings:
        listing.status = ListingStatus.WITHDRAWN
        listing.public = False
        listing.version += 1
        listing.updated_at = clock.now()
        _record(session, ListingWithdrawn, listing, None)
    session.flush()
    return len(listings)


def hand_over_listings(session: Session, old_urn: int, new_urn: int) -> int:
    """Let listings and drafts of a school be another’s, which carries on; count the listings."""
    listings = session.scalars(
        sa.select(Listing).where(Listing.school_urn == old_urn).order_by(Listing.id)
    ).all()
    for listing in listings:
        listing.school_urn = new_urn
    session.execute(
        sa.update(ListingDraft).where(ListingDraft.school_urn == old_urn).values(school_urn=new_urn)
    )
    session.flush()
    return len(listings)


def check(session: Session, draft: Draft, school: School, had: Iterable[str] = ()) -> None:
    """Refuse a draft that cannot be shown for ``school``; ``had`` are the topics it may keep.

    Raises:
        Refusal: naming the field at fault.
    """
    if draft.kind not in list(Kind):
        raise Refusal("Choose whether this is an offer or a request.", field="kind")
    if draft.mode not in list(Mode):
        raise Refusal("Choose where it happens.", field="mode")
    if not visible(draft.title) or len(draft.title) > 100:
        raise Refusal("Write a title of at most 100 characters.", field="title")
    if not says_something(draft.title, LEAST_LETTERS):
        raise Refusal(
            "Say in the title what it is, in a word at least: nobody finds signs or one letter.",
            field="title",
        )
    if not visible(draft.description):
        raise Refusal("Say what it is about.", field="description")
    if not says_something(draft.description, LEAST_LETTERS_OF_TEXT):
        raise Refusal(
            "Say in a sentence what happens and for whom: other schools decide by it.",
            field="description",
        )
    if not 1 <= len(draft.topics) <= MOST_TOPICS or not set(draft.topics) <= set(
        current_topics().by_slug
    ):
        raise Refusal(f"Choose one to {MOST_TOPICS} topics.", field="topics")
    refuse_retired(draft.topics, had)
    if not draft.phases or not set(draft.phases) <= set(PHASES):
        raise Refusal("Choose the phases it is for.", field="phases")
    if draft.minutes <= 0:
        raise Refusal("The credits must be more than zero.", field="minutes")
    check_audience(draft.audience, get_belonging(session, school))
    if draft.audience.reach == Reach.CONFIDENTIAL and draft.kind != Kind.REQUEST:
        raise Refusal(
            "Only a request can be confidential. Choose who may see this offer.", field="audience"
        )
    if draft.public and draft.kind != Kind.OFFER:
        raise Refusal(
            "Only an offer can be on the public web. A request never is: leave this unticked.",
            field="public",
        )
    if draft.public and draft.audience != Audience():
        raise Refusal(
            "Only an offer for every school can be on the public web: choose “Every school”, or"
            " leave this unticked.",
            field="public",
        )


def _record(
    session: Session,
    kind: type[ListingPosted | ListingChanged | ListingWithdrawn | ListingReopened],
    listing: Listing,
    actor: Actor | None,
) -> None:
    record(
        session,
        kind(
            actor_id=actor.person_id if actor else None,
            school_urns=(listing.school_urn,),
            listing_id=listing.id,
        ),
    )


def _require_own(listing: Listing, actor: Actor) -> None:
    if listing.school_urn != actor.urn:
        raise NotFound
    actor.require(Permission.POST_LISTINGS)


def _write(listing: Listing, draft: Draft, now: datetime) -> None:
    tidy = draft.tidy()
    listing.kind = tidy.kind
    listing.title = tidy.title
    listing.description = tidy.description
    listing.mode = tidy.mode
    listing.minutes = tidy.minutes
    listing.seen_by = tidy.audience
    listing.public = tidy.public
    listing.updated_at = now
    listing.topics = [ListingTopic(topic=topic) for topic in tidy.topics]
    listing.phases = [ListingPhase(phase=phase) for phase in PHASES if phase in tidy.phases]


def _draft_of(session: Session, listing: Listing) -> Draft:
    """The present content of ``listing``, as ``Draft.tidy`` would return it."""
    session.refresh(listing, ["topics", "phases"])
    return Draft(
        kind=listing.kind,
        title=listing.title,
        description=listing.description,
        topics=tuple(sorted(topic.topic for topic in listing.topics)),
        phases=tuple(sorted(phase.phase for phase in listing.phases)),
        mode=listing.mode,
        minutes=listing.minutes,
        audience=listing.seen_by,
        public=listing.public,
        details=details_of(session, listing.id).details,
    )
