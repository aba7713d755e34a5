"""What the page of a listing says beside its content: times given, free days, what is like it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from urllib.parse import urlencode

from flask import url_for
from sqlalchemy.orm import Session

from marketplace.accounts.actor import Actor
from marketplace.calendar.queries import told_days
from marketplace.clock import today
from marketplace.credits.formats import credits
from marketplace.listings.details import Details
from marketplace.listings.free_days import next_free_days
from marketplace.listings.models import Kind, Listing
from marketplace.matching.similar import find_similar
from marketplace.search.criteria import SearchResult
from marketplace.search.presenters import address
from marketplace.web.formats import miles, month, times, weekday_and_day

FREE_DAYS_SHOWN = 3
LONGEST_OPENING = 400
"""A first paragraph that is longer stands below the price, so that a phone shows both."""


@dataclass(frozen=True, slots=True)
class SimilarRow:
    """A listing like the one that is shown, as a row."""

    url: str
    title: str
    school_name: str
    facts: str
    cost: str


@dataclass(frozen=True, slots=True)
class Similar:
    """What is like a listing, and the search for all of its topic."""

    rows: list[SimilarRow]
    search_url: str


def parts_of(description: str) -> tuple[str, str]:
    """Return the first paragraph of a description and the rest; a long one belongs to the rest."""
    first, _, rest = description.strip().partition("\n")
    return (first, rest) if len(first) <= LONGEST_OPENING else ("", description)


def given_words(listing: Listing) -> str:
    """Return how often an offer was given and when last; empty of a request."""
    if listing.kind != Kind.OFFER:
        return ""
    count, last_on = listing.times_given, listing.last_given_on
    if last_on is None:
        return "Not yet"
    return f"{times(count).capitalize()}, {'last ' if count > 1 else ''}in {month(last_on)}"


def free_days(
    session: Session, listing: Listing, details: Details, ask_again_on: date | None
) -> str:
    """Return the next days on which an offer can be had; empty where nobody knows."""
    if listing.kind != Kind.OFFER or not (details.weekdays or details.half_terms):
        return ""
    school = listing.school
    told = told_days(session, {school.urn: school.local_authority_code})[school.urn]
    since = max(today(), ask_again_on or date.min)
    days = next_free_days(told, details.weekdays, details.half_terms, since, FREE_DAYS_SHOWN)
    return ", ".join(weekday_and_day(day) for day in days)


def similar_to(
    session: Session, actor: Actor, listing: Listing, search: str | None
) -> Similar | None:
    """Return what other schools have that is like a listing; ``search`` is the way back."""
    found = find_similar(session, actor, listing)
    if not found:
        return None
    kind = "" if listing.kind == Kind.OFFER else listing.kind
    topics = [topic.topic for topic in listing.topics]
    return Similar(
        [_row(result, search) for result in found], address({"kind": kind, "topic": topics})
    )


def _row(result: SearchResult, search: str | None) -> SimilarRow:
    url = url_for("pages.listing", listing_id=result.id)
    where = miles(result.metres) if result.metres is not None else result.town
    return SimilarRow(
        f"{url}?{urlencode({'search': search})}" if search else url,
        result.title,
        result.school_name,
        where or "",
        credits(result.minutes),
    )
