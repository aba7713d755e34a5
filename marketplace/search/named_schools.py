"""Schools that the words of a search may name, also those that have nothing to show for it."""

from __future__ import annotations

from sqlalchemy.orm import Session

from marketplace.schools.facts import Status
from marketplace.schools.finding import FoundSchool, find_schools
from marketplace.search.criteria import SearchResults
from marketplace.search.hourly import for_an_hour

MOST_WORDS = 6
"""What has more words is a sentence, and no name."""
MOST_SHOWN = 3


def schools_named(session: Session, text: str, results: SearchResults) -> tuple[FoundSchool, ...]:
    """Return a few schools whose name, or name and town, are the words of a search.

    They are looked for only where hardly a listing has all the words; the register changes once a
    day, so that an answer is kept for an hour.
    """
    if results.count and results.with_all is None:
        return ()
    words = text.split()
    if not 0 < len(words) <= MOST_WORDS:
        return ()
    text = " ".join(words)
    found = for_an_hour(
        ("schools named", text.casefold()), lambda: find_schools(session, text, limit=MOST_SHOWN)
    )
    if found.is_close:
        return ()
    return tuple(school for school in found.schools if school.status != Status.CLOSED)
