"""The topics nearest to a search that nothing answers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from rapidfuzz import fuzz, process
from tantivy import Query

from marketplace.listings.topics import current_topics
from marketplace.search.criteria import NearestTopic
from marketplace.search.engine import Engine
from marketplace.search.filters import Filters
from marketplace.search.understanding import Understood
from marketplace.search.words.asked import Meaning
from marketplace.web.formats import METRES_PER_MILE

MOST = 4
NEAR_MILES = 20
ALIKE = 75
"""From this likeness of letters on (of 100), a word may mean the name of a topic."""


def nearest_topics(
    engine: Engine,
    understood: Understood,
    filters: Filters,
    position: tuple[int, int] | None,
) -> tuple[NearestTopic, ...]:
    """Return a few topics that have listings: first what the words mean, then the commonest."""
    everything = Query.all_query()
    counts = engine.facets(everything, filters, ["topics"])["topics"]
    meant = dict.fromkeys(_meant(understood.typed))
    commonest = [topic for topic, _count in counts.most_common(MOST)]
    nearest = [topic for topic in meant if counts[topic]]
    chosen = nearest or commonest
    return tuple(
        NearestTopic(
            topic,
            counts[topic],
            _schools_near(engine, filters, topic, position),
            bool(nearest),
        )
        for topic in chosen[:MOST]
        if topic in current_topics().offered
    )


def _meant(meanings: Iterable[Meaning]) -> Iterator[str]:
    for meaning in meanings:
        if not meaning.weak:
            yield from sorted(map(current_topics().led_to, meaning.topics))
    names = {slug: topic.name.casefold() for slug, topic in current_topics().offered.items()}
    for meaning in meanings:
        if not meaning.weak:
            alike = process.extract(
                meaning.typed, names, scorer=fuzz.partial_ratio, score_cutoff=ALIKE, limit=MOST
            )
            yield from (slug for _name, _score, slug in alike)


def _schools_near(
    engine: Engine, filters: Filters, topic: str, position: tuple[int, int] | None
) -> int:
    if position is None:
        return 0
    metres = round(NEAR_MILES * METRES_PER_MILE)
    return engine.count_schools(
        Query.all_query(), filters.having("topics", topic), position, metres
    )
