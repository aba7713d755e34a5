"""The details of a listing in words."""

from __future__ import annotations

from datetime import datetime

from marketplace.calendar.half_terms import NAMES, half_term_name
from marketplace.clock import LONDON, today
from marketplace.credits.formats import credits
from marketplace.listings.detail_models import Met
from marketplace.listings.details import Details, ShownDetails
from marketplace.listings.formats import DURATIONS, WEEKDAYS, format_label
from marketplace.listings.models import Kind, Listing, Mode
from marketplace.web.formats import age, day, short_day

Fact = tuple[str, str]


def detail_facts(shown: ShownDetails) -> list[Fact]:
    """Return what the page of a listing says of its details, each with its name."""
    details = shown.details
    given_by = [*shown.people_names, *([details.delivered_by] if details.delivered_by else [])]
    facts = [
        ("Kind of help", format_label(details.format)),
        ("Takes", DURATIONS.get(details.duration_minutes or 0)),
        ("At once", f"Up to {details.capacity:,} people" if details.capacity else None),
        ("Given by", ", ".join(given_by)),
        ("For", details.for_whom),
        ("Tried so far", details.tried),
        ("Needed by", day(details.needed_by) if details.needed_by else None),
        ("At most", credits(details.budget_minutes) if details.budget_minutes else None),
    ]
    return [(name, words[:1].upper() + words[1:]) for name, words in facts if words]


def availability(details: Details) -> str:
    """Return on which days and in which half-terms help can be given; empty if it does not say."""
    days = weekdays_in_words(details.weekdays)
    words = ": ".join(filter(None, [_half_terms(details.half_terms), days]))
    return words[:1].upper() + words[1:]


def weekdays_in_words(weekdays: tuple[int, ...]) -> str:
    """Return weekdays, from 0 (Monday) to 4, in words; empty for none."""
    if len(weekdays) == len(WEEKDAYS):
        return "any school day"
    names = [f"{WEEKDAYS[number]}s" for number in weekdays]
    return " and ".join(filter(None, [", ".join(names[:-1]), *names[-1:]]))


def where_words(listing: Listing, *, own: bool) -> str:
    """Return where it happens, from the side of the reader’s school, whose listing it is or not."""
    return where_of(listing.mode, listing.kind, own=own)


def where_of(mode: str, kind: str, *, own: bool) -> str:
    """Return the same of what is read as words: the mode and the kind of a listing."""
    if mode == Mode.ONLINE:
        return "Online"
    at_giver = mode == Mode.AT_OURS
    at_owner = at_giver if kind == Kind.OFFER else not at_giver
    if own:
        return "At our school" if at_owner else "At the other school"
    return "At their school" if at_owner else "At your school"


def _half_terms(keys: tuple[str, ...]) -> str:
    """The names of half-terms, the school year with the last one of each year."""
    names = []
    for number, key in enumerate(keys):
        last_of_year = number + 1 == len(keys) or keys[number + 1][:4] != key[:4]
        names.append(half_term_name(key) if last_of_year else NAMES[int(key[-1]) - 1])
    return "; ".join(names)


def posted_ago(created_at: datetime) -> str:
    """Return when a listing was posted, with its age: “12 June 2026 (165 days ago)”."""
    words = age(created_at)
    return f"{day(created_at)} ({words}{' ago' if words.endswith('days') else ''})"


def lasts(shown: ShownDetails, *, is_open: bool) -> str:
    """Return until when a listing stays up."""
    expires_on = shown.details.expires_on
    if expires_on is None:
        return "Until it is withdrawn" if is_open else ""
    if expires_on < today():
        return f"Ended on {day(expires_on)}"
    return f"Until {day(expires_on)}"


def has_ended(shown: ShownDetails) -> bool:
    """Say whether the last day of a listing has passed."""
    expires_on = shown.details.expires_on
    return expires_on is not None and expires_on < today()


def met_words(listing: Listing, shown: ShownDetails) -> str:
    """Return how far a request is met, by whom and after how many days; empty of an offer."""
    if listing.kind != Kind.REQUEST or shown.met == Met.NOT or shown.met_on is None:
        return ""
    days = max((shown.met_on - listing.created_at.astimezone(LONDON).date()).days, 0)
    after = {0: "on the first day", 1: "after a day"}.get(days, f"after {days:,} days")
    by = f" by {shown.met_by}" if shown.met_by else ""
    return f"{'Met' if shown.met == Met.FULLY else 'Met in part'}{by}, {after}"


def row_notes(listing: Listing, shown: ShownDetails) -> list[str]:
    """Return what the list of a school's own listings says below a title."""
    details = shown.details
    words = [
        format_label(details.format),
        availability(details),
        f"needed by {short_day(details.needed_by)}" if details.needed_by else None,
        met_words(listing, shown),
    ]
    return [one for one in words if one]
