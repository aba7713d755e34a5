"""How good a search is: queries as staff type them, graded by a rule over the demo’s listings.

A listing that is about none of the topics answers nothing. About one, it has the grade 1; in the
phase that was asked for (or if none was), 2. The rule needs no numbers of listings, so it holds for
any listings; it does not know which of two listings on phonics is the better one.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

import tantivy

from marketplace.accounts.actor import Actor
from marketplace.demo.content import demo_content
from marketplace.demo.texts import ListingText
from marketplace.search.engine import Engine
from marketplace.search.filters import Filters
from marketplace.search.index.documents import Facts, document
from marketplace.search.index.fields import schema
from marketplace.search.understanding import understand

FILE = Path(__file__).with_name("queries.txt")
SHOWN = 10

Find = Callable[[str], Sequence[int]]


class Graded(Protocol):
    """A query that can say how well a listing answers it."""

    @property
    def text(self) -> str:
        """What is typed."""

    def grade(self, listing: ListingText) -> int:
        """Say how well a listing answers the query; 0 is not at all."""


@dataclass(frozen=True, slots=True)
class Labelled:
    """One query, and what answers it."""

    text: str
    topics: frozenset[str]
    phases: frozenset[str]

    def grade(self, listing: ListingText) -> int:
        """Say how well a listing answers the query, from 0 to 2."""
        if self.topics.isdisjoint(listing.topics):
            return 0
        fits = not self.phases or not self.phases.isdisjoint(listing.phases)
        return 2 if fits else 1


@dataclass(frozen=True, slots=True)
class Quality:
    """The mean nDCG@10, the share of queries that find nothing, and each query’s own nDCG.

    Queries that no listing answers have no nDCG and are not in these; ``unanswered`` says how many
    listings, ten at most, each of them is shown all the same.
    """

    ndcg: float
    empty: float
    by_query: dict[str, float]
    unanswered: dict[str, int]


def queries() -> list[Labelled]:
    """Return the labelled queries."""
    found = []
    for line in FILE.read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            text, topics, phases, *_ = [part.strip() for part in f"{line}||".split("|")]
            found.append(Labelled(text, frozenset(topics.split()), frozenset(phases.split())))
    return found


def offers() -> list[ListingText]:
    """Return the offers of the demo."""
    return list(demo_content().offers)


def requests() -> list[ListingText]:
    """Return the requests of the demo."""
    return list(demo_content().requests)


def measure(
    find: Find, listings: Sequence[ListingText], asked: Sequence[Graded] | None = None
) -> Quality:
    """Measure a search that returns the places in ``listings`` of what it finds, best first.

    ``asked`` are the queries, the labelled ones unless others are given.
    """
    by_query: dict[str, float] = {}
    unanswered: dict[str, int] = {}
    empty = 0
    for query in queries() if asked is None else asked:
        grades = [query.grade(listing) for listing in listings]
        shown = find(query.text)[:SHOWN]
        ideal = _gain(sorted(grades, reverse=True)[:SHOWN])
        if not ideal:
            unanswered[query.text] = len(shown)
            continue
        empty += not shown
        by_query[query.text] = _gain([grades[place] for place in shown]) / ideal
    number = len(by_query)
    return Quality(sum(by_query.values()) / number, empty / number, by_query, unanswered)


def engine_of(listings: Sequence[ListingText], folder: Path) -> Engine:
    """Return the engine over these listings of one school, whose numbers are their places."""
    index = tantivy.Index(schema(), path=str(folder))
    writer = index.writer(15_000_000, 1)
    for place, text in enumerate(listings):
        writer.add_document(document(_facts(place, text)))
    writer.commit()
    writer.wait_merging_threads()
    index.reload()
    return Engine(index.searcher(), Actor(1, "A person", frozenset(), urn=1))


def find_with(engine: Engine) -> Find:
    """Return the search as the page does it, without filters."""

    def find(text: str) -> list[int]:
        understood = understand(engine, text)
        return [hit.id for hit in engine.best(understood.query, Filters())]

    return find


def _gain(grades: Sequence[int]) -> float:
    return sum((2**grade - 1) / math.log2(place + 2) for place, grade in enumerate(grades))


def _facts(place: int, text: ListingText) -> Facts:
    return Facts(
        id=place,
        kind=text.kind,
        title=text.title,
        description=text.description,
        mode=text.mode,
        minutes=60,
        topics=text.topics,
        phases=text.phases,
        seen_by=("all",),
        only=None,
        miles=None,
        urn=2,
        school="Highfield Primary School",
        trust_name=None,
        trust_id=None,
        authority="892",
        authority_name="Nottingham",
        town="Nottingham",
        region="East Midlands",
        school_phase="primary",
        size=None,
        setting=None,
        easting=None,
        northing=None,
        updated_at=datetime(2026, 9, 1, tzinfo=UTC),
    )
