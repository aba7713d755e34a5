"""Asking the index: which listings fit, in what order, and how many there are of each kind.

What is answered is only a proposal: the database says what of it may be shown.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import replace
from datetime import date
from typing import Any, TypeVar

import tantivy
from tantivy import Occur, Query

from marketplace import clock
from marketplace.accounts.actor import Actor
from marketplace.search.counting import (
    Counted,
    add_buckets,
    counted_for_others,
    terms_of,
    values_of,
)
from marketplace.search.facet_counts import PHASE_SETS, counts_of
from marketplace.search.filters import NOT_LOOKED_UP, Conditions, Filters, Hit, Whose
from marketplace.search.index.answers import count_for_all, last_of, numbers_of, words_of
from marketplace.search.index.asking import (
    any_of,
    at_least,
    box,
    from_today,
    not_now,
    silent,
    together,
)
from marketplace.search.index.audiences import visible
from marketplace.search.index.cells import cells_around
from marketplace.search.index.documents import microseconds
from marketplace.search.index.fields import FACETS, schema
from marketplace.search.index.memory import Memory
from marketplace.search.words.vocabulary import Vocabulary, vocabulary

T = TypeVar("T")

MOST_SCHOOLS = 1000
"""Where more schools than this have something, it does not matter how many more."""
RINGS = (2_500, 5_000, 10_000, 20_000, 40_000, 80_000, 160_000, 320_000)
"""How far, in metres, the nearest are looked for at first: most searches need not measure all."""
MOST_IN_CELLS = 40_000
NOWHERE = 2**62
MANY = 500
"""Where fewer fit, all of them are looked at."""
MARGIN = 3
"""Among how many times more than needed the newest are looked for at first."""


class Engine:
    """The index at one instant, as one actor may see it.

    ``fresh`` is a second index, of the actor's own listings that the first one does not have as
    they are now; ``stale`` are their numbers, which do not count in the first one. ``group_ids``
    are the groups of schools that the school acted for is in. ``memory`` is of the first index.
    """

    def __init__(
        self,
        searcher: tantivy.Searcher,
        actor: Actor,
        fresh: tantivy.Searcher | None = None,
        stale: Sequence[int] = (),
        group_ids: Iterable[int] = (),
        known: Vocabulary | None = None,
        memory: Memory | None = None,
    ) -> None:
        self.memory = memory or Memory()
        """What is known about the first index already."""
        self.vocabulary = known or vocabulary()
        """The words that the index was written in."""
        self._words: Counter[str] | None = None
        groups = frozenset(group_ids)
        self._viewer = (_belonging(actor), groups)
        seen = self.memory.recall(
            ("visible", *self._viewer), lambda: visible(actor, groups, searcher)
        )
        indexed = [(Occur.Must, seen)]
        if stale:
            indexed.append((Occur.MustNot, Query.term_set_query(schema(), "id", list(stale))))
        self._parts = [(searcher, indexed)]
        if fresh is not None:
            self._parts.append((fresh, [(Occur.Must, visible(actor, groups, fresh))]))
        self._actor = actor
        self._stale = len(stale)
        self._ours = _of_school_or_trust(actor)
        self._not_now = [not_now(searcher) for searcher, _conditions in self._parts]
        self.has_not_now = any(query is not None for query in self._not_now)
        """Whether there are offers of schools that said not now."""

    def recall(self, key: Hashable, find_out: Callable[[], T]) -> T:
        """Return what is known of the words of all listings under ``key``; else find it out."""
        return self.memory.recall(key, find_out) if len(self._parts) == 1 else find_out()

    def recall_search(self, key: Hashable, find_out: Callable[[], T]) -> T:
        """Return what a search found before for who may see the same; else find it out.

        Somebody turns the page, or comes back from a listing. It is not to be changed.
        """
        if len(self._parts) > 1 or self._stale:
            return find_out()
        return self.memory.searches.recall((self._viewer, key), find_out)

    def count(self, words: Query, filters: Filters) -> int:
        """Return how many listings fit."""
        total = 0
        for searcher, query in self._queries(words, filters):
            # Without ranks the engine counts in half the time.
            found: Any = searcher.search(silent(query), limit=1)
            total += found.count
        return total

    def has(self, meaning: Hashable, words: Query, least: int = 1) -> bool:
        """Say whether at least so many listings have ``words``, whatever else they are.

        What everybody may see is counted once for all; ``meaning`` tells ``words`` from others.
        """
        known = self.memory.recall(
            ("words", meaning), lambda: count_for_all(self._parts[0][0], words)
        )
        if known - self._stale >= least:
            return True
        return self.count(words, Filters()) >= least

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
            numbers, days = (numbers_of(searcher, name, found.hits) for name in ("id", "free_on"))
            hits += [
                Hit(-score / weight, number, day)
                for (score, _address), number, day in zip(found.hits, numbers, days, strict=True)
            ]
        # Those of the same rank stay in the engine's order, which is the same for every limit.
        return total, sorted(hits, key=lambda hit: hit.rank)[:limit]

    def newest(
        self, words: Query, filters: Filters, limit: int, total: int | None = None
    ) -> list[Hit]:
        """Return the newest that fit, at most ``limit``; ``total`` is how many fit, if known."""
        if total is not None and total > MANY:
            # Where many fit, so many of them are among the last ones that the others need no look.
            last = self.memory.recall("last", lambda: last_of(self._parts[0][0]))
            since = last - last * limit * MARGIN // total
            recent = together([(Occur.Must, words), (Occur.Must, at_least("id", since))])
            hits = self.newest(recent, filters, limit)
            if len(hits) == limit:
                return hits
        hits = []
        for searcher, query in self._queries(words, filters):
            found = searcher.search(query, limit=limit, count=False, order_by_field="id").hits
            hits += [Hit(0, number) for number in numbers_of(searcher, "id", found)]
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
            numbers = numbers_of(searcher, "id", found)
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

    def free_days(self, listing_ids: Sequence[int], hits: Iterable[Hit] = ()) -> dict[int, date]:
        """Return the first day on which each of these listings can be had, where it is known.

        What ``hits`` say of it is not looked up again.
        """
        found = {hit.id: hit.free_on for hit in hits if hit.free_on != NOT_LOOKED_UP}
        others = [number for number in listing_ids if number not in found]
        query = silent(Query.term_set_query(schema(), "id", others))
        for searcher, _conditions in self._parts if others else ():
            answer = searcher.search(query, limit=len(others), count=False).hits
            numbers, days = (numbers_of(searcher, name, answer) for name in ("id", "free_on"))
            found |= dict(zip(numbers, days, strict=True))
        first = clock.today().toordinal()
        return {
            number: date.fromordinal(day)
            for number, day in found.items()
            if day is not None and day >= first
        }

    def nearest(
        self,
        words: Query,
        filters: Filters,
        position: tuple[int, int],
        limit: int,
        total: int | None = None,
        radius: float = 0,
    ) -> list[Hit]:
        """Return the nearest that fit, at most ``limit``; their ranks are square metres.

        Schools without a position come last. ``total`` is how many fit, if known; ``radius`` is how
        many metres from the position ``filters`` end, if they are around it.
        """
        for metres in RINGS if total is None or total > MANY else ():
            there = together([(Occur.Must, words), *around(position, metres)])
            # What is taken from a ring is within it, and so within a greater circle.
            narrowed = replace(filters, within=None) if metres <= radius else filters
            hits = self._by_distance(there, narrowed, position, MANY)
            # What is in a corner of the box may be farther than what is beside it.
            if len(hits) >= limit and hits[limit - 1].rank <= metres**2:
                return hits[:limit]
        return self._by_distance(words, filters, position, total or MANY)[:limit]

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
        self, words: Query | None, filters: Filters, names: Sequence[str] = FACETS
    ) -> dict[str, Counter[str]]:
        """Return how many listings have each value of each field, whatever its own filter is.

        Without ``words``, what everybody may see is counted once for all.
        """
        return counts_of(
            lambda *asked: self._answers(words, *asked), filters, names, self._phase_sets
        )

    def count_pairs(
        self, words: Query, filters: Filters, outer: str, inner: str
    ) -> Counter[tuple[str, str]]:
        """Return how many listings have each pair of values of two fields, in one question.

        With "" for the second value it is how many have the first one.
        """
        asked = {
            column: {**terms, "aggs": terms_of([inner])}
            for column, terms in terms_of([outer]).items()
        }
        counts: Counter[tuple[str, str]] = Counter()
        for searcher, query in self._queries(words, filters):
            answer: dict[str, Any] = searcher.aggregate(query, asked)
            for bucket in (one for column in asked for one in answer[column]["buckets"]):
                parts: dict[str, Counter[str]] = {inner: Counter()}
                add_buckets(parts, [inner], bucket, 1)
                for value in values_of(bucket):
                    counts[value, ""] += int(bucket["doc_count"])
                    for part, count in parts[inner].items():
                        counts[value, part] += count
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
            self._words = self.memory.recall("words", lambda: words_of(self._parts[0][0]))
            for searcher, _conditions in self._parts[1:]:
                self._words = self._words + words_of(searcher)
        return self._words

    def names_known(self) -> Counter[str]:
        """Return every word of the names and places of the schools that have listings."""
        return self.memory.recall("names", lambda: words_of(self._parts[0][0], ("names",)))

    def _by_distance(
        self, words: Query, filters: Filters, position: tuple[int, int], expected: int
    ) -> list[Hit]:
        """All that fit; it takes least if there are at most as many as ``expected``."""
        hits = []
        for searcher, query in self._queries(words, filters):
            answer: Any = searcher.search(silent(query), limit=max(expected, 1))
            if answer.count > expected:
                answer = searcher.search(silent(query), limit=answer.count, count=False)
            found = answer.hits
            numbers, easts, norths = (
                numbers_of(searcher, name, found) for name in ("id", "easting", "northing")
            )
            for number, east, north in zip(numbers, easts, norths, strict=True):
                square = NOWHERE
                if east is not None:
                    square = (east - position[0]) ** 2 + (north - position[1]) ** 2
                hits.append(Hit(square, number))
        return _in_order(hits)

    def _answers(self, words: Query | None, filters: Filters, asked: dict[str, Any]) -> Counted:
        """What the engine counts, and whether it is to be added or (-1) taken away."""
        everything = Query.all_query()
        is_for_all = words is None and filters.within is None and filters.whose is Whose.OTHERS
        if not is_for_all or self._actor.urn is None:
            queries = self._queries(words or everything, filters)
            return [(1, searcher.aggregate(query, asked)) for searcher, query in queries]
        searcher, indexed = self._parts[0]
        counted = counted_for_others(
            searcher, self.memory, indexed, self._ours, filters.values, asked
        )
        return counted + [
            (1, fresh.aggregate(query, asked))
            for fresh, query in self._queries(everything, filters)[1:]
        ]

    def _queries(self, words: Query, filters: Filters) -> list[tuple[tantivy.Searcher, Query]]:
        parts = [(Occur.Must, words)]
        for name, values in filters.values.items():
            parts.append((Occur.Must, any_of(name, values)))
        if filters.within is not None:
            parts += filters.within.exact
            if filters.whose is not Whose.OURS:  # which are few
                parts.append((Occur.Must, filters.within.cells))
        if filters.whose is Whose.OURS:
            parts.append((Occur.Must, silent(self._ours)))
        elif filters.whose is Whose.OTHERS:
            parts.append((Occur.MustNot, self._ours))
        queries = []
        for (searcher, conditions), later in zip(self._parts, self._not_now, strict=True):
            if filters.whose is Whose.OURS and searcher is self._parts[0][0]:
                conditions = [(Occur.Must, self._seen_of_ours()), *conditions[1:]]
            asked = [*parts, *conditions]
            if filters.may_be_asked is False:
                asked.append((Occur.Must, later or Query.empty_query()))
            elif filters.may_be_asked and later is not None:
                asked.append((Occur.MustNot, later))
            queries.append((searcher, together(asked)))
        return queries

    def _phase_sets(self) -> frozenset[str]:
        """Every combination of phases that a listing has."""

        def in_index(searcher: tantivy.Searcher) -> frozenset[str]:
            return frozenset(one for one, _count in searcher.terms_with_prefix(PHASE_SETS, ""))

        (first, _conditions), *fresh = self._parts
        known = self.memory.recall(PHASE_SETS, lambda: in_index(first))
        return known.union(*(in_index(searcher) for searcher, _conditions in fresh))

    def _seen_of_ours(self) -> Query:
        """What of the school and its trust the actor may see in the first index."""
        (searcher, conditions), *_fresh = self._parts

        def find_out() -> Query:
            query = silent(together([(Occur.Must, self._ours), conditions[0]]))
            answer: Any = searcher.search(query, limit=MANY)
            if answer.count > MANY:
                return conditions[0][1]
            ids = numbers_of(searcher, "id", answer.hits)
            if not ids:
                return Query.empty_query()
            return silent(Query.term_set_query(schema(), "id", ids))

        # They are few: to look at them is quicker than to find out anew who may see what.
        return self.memory.recall(("ours", *self._viewer), find_out)


def around(position: tuple[int, int], metres: int) -> Conditions:
    """Return the conditions of what is in a square around a position.

    Cells of the grid are quicker than coordinates; for a great square, there are too many of them.
    """
    square = box(position, metres)
    if metres > MOST_IN_CELLS:
        return square
    return [(Occur.Must, cells_around(position, math.ceil(metres * math.sqrt(2)))), *square]


def _belonging(actor: Actor) -> tuple[Any, ...]:
    """What decides what somebody may see besides groups."""
    circles = actor.region, actor.local_authority_code, actor.trust_id
    return actor.urn, *circles, actor.position, actor.traits


def _in_order(hits: list[Hit]) -> list[Hit]:
    return sorted(hits, key=lambda hit: (hit.rank, -hit.id))


def _of_school_or_trust(actor: Actor) -> Query:
    if actor.urn is None:
        return Query.empty_query()
    ours = [(Occur.Should, any_of("urn", [actor.urn]))]
    if actor.trust_id is not None:
        ours.append((Occur.Should, any_of("trust", [str(actor.trust_id)])))
    return together(ours)
