"""Queries whose answers somebody chose among the demo’s texts, without knowing the search.

They are kept apart from the labelled ones. The search is never tuned to them, so they say how good
it is for words that nobody prepared it for.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from marketplace.demo.texts import ListingKind, ListingText

FILE = Path(__file__).with_name("queries_of_others.toml")
_GRADES = {"exactly": 3, "good": 2, "somewhat": 1}
_KINDS: dict[str, ListingKind] = {"offers": "offer", "requests": "request"}


@dataclass(frozen=True, slots=True)
class Judged:
    """One query for listings of a kind, and the grade of each one that answers it, by title."""

    kind: ListingKind
    text: str
    grades: Mapping[str, int]

    def grade(self, listing: ListingText) -> int:
        """Say how well a listing answers the query, from 0 to 3."""
        return self.grades.get(listing.title, 0)


def judged(kind: ListingKind) -> list[Judged]:
    """Return the judged queries for listings of a kind, in the order of the file."""
    tables = tomllib.loads(FILE.read_text(encoding="utf-8"))
    return [
        _query(kind, **entry)
        for name, entries in tables.items()
        if _KINDS[name] == kind
        for entry in entries
    ]


def _query(kind: ListingKind, text: str, **titles: list[str]) -> Judged:
    """Return a query of the file; a wrong key, or a listing named twice, is an error."""
    graded = [(title, _GRADES[name]) for name, named in titles.items() for title in named]
    grades = dict(graded)
    if len(grades) < len(graded):
        raise ValueError(f"“{text}” names a listing twice")
    return Judged(kind, text, grades)
