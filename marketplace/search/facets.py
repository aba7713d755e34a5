"""The filters beside the results: each value with how many listings it would leave."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from marketplace.listings.models import Mode
from marketplace.listings.topics import current_topics
from marketplace.search.criteria import SearchResults, Tab
from marketplace.search.forms import FACETS, SearchForm
from marketplace.search.queries import INDEX_FIELDS


@dataclass(frozen=True, slots=True)
class Choice:
    """One value of a filter."""

    value: str
    label: str
    count: int
    chosen: bool


@dataclass(frozen=True, slots=True)
class Branch:
    """A group of topics: the whole of it, and each of its topics that has listings."""

    whole: Choice
    topics: tuple[Choice, ...]
    is_open: bool


@dataclass(frozen=True, slots=True)
class Facet:
    """One filter: its values, or for topics the groups of them."""

    name: str
    label: str
    choices: tuple[Choice, ...] = ()
    branches: tuple[Branch, ...] = ()


def facets(form: SearchForm, results: SearchResults) -> list[Facet]:
    """Return the filters that have something to choose, in the order of the page."""
    found = [_topics(form, results)]
    for name in FACETS[1:]:
        labels = _labels(form, name)
        counts = results.facets[INDEX_FIELDS[name]]
        choices = _choices(labels, counts, form[name].data or [])
        found.append(Facet(name, form[name].label.text, choices))
    whose = Choice(
        "authority", "Our local authority’s", results.of_authority, form.circle.data == "authority"
    )
    if whose.count or whose.chosen:
        found.append(Facet("circle", "Whose", (whose,)))
    return [facet for facet in found if facet.choices or facet.branches]


def where(mode: str, tab: str, kind: str) -> str:
    """Return where the help happens, as the school sees it that looks for it or gives it."""
    if mode == Mode.ONLINE:
        return "Online"
    if tab == Tab.OURS:
        return "At the school helped" if mode == Mode.ON_SITE else "At the school helping"
    # An offer comes to us; of a request, we are the ones who give.
    at_ours = mode == (Mode.ON_SITE if kind == Tab.OFFERS else Mode.AT_OURS)
    return "At your school" if at_ours else "At theirs"


def _topics(form: SearchForm, results: SearchResults) -> Facet:
    chosen = set(form.topic.data or ())
    counts, of_groups = results.facets["topics"], results.facets["groups"]
    branches = []
    known = current_topics()
    for slug, name in known.groups.items():
        whole = Choice(slug, name, of_groups[slug], slug in chosen)
        topics = _choices(
            [(topic.slug, topic.name) for topic in known.in_group(slug)], counts, chosen
        )
        if whole.count or whole.chosen or topics:
            is_open = whole.chosen or any(topic.chosen for topic in topics)
            branches.append(Branch(whole, topics, is_open))
    branches.sort(key=lambda branch: -branch.whole.count)
    return Facet("topic", form.topic.label.text, branches=tuple(branches))


def _labels(form: SearchForm, name: str) -> list[tuple[str, str]]:
    if name == "mode" and form.kind.data != Tab.OURS:
        return [(mode.value, where(mode, form.kind.data, form.kind.data)) for mode in Mode]
    field: Any = form[name]
    return [(choice.value, choice.label) for choice in field.choices]


def _choices(
    labels: list[tuple[str, str]], counts: dict[str, int], chosen: set[str] | list[str]
) -> tuple[Choice, ...]:
    """The values that have listings or are chosen."""
    return tuple(
        Choice(value, label, counts.get(value, 0), value in chosen)
        for value, label in labels
        if counts.get(value) or value in chosen
    )


def label_of(form: SearchForm, name: str, value: str) -> str:
    """Return how a value of a filter is said."""
    if name == "topic":
        return current_topics().name_of(value)
    return next(label for known, label in _labels(form, name) if known == value)
