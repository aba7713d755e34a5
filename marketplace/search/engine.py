"""Asking the index: which listings fit, in what order, and how many there are of each kind.

What is answered is only a proposal: the database says what of it may be shown.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum
from typing import Any

import tantivy
from tantivy import Occur, Query

from marketplace import clock
from marketplace.accounts.actor import Actor
from marketplace.search.index.asking import any_of, box, from_today, not_now, silent, together
from marketplace.search.index.audiences import visible
from marketplace.search.index.documents import microseconds
from marketplace.search.index.fields import FACETS, schema
from marketplace.search.words.vocabulary import Vocabulary, vocabulary

MOST_VALUES = 200
MOST_SCHOOLS = 1000
"""Where more schools than this have something, it does not matter how many more."""
RINGS = (2_500, 5_000, 10_000, 20_000, 40_000, 80_000, 160_000, 320_000)
"""How far, in metres, the nearest are looked for at first: most searches need not measure all."""
NOWHERE = 2**62
OWN_FILTER = {"groups": "topics"}
"""Fields whose values are chosen by the filter of another one."""


class Whose(StrEnum):
    """Of which schools listings are, seen from the one that is acted for."""

    ANYBODY = "anybody"
    OURS = "ours"
    """Of the school itself, or of its trust."""
    OTHERS = "others"


@dataclass(frozen=True, slots=True)
class Hit:
    """One listing that fits: the lower the rank, the better; of one rank, the newest first."""

    rank: float
    id: int


@dataclass(frozen=True, slots=True)
class Filters:
    """What narrows a search besides its words: values by field, of which one must fit each."""

    values: dict[str, Sequence[str]] = field(default_factory=dict)
    within: Query | None = None
    """Only listings of schools within a distance (see ``circles``); None for all."""
    whose: Whose = Whose.ANYBODY
    may_be_asked: bool | None = None
    """Whether offers of schools that said not now are left out; if false, there is nothing else."""

    def without(self, name: str) -> Filters:
        """Return the same filters but one."""
        return replace(self, values={k: v for k, v in self.values.items() if k != name})

    def having(self, name: str, *values: str) -> Filters:
        """Return the same filters and one of these values of the field, in place of others."""
        return replace(self, values={**self.values, name: values})


class Engine:
    """The index at one instant, as one actor may see it.

    ``fresh`` is a second index, of the actor's own listings that the first one does not have as
    they are now; ``stale`` are their numbers, which do not count in the first one. ``group_ids``
    are the groups of schools that the school acted for is in.
    """

    def __init__(
        self,
        searcher: tantivy.Searcher,
        actor: Actor,
        fresh: tantivy.Searcher | None = None,
        stale: Sequence[int] = (),
        group_ids: Iterable[int] = (),
        known: Vocabulary | None = None,
    ) -> None:
        self.vocabulary = known or vocabulary()
        """The words that the index was written in."""
        self._words: Counter[str] | None = None
        indexed = [(Occur.Must, visible(actor, group_ids, searcher))]
        if stale:
            indexed.append((Occur.MustNot, Query.term_set_query(schema(), "id", list(stale))))
        self._parts = [(searcher, indexed)]
        if fresh is not None:
            self._parts.append((fresh, [(Occur.Must, visible(actor, group_ids, fresh))]))
        self._ours = _of_school_or_trust(actor)
        self._not_now = [not_now(searcher) for searcher, _conditions in self._parts]
        self.has_not_now = any(query is not None for query in self._not_now)
        """Whether there are offers of schools that said not now."""

    def count(self, words: Query, filters: Filters) -> int:
        """Return how many listings fit."""
        total = 0
        for searcher, query in self._queries(words, filters):
            found: Any = searcher.search(query, limit=1)
            total += found.count
        return total

    def best(self, words: Query, filters: Filters, limit: int = 1000) -> list[Hit]:
        """Return what fits best, at most ``limit``; of what fits as well, the newest first."""
        return self.count_and_best(words, filters, limit)[1]

    def count_and_best(self, words: Query, filters: Filters, limit: int) -> tuple[int, list[Hit]]:
        """Return how many listings fit, and the best of them."""
        total = 0
        hits = []
        weight = math.log2(1 + microseconds(clock.now()))
        for searcher, query in self._queries(words, filters):
            # The weight of an instant, its logarithm, hardly differs from that of another: it only
            # parts ties, and is taken out again but for that.
            found: Any = searcher.search(query, limit=limit, weight_by_field="updated")
            total += found.count
            numbers = _numbers(searcher, "id", found.hits)
            hits += [
                Hit(-score / weight, number)
                for (score, _address), number in zip(found.hits, numbers, strict=True)
            ]
        # Those of the same rank stay in the engine's order, which is the same for every limit.
        return total, sorted(hits, key=lambda hit: hit.rank)[:limit]

    def newest(self, words: Query, filters: Filters, limit: int) -> list[Hit]:
        """Return the newest that fit, at most ``limit``."""
        hits = []
        for searcher, query in self._queries(words, filters):
            found = searcher.search(query, limit=limit, count=False, order_by_field="id").hits
            hits += [Hit(0, number) for number in _numbers(searcher, "id", found)]
        return _in_order(hits)[:limit]

    def soonest(self, words: Query, filters: Filters, limit: int) -> list[Hit]:
        """Return what fits, the soonest that can be had first; then, the newest first, the rest.

        The ranks of the first are ordinals of days. Of the rest nobody knows when, or the index has
        only a day that has passed.
        """
        to_come = from_today()
        hits = []
        known = together([(Occur.Must, words), (Occur.Must, to_come)])
        for searcher, query in self._queries(known, filters):
            found = searcher.search(
                query, limit=limit, count=False, order_by_field="free_on", order=tantivy.Order.Asc
            ).hits
            numbers = _numbers(searcher, "id", found)
            hits += [
                Hit(day, number) for (day, _address), number in zip(found, numbers, strict=True)
            ]
        # Those of one day stay in the engine's order, which is the same for every limit.
        hits = sorted(hits, key=lambda hit: hit.rank)[:limit]
        if len(hits) < limit:
            unknown = together([(Occur.Must, words), (Occur.MustNot, to_come)])
            rest = self.newest(unknown, filters, limit - len(hits))
            hits += [Hit(NOWHERE, hit.id) for hit in rest]
        return hits

    def free_days(self, listing_ids: Sequence[int]) -> dict[int, date]:
        """Return the first day on which each of these listings can be had, where it is known."""
        found: dict[int, date] = {}
        query = Query.term_set_query(schema(), "id", list(listing_ids))
        asked = together([(Occur.Must, silent(query)), (Occur.Must, from_today())])
        for searcher, conditions in self._parts if listing_ids else ():
            condition = together([(Occur.Must, asked), *conditions])
            hits = searcher.search(condition, limit=len(listing_ids), count=False).hits
            numbers, days = (_numbers(searcher, name, hits) for name in ("id", "free_on"))
            found |= {
                number: date.fromordinal(day) for number, day in zip(numbers, days, strict=True)
            }
        return found

    def nearest(
        self, words: Query, filters: Filters, position: tuple[int, int], limit: int
    ) -> list[Hit]:
        """Return the nearest that fit, at most ``limit``; their ranks are square metres.

        Schools without a position come last.
        """
        for metres in RINGS:
            near = together([(Occur.Must, words), *box(position, metres)])
            if (total := self.count(near, filters)) >= limit:
                hits = self._by_distance(near, filters, position, total)
                # What is in a corner of the box may be farther than what is beside it.
                if hits[limit - 1].rank <= metres**2:
                    return hits[:limit]
        total = self.count(words, filters)
        return self._by_distance(words, filters, position, total)[:limit]

    def count_schools(
        self, words: Query, filters: Filters, position: tuple[int, int], metres: int
    ) -> int:
        """Return how many schools about so near have what fits, at most ``MOST_SCHOOLS``."""
        near = together([(Occur.Must, words), *box(position, metres)])
        asked = {"schools": {"terms": {"field": "urn", "size": MOST_SCHOOLS}}}
        found: set[int] = set()
        for searcher, query in self._queries(near, filters):
            answer: dict[str, Any] = searcher.aggregate(query, asked)
            found.update(int(one["key"]) for one in answer["schools"]["buckets"])
        return len(found)

    def facets(
        self, words: Query, filters: Filters, names: Sequence[str] = FACETS
    ) -> dict[str, Counter[str]]:
        """Return how many listings have each value of each field, whatever its own filter is."""
        narrowed = [name for name in names if OWN_FILTER.get(name, name) in filters.values]
        others = [name for name in names if name not in narrowed]
        kinds = filters.values.get("kind", ())
        if "kind" in narrowed and len(kinds) == 1:
            narrowed.remove("kind")
            counts = self._facets_of_kind(words, filters, others, kinds[0])
        else:
            counts = self._facets(words, filters, others)
        for own in dict.fromkeys(OWN_FILTER.get(name, name) for name in narrowed):
            of_one = [name for name in narrowed if OWN_FILTER.get(name, name) == own]
            counts |= self._facets(words, filters.without(own), of_one)
        return counts

    def count_pairs(
        self, words: Query, filters: Filters, outer: str, inner: str
    ) -> Counter[tuple[str, str]]:
        """Return how many listings have each pair of values of two fields, in one question.

        With "" for the second value it is how many have the first one.
        """
        asked = {outer: {**_terms_of([outer])[outer], "aggs": _terms_of([inner])}}
        counts: Counter[tuple[str, str]] = Counter()
        for searcher, query in self._queries(words, filters):
            answer: dict[str, Any] = searcher.aggregate(query, asked)
            for bucket in answer[outer]["buckets"]:
                counts[bucket["key"], ""] += int(bucket["doc_count"])
                for part in bucket[inner]["buckets"]:
                    counts[bucket["key"], part["key"]] += int(part["doc_count"])
        return counts

    def words_beginning(self, beginning: str, limit: int) -> list[str]:
        """Return the commonest words of listings that begin so."""
        return [
            word
            for searcher, _conditions in self._parts
            for word, _count in searcher.terms_with_prefix("surface", beginning, limit=limit)
        ]

    def words_known(self) -> Counter[str]:
        """Return every word of listings, and of the names and places of their schools."""
        if self._words is None:
            self._words = Counter()
            for searcher, _conditions in self._parts:
                for name in ("surface", "names"):
                    self._words.update(dict(searcher.terms_with_prefix(name, "")))
        return self._words

    def _by_distance(
        self, words: Query, filters: Filters, position: tuple[int, int], total: int
    ) -> list[Hit]:
        hits = []
        for searcher, query in self._queries(words, filters):
            found = searcher.search(query, limit=max(total, 1), count=False).hits
            numbers, easts, norths = (
                _numbers(searcher, name, found) for name in ("id", "easting", "northing")
            )
            for number, east, north in zip(numbers, easts, norths, strict=True):
                square = NOWHERE
                if east is not None:
                    square = (east - position[0]) ** 2 + (north - position[1]) ** 2
                hits.append(Hit(square, number))
        return _in_order(hits)

    def _facets(
        self, words: Query, filters: Filters, names: Sequence[str]
    ) -> dict[str, Counter[str]]:
        counts: dict[str, Counter[str]] = {name: Counter() for name in names}
        for searcher, query in self._queries(words, filters) if names else ():
            _add_buckets(counts, searcher.aggregate(query, _terms_of(names)))
        return counts

    def _facets_of_kind(
        self, words: Query, filters: Filters, names: Sequence[str], kind: str
    ) -> dict[str, Counter[str]]:
        """The counts of these fields for one kind, and those of every kind, in one question."""
        counts: dict[str, Counter[str]] = {name: Counter() for name in (*names, "kind")}
        asked = {"kind": {**_terms_of(["kind"])["kind"], "aggs": _terms_of(names)}}
        for searcher, query in self._queries(words, filters.without("kind")):
            answer: dict[str, Any] = searcher.aggregate(query, asked)
            for bucket in answer["kind"]["buckets"]:
                counts["kind"][str(bucket["key"])] += int(bucket["doc_count"])
                if bucket["key"] == kind:
                    _add_buckets(counts, {name: bucket[name] for name in names})
        return counts

    def _queries(self, words: Query, filters: Filters) -> list[tuple[tantivy.Searcher, Query]]:
        parts = [(Occur.Must, words)]
        for name, values in filters.values.items():
            parts.append((Occur.Must, any_of(name, values)))
        if filters.within is not None:
            parts.append((Occur.Must, filters.within))
        if filters.whose is Whose.OURS:
            parts.append((Occur.Must, silent(self._ours)))
        elif filters.whose is Whose.OTHERS:
            parts.append((Occur.MustNot, self._ours))
        queries = []
        for (searcher, conditions), later in zip(self._parts, self._not_now, strict=True):
            asked = [*parts, *conditions]
            if filters.may_be_asked is False:
                asked.append((Occur.Must, later or Query.empty_query()))
            elif filters.may_be_asked and later is not None:
                asked.append((Occur.MustNot, later))
            queries.append((searcher, together(asked)))
        return queries


def _numbers(
    searcher: tantivy.Searcher, name: str, hits: Sequence[tuple[Any, tantivy.DocAddress]]
) -> list[Any]:
    return searcher.fast_field_values(name, [address for _key, address in hits])


def _terms_of(names: Sequence[str]) -> dict[str, Any]:
    return {name: {"terms": {"field": name, "size": MOST_VALUES}} for name in names}


def _add_buckets(counts: dict[str, Counter[str]], answer: dict[str, Any]) -> None:
    for name, found in answer.items():
        for bucket in found["buckets"]:
            counts[name][str(bucket["key"])] += int(bucket["doc_count"])


def _in_order(hits: list[Hit]) -> list[Hit]:
    return sorted(hits, key=lambda hit: (hit.rank, -hit.id))


def _of_school_or_trust(actor: Actor) -> Query:
    if actor.urn is None:
        return Query.empty_query()
    ours = [(Occur.Should, any_of("urn", [actor.urn]))]
    if actor.trust_id is not None:
        ours.append((Occur.Should, any_of("trust", [str(actor.trust_id)])))
    return together(ours)
