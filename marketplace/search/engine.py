"""Asking the index: which listings fit, in what order, and how many there are of each kind.

What is answered is only a proposal: the database says what of it may be shown.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import tantivy
from tantivy import Occur, Query

from marketplace.accounts.actor import Actor
from marketplace.search.index.asking import box, silent, together
from marketplace.search.index.audiences import visible
from marketplace.search.index.fields import FACETS, schema
from marketplace.search.words.asked import Meaning

TITLE, TOPIC_WORDS, BODY = 3.0, 1.5, 1.0
NARROWER = 0.4
"""What a narrower word counts, of what the word itself does."""
SAME_TOPIC, SAME_PHASE, NAME = 2.0, 1.0, 2.0
WEAK = 0.15
WITH_ALL = 100.0
"""More than a listing with some of the words can have."""
RANKED = 1000
"""How many hits are put in order by fit or distance; later ones cannot be paged to."""
MOST_VALUES = 100
RINGS = (5_000, 20_000, 80_000, 300_000)
"""How far, in metres, the nearest are looked for at first: most searches need not measure all."""
NOWHERE = 2**62


@dataclass(frozen=True, slots=True)
class Hit:
    """One listing that fits: the lower the rank, the better; of one rank, the newest first."""

    rank: int
    id: int


@dataclass(frozen=True, slots=True)
class Filters:
    """What narrows a search besides its words: values by field, of which one must fit each."""

    values: dict[str, Sequence[str]] = field(default_factory=dict)
    urns: Sequence[int] | None = None
    """Only listings of these schools; None for all."""

    def without(self, name: str) -> Filters:
        """Return the same filters but one."""
        return replace(self, values={k: v for k, v in self.values.items() if k != name})


def all_of(meanings: Iterable[Meaning]) -> Query:
    """Return the query for listings that have every meaning; weak ones only sort them."""
    parts = [(Occur.Should if one.weak else Occur.Must, _query(one)) for one in meanings]
    return together(parts)


def some_of(meanings: Iterable[Meaning]) -> Query:
    """Return the query for listings that have at least one meaning that is not weak."""
    strong = [(Occur.Should, _query(one)) for one in meanings if not one.weak]
    return together([(Occur.Must, together(strong))]) if strong else Query.empty_query()


def all_then_some_of(meanings: Sequence[Meaning], some: Sequence[Meaning]) -> Query:
    """Return the query for listings with at least one of ``some``; those with all come first."""
    with_all = Query.const_score_query(all_of(meanings), WITH_ALL)
    weak = [(Occur.Should, _query(one)) for one in meanings if one.weak]
    return together([(Occur.Must, some_of(some)), (Occur.Should, with_all), *weak])


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
    ) -> None:
        indexed = [(Occur.Must, visible(actor, group_ids, searcher))]
        if stale:
            indexed.append((Occur.MustNot, Query.term_set_query(schema(), "id", list(stale))))
        self._parts = [(searcher, indexed)]
        if fresh is not None:
            self._parts.append((fresh, [(Occur.Must, visible(actor, group_ids, fresh))]))

    def count(self, words: Query, filters: Filters) -> int:
        """Return how many listings fit."""
        total = 0
        for searcher, query in self._queries(words, filters):
            found: Any = searcher.search(query, limit=1)
            total += found.count
        return total

    def best(self, words: Query, filters: Filters) -> list[Hit]:
        """Return what fits best, at most ``RANKED``."""
        hits = []
        for searcher, query in self._queries(words, filters):
            found = searcher.search(query, limit=RANKED, count=False).hits
            numbers = _numbers(searcher, "id", found)
            hits += [
                Hit(-round(score * 1000), number)
                for (score, _address), number in zip(found, numbers, strict=True)
            ]
        return _in_order(hits)

    def newest(self, words: Query, filters: Filters, before: int | None, limit: int) -> list[Hit]:
        """Return the newest that fit, with numbers below ``before``."""
        if before is not None:
            older = Query.range_query(
                schema(), "id", tantivy.FieldType.Unsigned, 0, before, include_upper=False
            )
            words = together([(Occur.Must, words), (Occur.Must, silent(older))])
        hits = []
        for searcher, query in self._queries(words, filters):
            found = searcher.search(query, limit=limit, count=False, order_by_field="id").hits
            hits += [Hit(0, number) for number in _numbers(searcher, "id", found)]
        return _in_order(hits)[:limit]

    def nearest(self, words: Query, filters: Filters, position: tuple[int, int]) -> list[Hit]:
        """Return the nearest that fit, by square metres; schools without a position come last."""
        total = self.count(words, filters)
        for metres in RINGS:
            near = together([(Occur.Must, words), *box(position, metres)])
            if (count := self.count(near, filters)) >= RANKED:
                words, total = near, count
                break
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
        return _in_order(hits)[:RANKED]

    def facets(
        self, words: Query, filters: Filters, names: Sequence[str] = FACETS
    ) -> dict[str, Counter[str]]:
        """Return how many listings have each value of each field, whatever its own filter is."""
        counts = self._facets(words, filters, [n for n in names if n not in filters.values])
        for name in names:
            if name in filters.values:
                counts |= self._facets(words, filters.without(name), [name])
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
        known: Counter[str] = Counter()
        for searcher, _conditions in self._parts:
            for name in ("surface", "names"):
                known.update(dict(searcher.terms_with_prefix(name, "")))
        return known

    def _facets(
        self, words: Query, filters: Filters, names: Sequence[str]
    ) -> dict[str, Counter[str]]:
        counts: dict[str, Counter[str]] = {name: Counter() for name in names}
        asked = {name: {"terms": {"field": name, "size": MOST_VALUES}} for name in names}
        for searcher, query in self._queries(words, filters) if names else ():
            answer: dict[str, Any] = searcher.aggregate(query, asked)
            for name in names:
                for one in answer[name]["buckets"]:
                    counts[name][str(one["key"])] += int(one["doc_count"])
        return counts

    def _queries(self, words: Query, filters: Filters) -> list[tuple[tantivy.Searcher, Query]]:
        parts = [(Occur.Must, words)]
        for name, values in filters.values.items():
            fits = Query.term_set_query(schema(), name, list(values))
            parts.append((Occur.Must, silent(fits) if values else Query.empty_query()))
        if filters.urns is not None:
            of_these = Query.term_set_query(schema(), "urn", list(filters.urns))
            parts.append((Occur.Must, silent(of_these) if filters.urns else Query.empty_query()))
        return [(searcher, together([*parts, *conditions])) for searcher, conditions in self._parts]


def _numbers(
    searcher: tantivy.Searcher, name: str, hits: Sequence[tuple[Any, tantivy.DocAddress]]
) -> list[Any]:
    return searcher.fast_field_values(name, [address for _key, address in hits])


def _in_order(hits: list[Hit]) -> list[Hit]:
    return sorted(hits, key=lambda hit: (hit.rank, -hit.id))


def _query(meaning: Meaning) -> Query:
    """A listing fits if it has any of the tokens, the topics, the phases, or the name."""
    parts = []
    for tokens, share in ((meaning.tokens, 1.0), (meaning.narrower, NARROWER)):
        for token in tokens:
            for name, weight in (("title", TITLE), ("topic_words", TOPIC_WORDS), ("body", BODY)):
                parts.append(_boosted(_term(name, token), weight * share))
    for name, slugs, score in (
        ("topics", meaning.topics, SAME_TOPIC),
        ("phases", meaning.phases, SAME_PHASE),
    ):
        if slugs:
            fits = Query.term_set_query(schema(), name, sorted(slugs))
            parts.append(Query.const_score_query(fits, score))
    if meaning.names:
        named = together([(Occur.Must, _term("names", word)) for word in meaning.names])
        parts.append(Query.const_score_query(named, NAME))
    best = Query.disjunction_max_query(parts, tie_breaker=0.3)
    return _boosted(best, WEAK) if meaning.weak else best


def _term(name: str, token: str) -> Query:
    return Query.term_query(schema(), name, token, index_option="freq")


def _boosted(query: Query, boost: float) -> Query:
    return Query.boost_query(query, boost)
