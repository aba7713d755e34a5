"""Listings as the templates show them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from marketplace.audiences.audience import Reach
from marketplace.audiences.words import label
from marketplace.credits.formats import credits
from marketplace.listings.detail_presenters import has_ended, lasts, row_notes
from marketplace.listings.details import ShownDetails
from marketplace.listings.models import Listing, ListingStatus
from marketplace.listings.topics import current_topics
from marketplace.schools.standing import SchoolMark


@dataclass(frozen=True, slots=True)
class ListingCard:
    """A listing in a list of listings."""

    url: str
    kind: str
    title: str
    summary: str
    school_name: str
    origin: str
    distance: str | None
    topics: list[str]
    phases: list[str]
    mode_label: str
    cost: str
    audience_label: str
    withdrawn: bool = False
    mark: SchoolMark | None = None
    reason: str = ""
    """Why it stands where it does, if that is to be said."""


def summary(description: str, most: int = 180) -> str:
    """Return the beginning of a description, cut at a word."""
    flat = " ".join(description.split())
    if len(flat) <= most:
        return flat
    return flat[:most].rsplit(" ", 1)[0].rstrip(".,;:–- ") + " …"


def topic_names(slugs: list[str] | tuple[str, ...]) -> list[str]:
    """Return the names of topics; one that is no longer listed keeps its slug."""
    return [current_topics().name_of(slug) for slug in slugs]


def posted_words(listing: Listing, *, again: bool = False) -> str:
    """Return what a school is told when its listing is up, for the first time or again."""
    up = "is up again" if again else "is up"
    match listing.audience:
        case Reach.CONFIDENTIAL:
            return (
                f"Your request {up if again else 'is saved'}. Nobody finds it: schools that fit are"
                " asked without your name."
            )
        case Reach.SCHOOL:
            return f"Your {listing.kind} {up}: only your own staff find it."
        case _:
            return f"Your {listing.kind} {up}: others can find it now."


@dataclass(frozen=True, slots=True)
class OwnRow:
    """A row of the list of a school's own listings."""

    id: int
    url: str
    kind: str
    title: str
    notes: list[str]
    topics: str
    cost: str
    audience_label: str
    posted_at: datetime
    lasts: str
    is_open: bool
    is_hidden: bool
    has_ended: bool
    is_confidential: bool


def own_row(listing: Listing, shown: ShownDetails, url: str) -> OwnRow:
    """Return the row of a school's own listing (with its topics)."""
    is_open = listing.status == ListingStatus.OPEN
    return OwnRow(
        id=listing.id,
        url=url,
        kind=listing.kind,
        title=listing.title,
        notes=row_notes(listing, shown),
        topics=", ".join(topic_names([topic.topic for topic in listing.topics])),
        cost=credits(listing.minutes),
        audience_label=label(listing.seen_by),
        posted_at=listing.created_at,
        lasts=lasts(shown, is_open=is_open),
        is_open=is_open,
        is_hidden=listing.status == ListingStatus.HIDDEN,
        has_ended=has_ended(shown),
        is_confidential=listing.audience == Reach.CONFIDENTIAL,
    )
