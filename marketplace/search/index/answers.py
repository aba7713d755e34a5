"""Answers of the engine that are the same whoever asks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

import tantivy
from tantivy import Occur, Query

from marketplace.search.index.asking import any_of, silent, together
from marketplace.search.index.audiences import ALL


def numbers_of(
    searcher: tantivy.Searcher, name: str, hits: Sequence[tuple[Any, tantivy.DocAddress]]
) -> list[Any]:
    """Return what these hits have in a field of numbers."""
    return searcher.fast_field_values(name, [address for _key, address in hits])


def words_of(
    searcher: tantivy.Searcher, fields: Sequence[str] = ("surface", "names")
) -> Counter[str]:
    """Return every word of listings, and of the names and places of their schools."""
    found: Counter[str] = Counter()
    for name in fields:
        found.update(dict(searcher.terms_with_prefix(name, "")))
    return found


def last_of(searcher: tantivy.Searcher) -> int:
    """Return the highest number of a listing."""
    hits = searcher.search(Query.all_query(), limit=1, count=False, order_by_field="id").hits
    return max(numbers_of(searcher, "id", hits), default=0)


def count_for_all(searcher: tantivy.Searcher, words: Query) -> int:
    """Return how many listings that everybody may see have these words."""
    query = together([(Occur.Must, words), (Occur.Must, any_of("seen_by", [ALL]))])
    found: Any = searcher.search(silent(query), limit=1)
    return int(found.count)
