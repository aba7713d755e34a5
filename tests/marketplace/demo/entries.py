"""The demo's content by place (file and entry), so that a failing test can name each offender."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from marketplace.demo.content import DATA, OFFER_THEMES, REQUEST_THEMES, demo_content
from marketplace.demo.texts import LISTING_KINDS, ConversationText, ListingText, Note

CONTENT = demo_content()


def placed(file: str, key: str) -> list[str]:
    """Where each entry of a list in a data file stands."""
    entries = tomllib.loads((DATA / file).read_text("utf-8"))[key]
    return [
        f"{file}, {key} {number}" + (f" (“{entry['title']}”)" if "title" in entry else "")
        for number, entry in enumerate(entries, 1)
    ]


def placed_listings(
    kind: str, themes: Iterable[str], listings: Iterable[ListingText]
) -> dict[str, ListingText]:
    """The listings of one kind by their places."""
    places = (place for theme in themes for place in placed(f"{kind}/{theme}.toml", "listings"))
    return dict(zip(places, listings, strict=True))


OFFERS = placed_listings("offers", OFFER_THEMES, CONTENT.offers)
REQUESTS = placed_listings("requests", REQUEST_THEMES, CONTENT.requests)
LISTINGS = OFFERS | REQUESTS
CONVERSATIONS: dict[str, ConversationText] = {
    place: conversation
    for kind in LISTING_KINDS
    for place, conversation in zip(
        placed(f"conversations/{kind}s.toml", "conversations"),
        CONTENT.conversations[kind],
        strict=True,
    )
}
NOTES: dict[str, tuple[Note, ...]] = {
    sort: getattr(CONTENT.notes, sort) for sort in type(CONTENT.notes).__slots__
}


def every_text() -> Iterator[tuple[str, str]]:
    """Every text that people read, with its place."""
    for place, listing in LISTINGS.items():
        yield f"{place}, title", listing.title
        yield f"{place}, description", listing.description
    for place, conversation in CONVERSATIONS.items():
        for number, message in enumerate(conversation.messages, 1):
            yield f"{place}, message {number}", message
    for sort, notes in NOTES.items():
        for place, note in zip(placed("notes.toml", sort), notes, strict=True):
            yield place, note.text


def texts_with(pattern: re.Pattern[str]) -> dict[str, str]:
    """What of the pattern is in which texts."""
    return {place: match[0] for place, text in every_text() if (match := pattern.search(text))}


def offenders(fits: Callable[[ListingText], bool]) -> list[str]:
    """Where the listings stand that do not fit."""
    return [place for place, listing in LISTINGS.items() if not fits(listing)]


def repeated(texts: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
    """The places of each text that stands in more than one."""
    places: dict[str, list[str]] = {}
    for place, text in texts:
        places.setdefault(text.casefold(), []).append(place)
    return {text: several for text, several in places.items() if len(several) > 1}


def assert_empty(offenders: Sequence[object] | Mapping[Any, object]) -> None:
    """Fail with every offender on a line of its own; pytest by itself would show the first."""
    if isinstance(offenders, Mapping):
        offenders = [f"{place}: {mistake}" for place, mistake in offenders.items()]
    assert not offenders, "\n".join(map(str, offenders))
