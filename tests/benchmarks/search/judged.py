"""Queries whose answers somebody chose among the demo’s texts, without knowing the search.

They are kept apart from the labelled ones, and cut in halves by their text. Who works on the search
may look at the *tuned* half. The *held-out* half is never read, nor named by a benchmark: it says
how good the search is for words that nobody prepared it for.
"""

from __future__ import annotations

import hashlib
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

    @property
    def held_out(self) -> bool:
        """Whether it is of the half that nobody looks at: its text has an even digest."""
        return hashlib.sha256(self.text.encode()).digest()[-1] % 2 == 0


def judged(kind: ListingKind, *, held_out: bool | None = None) -> list[Judged]:
    """Return the judged queries for listings of a kind, in the order of the file.

    ``held_out`` says of which half; both, if it is None.
    """
    tables = tomllib.loads(FILE.read_text(encoding="utf-8"))
    queries = [
        _query(kind, **entry)
        for name, entries in tables.items()
        if _KINDS[name] == kind
        for entry in entries
    ]
    return [query for query in queries if held_out is None or query.held_out == held_out]


def _query(kind: ListingKind, text: str, **titles: list[str]) -> Judged:
    """Return a query of the file; a wrong key, or a listing named twice, is an error."""
    graded = [(title, _GRADES[name]) for name, named in titles.items() for title in named]
    grades = dict(graded)
    if len(grades) < len(graded):
        raise ValueError(f"“{text}” names a listing twice")
    return Judged(kind, text, grades)
