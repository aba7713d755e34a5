"""How many listings have each value: what the engine is asked for, and what it answers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import tantivy
from tantivy import Occur, Query

from marketplace.search.filters import Conditions
from marketplace.search.index.asking import any_of, silent, together
from marketplace.search.index.audiences import ALL
from marketplace.search.index.fields import COUNTED, NO_VALUE
from marketplace.search.index.memory import Memory

Counted = list[tuple[int, dict[str, Any]]]
"""What the engine counts, each with whether it is to be added or (-1) taken away."""
MOST_VALUES = 5000
"""Of a field, or of its combinations."""


def terms_of(names: Sequence[str]) -> dict[str, Any]:
    """Return what the engine is asked for to count these facets."""
    return {
        column: {"terms": {"field": column, "size": MOST_VALUES}}
        for name in names
        for column in COUNTED[name]
    }


def add_buckets(
    counts: dict[str, Counter[str]], names: Sequence[str], answer: dict[str, Any], sign: int
) -> None:
    """Add what the engine answered to the counts of these facets; with -1, take it away."""
    for name in names:
        for column in COUNTED[name]:
            for bucket in answer[column]["buckets"]:
                for value in values_of(bucket):
                    counts[name][value] += sign * int(bucket["doc_count"])


def values_of(bucket: dict[str, Any]) -> list[str]:
    """Return the values that the listings in a bucket have; none if they have none."""
    return [value for value in bucket["key"].split(" ") if value != NO_VALUE]


def counted_for_others(
    searcher: tantivy.Searcher,
    memory: Memory,
    seen: Conditions,
    ours: Query,
    values: Mapping[str, Sequence[str]],
    asked: dict[str, Any],
) -> Counted:
    """Return what the engine counts of listings of others, and whether to add it or (-1) take away.

    What everybody may see is counted once for all searchers. Of it is taken away what is ``ours``,
    and what does not count any more; added is what not everybody may see, but whose conditions are
    ``seen``: first who may see it, then what does not count.
    """
    for_all = (Occur.Must, any_of("seen_by", [ALL]))
    chosen = [(Occur.Must, any_of(name, some)) for name, some in values.items()]
    key = tuple((name, tuple(some)) for name, some in sorted(values.items()))
    of_all = memory.recall(
        ("counts", key, repr(asked)),
        lambda: searcher.aggregate(together([for_all, *chosen]), asked),
    )
    visible, *stale = seen
    left_out = together(
        [(Occur.Should, silent(ours)), *((Occur.Should, one) for _not, one in stale)]
    )
    not_ours = [(Occur.Must, left_out), for_all, *chosen]
    besides = [visible, *chosen, (Occur.MustNot, for_all[1]), (Occur.MustNot, left_out)]
    return [
        (1, of_all),
        (-1, searcher.aggregate(together(not_ours), asked)),
        (1, searcher.aggregate(together(besides), asked)),
    ]
