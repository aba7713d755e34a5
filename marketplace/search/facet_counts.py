"""How many listings have each value of each facet, whatever its own filter is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from marketplace.search.counting import (
    MOST_VALUES,
    Counted,
    add_buckets,
    terms_of,
    values_of,
)
from marketplace.search.filters import Filters
from marketplace.search.index.fields import COUNTED

Ask = Callable[[Filters, dict[str, Any]], Counted]
"""Asks the engine to count what fits the filters."""
Counts = dict[str, Counter[str]]
OWN_FILTER = {"groups": "topics"}
"""Fields whose values are chosen by the filter of another one."""
(PHASE_SETS,) = COUNTED["phases"]
"""The field of all phases of a listing together."""


def counts_of(
    ask: Ask, filters: Filters, names: Sequence[str], phase_sets: Callable[[], Iterable[str]]
) -> Counts:
    """Return how many listings have each value of the fields ``names``.

    ``phase_sets`` returns the combinations of phases that listings have.

    Each filter that narrows needs a question of its own, in which it does not. One kind needs none,
    and neither do one topic and phases together.
    """
    narrowed = [name for name in names if OWN_FILTER.get(name, name) in filters.values]
    others = [name for name in names if name not in narrowed]
    kinds = filters.values.get("kind", ())
    counts: Counts = {}
    if "kind" in narrowed and len(kinds) == 1:
        narrowed.remove("kind")
        if {"topics", "phases"} <= {*narrowed} and len(filters.values["topics"]) == 1:
            of_topics = [name for name in narrowed if OWN_FILTER.get(name, name) == "topics"]
            counts = _of_kind_topic_and_phases(ask, filters, others, of_topics, phase_sets())
            narrowed = [name for name in narrowed if name not in counts]
        else:
            counts = _of_kind(ask, filters, others, kinds[0])
    elif others:
        counts = _of(ask, filters, others)
    for own in dict.fromkeys(OWN_FILTER.get(name, name) for name in narrowed):
        of_one = [name for name in narrowed if OWN_FILTER.get(name, name) == own]
        counts |= _of(ask, filters.without(own), of_one)
    return counts


def _of(ask: Ask, filters: Filters, names: Sequence[str]) -> Counts:
    counts = _no_counts(names)
    for sign, answer in ask(filters, terms_of(names)):
        add_buckets(counts, names, answer, sign)
    return _above_zero(counts)


def _of_kind(ask: Ask, filters: Filters, names: Sequence[str], kind: str) -> Counts:
    """The counts of these fields for one kind, and those of every kind, in one question."""
    counts = _no_counts((*names, "kind"))
    asked = _within("kind", terms_of(names))
    for sign, answer in ask(filters.without("kind"), asked):
        for bucket in answer["kind"]["buckets"]:
            counts["kind"][str(bucket["key"])] += sign * int(bucket["doc_count"])
            if bucket["key"] == kind:
                add_buckets(counts, names, bucket, sign)
    return _above_zero(counts)


def _of_kind_topic_and_phases(
    ask: Ask,
    filters: Filters,
    others: Sequence[str],
    of_topics: Sequence[str],
    phase_sets: Iterable[str],
) -> Counts:
    """The same where one topic and phases are chosen, too: also in one question.

    ``others`` are counted with all three, each of the three with the other two.
    """
    (kind,), (topic,) = filters.values["kind"], filters.values["topics"]
    phases = set(filters.values["phases"])
    chosen_sets = [one for one in phase_sets if phases.intersection(one.split(" "))]
    counts = _no_counts((*others, *of_topics, "phases", "kind"))
    with_topic = {
        # A listing has a topic once: in one of these columns.
        f"with {column}": {
            "terms": {"field": column, "include": [topic]},
            "aggs": _within("phases", terms_of(others)),
        }
        for column in COUNTED["topics"]
    }
    in_phases = {"field": PHASE_SETS, "size": MOST_VALUES, "include": chosen_sets}
    of_phases = {"in phases": {"terms": in_phases, "aggs": terms_of(of_topics)}}
    asked = _within("kind", {**with_topic, **(of_phases if chosen_sets else {})})
    wider = filters.without("kind").without("topics").without("phases")
    for sign, answer in ask(wider, asked):
        for of_kind in answer["kind"]["buckets"]:
            is_kind = of_kind["key"] == kind
            if is_kind and chosen_sets:
                for bucket in of_kind["in phases"]["buckets"]:
                    add_buckets(counts, of_topics, bucket, sign)
            of_topic = [one for name in with_topic for one in of_kind[name]["buckets"]]
            for bucket in (one for part in of_topic for one in part[PHASE_SETS]["buckets"]):
                number, its_phases = sign * int(bucket["doc_count"]), values_of(bucket)
                has_phase = not phases.isdisjoint(its_phases)
                if has_phase:
                    counts["kind"][str(of_kind["key"])] += number
                if is_kind:
                    counts["phases"].update(dict.fromkeys(its_phases, number))
                if is_kind and has_phase:
                    add_buckets(counts, others, bucket, sign)
    return _above_zero(counts)


def _within(name: str, inside: dict[str, Any]) -> dict[str, Any]:
    """What the engine is asked for to count inside of each value of a field."""
    (column,) = COUNTED[name]
    return {column: {**terms_of([name])[column], "aggs": inside}}


def _no_counts(names: Sequence[str]) -> Counts:
    return {name: Counter() for name in names}


def _above_zero(counts: Counts) -> Counts:
    return {name: +counter for name, counter in counts.items()}
