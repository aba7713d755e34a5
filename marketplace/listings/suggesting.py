"""Topics suggested from a title: what knows the words of schools registers itself here."""

from __future__ import annotations

from collections.abc import Callable

from flask import Flask, current_app

from marketplace.listings.topics import current_topics

KEY = "skillbank.listings.suggester"
MOST_SUGGESTED = 3

Suggester = Callable[[str], list[str]]
"""Returns the topics (slugs) that a text is about, the likeliest first."""


def set_suggester(app: Flask, suggester: Suggester) -> None:
    """Let ``suggester`` say which topics a text is about."""
    app.extensions[KEY] = suggester


def suggest_topics(text: str, most: int = MOST_SUGGESTED) -> list[str]:
    """Return the topics that a title is about, the likeliest first; none if nothing is known."""
    suggester: Suggester | None = current_app.extensions.get(KEY)
    if suggester is None or not text.strip():
        return []
    return [slug for slug in suggester(text) if slug in current_topics().offered][:most]


def topics_named(text: str) -> tuple[list[str], list[str]]:
    """Return the topics in a list of typed names with commas between, and what is none of them."""
    by_name = {topic.name.casefold(): slug for slug, topic in current_topics().offered.items()}
    slugs, unknown = [], []
    # A name may have commas of its own.
    rest = text.casefold()
    for name in sorted(by_name, key=len, reverse=True):
        if name in rest:
            rest = rest.replace(name, ",")
            slugs.append(by_name[name])
    for typed in filter(None, map(str.strip, rest.split(","))):
        suggested = suggest_topics(typed, 1)
        if suggested:
            slugs += suggested
        else:
            unknown.append(typed)
    return slugs, unknown
