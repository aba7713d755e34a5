"""Listings as the templates show them."""

from __future__ import annotations

from dataclasses import dataclass

from marketplace.audiences.words import label
from marketplace.credits.formats import credits
from marketplace.listings.forms import MODE_LABELS
from marketplace.listings.models import Listing, ListingStatus, Mode
from marketplace.listings.topics import PHASES, TOPICS
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
    return [TOPICS[slug].name if slug in TOPICS else slug for slug in slugs]


def own_card(listing: Listing, url: str) -> ListingCard:
    """Return the card of a school's own listing (with topics and phases), without its origin."""
    return ListingCard(
        url=url,
        kind=listing.kind,
        title=listing.title,
        summary=summary(listing.description),
        school_name="",
        origin="",
        distance=None,
        topics=topic_names([topic.topic for topic in listing.topics]),
        phases=[PHASES[phase.phase] for phase in listing.phases if phase.phase in PHASES],
        mode_label=MODE_LABELS[Mode(listing.mode)],
        cost=credits(listing.minutes),
        audience_label=label(listing.seen_by),
        withdrawn=listing.status == ListingStatus.WITHDRAWN,
    )
