"""How many listings have each value of each facet, whatever its own filter is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

from marketplace.search.counting import Counted, add_buckets, terms_of, values_of
from marketplace.search.filters import Filters
from marketplace.search.index.fields import COUNTED

Ask = Callable[[Filters, dict[str, Any]], Counted]
"""Asks the engine to count what fits the filters."""
Counts = dict[str, Counter[str]]
OWN_FILTER = {"groups": "topics"}
"""Fields whose values are chosen by the filter of another one."""
PHASES = COUNTED["phases"][0]


def counts_of(ask: Ask, filters: Filters, names: Sequence[str]) -> Counts:
    """Return how many listings have each value of the fields ``names``.

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
            counts = _of_kind_topic_and_phases(ask, filters, others, of_topics)
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
    ask: Ask, filters: Filters, others: Sequence[str], of_topics: Sequence[str]
) -> Counts:
    """The same where one topic and phases are chosen, too: also in one question.

    ``others`` are counted with all three, each of the three with the other two.
    """
    (kind,), (topic,) = filters.values["kind"], filters.values["topics"]
    phases = set(filters.values["phases"])
    counts = _no_counts((*others, *of_topics, "phases", "kind"))
    with_topic = {
        # A listing has a topic once: in one of these columns.
        f"with {column}": {
            "terms": {"field": column, "include": [topic]},
            "aggs": terms_of(others),
        }
        for column in COUNTED["topics"]
    }
    asked = _within("kind", _within("phases", {**terms_of(of_topics), **with_topic}))
    wider = filters.without("kind").without("topics").without("phases")
    for sign, answer in ask(wider, asked):
        for of_kind in answer["kind"]["buckets"]:
            for of_phases in of_kind[PHASES]["buckets"]:
                is_phase = bool(phases.intersection(values_of(of_phases)))
                if is_phase and of_kind["key"] == kind:
                    add_buckets(counts, of_topics, of_phases, sign)
                for bucket in (one for name in with_topic for one in of_phases[name]["buckets"]):
                    number = sign * int(bucket["doc_count"])
                    if is_phase:
                        counts["kind"][str(of_kind["key"])] += number
                    if of_kind["key"] != kind:
                        continue
                    for phase in values_of(of_phases):
                        counts["phases"][phase] += number
                    if is_phase:
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
