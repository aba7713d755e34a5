"""Search results as the templates show them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import url_for
from wtforms import Field

from marketplace.audiences.words import label
from marketplace.credits.formats import credits
from marketplace.listings.forms import MODE_LABELS
from marketplace.listings.models import Kind, Mode
from marketplace.listings.presenters import ListingCard, summary, topic_names
from marketplace.search.criteria import SearchResult, SearchResults
from marketplace.search.forms import NARROWING, SearchForm
from marketplace.search.queries import INDEX_FIELDS
from marketplace.web.fields import options
from marketplace.web.formats import miles

HAS_ROOM = "Has room to earn"
"""What stands beside an offer that was moved up among about equal ones; it says no figure."""


def card_of(result: SearchResult) -> ListingCard:
    """Return a search result as its card."""
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
        mode_label=MODE_LABELS[Mode(result.mode)],
        cost=credits(result.minutes),
        audience_label=label(result.audience),
        mark=result.mark,
        reason=HAS_ROOM if result.has_room else "",
    )


def heading(form: SearchForm, count: int | None) -> str:
    """Return the title of the page: what was searched for, and how many there are."""
    words = " ".join((form.q.data or "").split())[:60]
    if count is None:
        return f"{words}: find help" if words else "Find help"
    kind = "request" if form.kind.data == Kind.REQUEST else "offer"
    number = f"{count:,} {kind}{'' if count == 1 else 's'}"
    return f"{words}: {number}" if words else f"Find help: {number}"


def tabs(
    form: SearchForm, query: Mapping[str, Any], results: SearchResults
) -> list[tuple[str, str, bool]]:
    """Return the tabs of offers and requests: label with count, address, whether it is shown."""
    counts = results.facets["kind"]
    rest = {name: value for name, value in query.items() if name != "kind"}
    is_request = form.kind.data == Kind.REQUEST
    return [
        (f"Offers ({counts[Kind.OFFER]:,})", url_for(".find", **rest), not is_request),
        (
            f"Requests ({counts[Kind.REQUEST]:,})",
            url_for(".find", **rest, kind=Kind.REQUEST.value),
            is_request,
        ),
    ]


def count_choices(form: SearchForm, results: SearchResults) -> None:
    """Write beside each choice of a filter how many listings it would leave."""
    for name, facet in INDEX_FIELDS.items():
        field: Any = form[name]
        counts = results.facets[facet]
        field.choices = [
            options(
                [(choice.value, f"{choice.label} ({counts[choice.value]:,})")],
                group=choice.optgroup,
            )[0]
            if choice.value
            else choice
            for choice in field.choices
        ]


def chips(form: SearchForm, query: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return each filter that narrows: what it is, and the address without it."""
    return [
        (_chosen(form[name]), _without(query, name))
        for name in NARROWING
        if name in query and not form[name].errors
    ]


def widenings(query: Mapping[str, Any], results: SearchResults) -> list[tuple[str, str]]:
    """Return what to leave out where nothing fits, with the count then, and the address."""
    labels = {
        "topic": "any topic",
        "phase": "any phase",
        "mode": "anywhere",
        "region": "any region",
        "circle": "any school’s",
        "school": "any kind of school",
        "size": "schools of any size",
        "setting": "town and country",
        "within": "any distance",
    }
    return [
        (f"{labels[name][0].upper()}{labels[name][1:]} ({count:,})", _without(query, name))
        for name, count in results.widenings.items()
    ]


def _chosen(field: Field) -> str:
    choices = getattr(field, "choices", None)
    if choices is None:
        return f"Near {field.data}"
    label = next(str(choice.label) for choice in choices if choice.value == field.data)
    # A count beside the choice is not part of what was chosen.
    return label.rpartition(" (")[0] if label.endswith(")") else label


def _without(query: Mapping[str, Any], name: str) -> str:
    return url_for(".find", **{key: value for key, value in query.items() if key != name})
