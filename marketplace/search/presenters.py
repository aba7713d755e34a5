"""Search results as the templates show them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from urllib.parse import parse_qs, urlencode

from flask import url_for

from marketplace.accounts.actor import Actor
from marketplace.accounts.roles import Permission
from marketplace.audiences.words import label
from marketplace.credits.formats import credit_number, credits
from marketplace.listings.detail_presenters import where_of
from marketplace.listings.forms import KIND_LABELS, MODE_LABELS
from marketplace.listings.models import Kind, Mode
from marketplace.listings.presenters import ListingCard, summary, topic_names
from marketplace.listings.topics import current_topics
from marketplace.schools.facts import Phase
from marketplace.schools.places import Place
from marketplace.schools.regions import in_the, region_of
from marketplace.schools.standing import SchoolMark
from marketplace.search.criteria import SearchResult, SearchResults, Tab
from marketplace.search.facets import label_of, where
from marketplace.search.forms import FACETS, NARROWING, SearchForm
from marketplace.search.nearest_topics import NEAR_MILES
from marketplace.search.understanding import Understood
from marketplace.search.words.marking import Marker, Part
from marketplace.web.formats import day, days_since, miles, short_day, times

HAS_ROOM = "Has room to earn"
"""What stands beside an offer that was moved up among about equal ones; it says no figure."""
NEW_FOR = 14
"""So many days a listing is new."""
LONGEST_TITLE = 60
LONGEST_BACK = 800
IN_ADDRESS = frozenset((*NARROWING, "q", "kind", "sort", "exactly", "after"))
"""What a search has in its address."""

Query = Mapping[str, Any]


@dataclass(frozen=True)
class View:
    """Who looks at the results, and how they came to them."""

    actor: Actor
    tab: str
    search: str
    """The search as it stands in the address, for the way back."""
    marker: Marker

    @cached_property
    def way_back(self) -> str:
        """What follows the address of a listing, so that one can go back from it."""
        return f"?{urlencode({'search': self.search})}" if self.search else ""


@dataclass(frozen=True, slots=True)
class ResultRow:
    """One result as a row."""

    number: int
    url: str
    kind: str
    is_request: bool
    title: list[Part]
    line: list[Part]
    school_name: str
    facts: list[str]
    cost: str
    cost_unit: str
    where: str
    mark: SchoolMark | None
    reason: str = ""
    is_own: bool = False
    """Whether it is of the reader's own school."""
    free: str = ""
    """From when it can be had."""
    record: str = ""
    """How often it was given, or else when it was posted."""
    not_now: str = ""
    """That nobody may ask for it now, and from when on."""
    ask_id: int | None = None
    """The number of the listing, if who looks may tick it to ask its school."""


@dataclass(frozen=True, slots=True)
class Way:
    """A way on from a search that nothing answers."""

    label: str
    url: str
    hint: str = ""


@dataclass(frozen=True, slots=True)
class WaysOn:
    """What one can do where nothing fits."""

    widenings: list[Way]
    topics: list[Way]
    topics_heading: str
    post_url: str | None


def card_of(result: SearchResult, *, own: bool | None = False) -> ListingCard:
    """Return a search result as its card.

    ``own`` says whether it is of the reader’s school; None if the reader is of no school.
    """
    towns = (result.town, result.local_authority)
    return ListingCard(
        url=url_for("pages.listing", listing_id=result.id),
        kind=result.kind,
        title=result.title,
        summary=summary(result.description),
        school_name=result.school_name,
        origin=", ".join(dict.fromkeys(town for town in towns if town)),
        distance=miles(result.metres) if result.metres is not None else None,
        topics=topic_names(result.topics),
        phases=[],
        mode_label=MODE_LABELS[Mode(result.mode)]
        if own is None
        else where_of(result.mode, result.kind, own=own),
        cost=credits(result.minutes),
        audience_label=label(result.audience),
        mark=result.mark,
        reason=HAS_ROOM if result.has_room else "",
    )


def marker_of(understood: Understood) -> Marker:
    """Return what marks the words that were searched for."""
    return Marker((one for one in understood.searched if not one.weak), understood.vocabulary)


def rows(results: SearchResults, view: View) -> list[ResultRow]:
    """Return the results of a page as numbered rows."""
    return rows_of(results.page.rows, view, results.start + 1)


def rows_of(results: Sequence[SearchResult], view: View, first: int = 1) -> list[ResultRow]:
    """Return these results as rows, numbered from ``first``."""
    return [_row(result, number, view) for number, result in enumerate(results, first)]


def _row(result: SearchResult, number: int, view: View) -> ResultRow:
    url = url_for("pages.listing", listing_id=result.id)
    cost, _, unit = credits(result.minutes).partition(" ")
    if "min" in unit:  # what is no quarter of an hour is said in minutes
        cost, unit = credit_number(result.minutes), ""
    return ResultRow(
        number,
        url + view.way_back,
        KIND_LABELS[Kind(result.kind)],
        result.kind == Kind.REQUEST,
        view.marker.mark(result.title),
        view.marker.line(result.description),
        result.school_name,
        _facts(result, view.actor),
        cost,
        unit,
        where(result.mode, view.tab, result.kind),
        result.mark,
        HAS_ROOM if result.has_room else "",
        result.school_urn == view.actor.urn,
        f"from {result.free_on.day} {result.free_on:%b}" if result.free_on else "",
        _record(result),
        not_now(result),
        result.id if _may_ask(result, view.actor) else None,
    )


def _may_ask(result: SearchResult, actor: Actor) -> bool:
    """Whether it is an offer of another school that can be asked for now, by this actor."""
    return (
        result.kind == Kind.OFFER
        and actor.urn not in (None, result.school_urn)
        and result.ask_again_on is None
        and result.mark is None
        and actor.may(Permission.ASK)
    )


def _record(result: SearchResult) -> str:
    """How often an offer was given; of what nobody has had yet, and of a request, how old it is."""
    if result.times_given:
        return f"given {times(result.times_given)}"
    if result.created_at is None:
        return ""
    is_new = days_since(result.created_at) < NEW_FOR
    return "new" if is_new else f"posted {short_day(result.created_at)}"


def not_now(result: SearchResult) -> str:
    """Return that nobody may ask for an offer at present, and from when on; else nothing."""
    if result.ask_again_on is None:
        return ""
    return f"Not now: ask again from {day(result.ask_again_on)}"


def _facts(result: SearchResult, actor: Actor) -> list[str]:
    """What stands behind the name of the school: its phase, and how far away it is."""
    facts = []
    if result.school_phase in list(Phase):
        facts.append(Phase(result.school_phase).label.lower())
    if result.school_urn == actor.urn:
        return [*facts, "our school"]
    facts.append(
        miles(result.metres) if result.metres is not None else result.town or result.local_authority
    )
    return facts


def title(form: SearchForm, place: Place | None, results: SearchResults | None) -> str:
    """Return the title of the window: what was searched for and where, and how many there are."""
    words = " ".join((form.q.data or "").split())[:LONGEST_TITLE]
    if place is not None:
        words = f"{words} {'in' if place.region else 'near'} {place.name}".strip()
    if results is None:
        return f"{words}: find help" if words else "Find help"
    kind = {Tab.OFFERS: "offer", Tab.REQUESTS: "request"}.get(form.kind.data, "result")
    number = f"{results.count:,} {kind}{'' if results.count == 1 else 's'}"
    return f"{words or 'Find help'}: {number}"


def tabs(
    form: SearchForm, query: Query, results: SearchResults, *, with_ours: bool
) -> list[tuple[str, int, str, bool]]:
    """Return the tabs: label, count, address, and whether it is the one that is shown."""
    return [
        (
            label,
            results.tabs[Tab(kind)],
            address({**query, "kind": "" if kind == Tab.OFFERS else kind}),
            form.kind.data == kind,
        )
        for kind, label, *_ in form.kind.iter_choices()
        if with_ours or kind != Tab.OURS
    ]


def sorts(form: SearchForm, query: Query, results: SearchResults) -> list[tuple[str, str, bool]]:
    """Return the orders: label, address, and whether it is the one that is shown."""
    return [
        (
            label,
            address({**query, "sort": "" if value == "best" else value}),
            results.sort == value,
        )
        for value, label, *_ in form.sort.iter_choices()
        if results.can_sort(value)
    ]


def chips(form: SearchForm, query: Query) -> list[tuple[str, str]]:
    """Return each value that narrows: what it is, and the address without it."""
    found = []
    for name in NARROWING:
        if name not in query or form[name].errors:
            continue
        if name in FACETS:
            found += [
                (label_of(form, name, value), _without(query, name, value)) for value in query[name]
            ]
        elif name == "near":
            where = f"In {in_the(region)}" if (region := region_of(query[name])) else ""
            near = where or f"Near {query[name][:LONGEST_TITLE]}"
            found.append((near, _without(query, name)))
        elif name == "within":
            found.append((f"Within {query[name]} miles", _without(query, name)))
        else:
            found.append(("Our local authority’s", _without(query, name)))
    return found


def page_range(results: SearchResults) -> str:
    """Return which of the results the page has: "21–40 of 175"."""
    shown = len(results.page.rows)
    if not shown:
        return ""
    first, last = results.start + 1, results.start + shown
    if results.page.next is None and not results.start:
        return f"{results.count:,} result{'' if results.count == 1 else 's'}"
    return f"{first:,}–{last:,} of {results.count:,}"


def dead_end(form: SearchForm, query: Query, results: SearchResults) -> WaysOn | None:
    """Return the ways on where nothing fits."""
    if results.dead_end is None:
        return None
    labels = {
        "topic": "Any topic",
        "phase": "Any phase",
        "mode": "Anywhere",
        "format": "Any kind of help",
        "cost": "Whatever it costs",
        "region": "Any region",
        "circle": "Any school’s",
        "school": "Any kind of school",
        "size": "Schools of any size",
        "setting": "Town and country",
        "within_miles": "Any distance",
    }
    widenings = [
        Way(f"{labels[name]} ({count:,})", _without(query, _field(query, name)))
        for name, count in results.dead_end.widenings.items()
    ]
    bare = {name: value for name, value in query.items() if name in ("q", "kind", "near")}
    if results.dead_end.without_any:
        label = f"Without any filter ({results.dead_end.without_any:,})"
        widenings.append(Way(label, address(bare)))
    topics = [
        Way(
            f"{current_topics().name_of(nearest.topic)} ({nearest.count:,})",
            address({**{k: v for k, v in bare.items() if k != "q"}, "topic": [nearest.topic]}),
            _schools_near(form, nearest.schools),
        )
        for nearest in results.dead_end.topics
    ]
    words = " ".join((form.q.data or "").split())[:100]
    is_near = any(nearest.meant for nearest in results.dead_end.topics)
    heading = "Near to it" if is_near else "What schools have most of"
    return WaysOn(
        widenings, topics, heading, url_for("listings.new", kind="request", title=words or None)
    )


def _field(query: Query, criterion: str) -> str:
    """The field of a criterion: a region may stand in “Near”."""
    if criterion == "region" and "region" not in query:
        return "near"
    return criterion.removesuffix("_miles")


def _schools_near(form: SearchForm, schools: int) -> str:
    if not schools:
        return ""
    verb = {Tab.REQUESTS: "look for it", Tab.OURS: "have it"}.get(form.kind.data, "offer it")
    if schools == 1:
        verb = {"look for it": "looks for it", "have it": "has it", "offer it": "offers it"}[verb]
    subject = "school" if schools == 1 else "schools"
    return f"{schools:,} {subject} within {NEAR_MILES} miles {verb}"


def query_of(form: SearchForm) -> dict[str, Any]:
    """Return the search as it stands in an address; what is as usual does not."""
    query = {name: value for name, value in form.data.items() if value}
    for name, usual in (("sort", "best"), ("kind", Tab.OFFERS.value)):
        if query.get(name) == usual:
            del query[name]
    return query


def search_in_words(query: Query) -> str:
    """Return the part of the search's address behind its question mark."""
    return urlencode({name: value for name, value in query.items() if value}, doseq=True)


def search_of(words: str) -> dict[str, list[str]]:
    """Return the search that a listing was opened from; only what a search can have."""
    if len(words) > LONGEST_BACK:
        return {}
    return {name: values for name, values in parse_qs(words).items() if name in IN_ADDRESS}


def address(query: Query, *, after: object = None) -> str:
    """Return the address of a search; empty values do not stand in it.

    ``after`` is how many results come before its page; without it, the page that ``query`` has.
    """
    words = search_in_words({**query, "after": after or query.get("after")})
    return url_for("search.find") + (f"?{words}" if words else "")


def _without(query: Query, name: str, value: str | None = None) -> str:
    rest = {key: kept for key, kept in query.items() if key != name}
    if value is not None:
        rest[name] = [kept for kept in query[name] if kept != value]
    return address(rest)
