"""The search page."""

from __future__ import annotations

import logging
from contextlib import suppress
from functools import lru_cache
from typing import Any

from flask import Blueprint, jsonify, render_template, request
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from marketplace.accounts.access import SIGNED_IN, access, current_actor, needs
from marketplace.accounts.actor import Actor
from marketplace.accounts.roles import Permission
from marketplace.database import db
from marketplace.listings.topics import Topics, current_topics
from marketplace.schools.place_names import place_names
from marketplace.schools.places import Place, find_place
from marketplace.search import presenters
from marketplace.search.criteria import SearchCriteria, SearchResults, Tab
from marketplace.search.facets import facets
from marketplace.search.filters import Whose
from marketplace.search.forms import FACETS, LONGEST_WORDS, SearchForm, SeveralField, topics_chosen
from marketplace.search.hourly import for_an_hour
from marketplace.search.index.folder import IndexMissingError
from marketplace.search.map import Map, draw_map
from marketplace.search.named_schools import schools_named
from marketplace.search.queries import MOST_PAGED, PAGE, search

NO_POSITION = "We do not know where your school is."

blueprint = Blueprint("search", __name__)
log = logging.getLogger(__name__)


@blueprint.get("/search")
@access(needs(Permission.VIEW_LISTINGS))
def find() -> ResponseReturnValue:
    """Search offers or requests by words, place and filters."""
    actor = current_actor()
    form = SearchForm(request.args)
    notes = _left_out(form)
    if form.circle.data == "trust":  # an older address: what the trust has is a tab by now
        form.kind.data, form.circle.data = Tab.OURS.value, ""
    place = _place(form, actor)
    position = place.position if place is not None else actor.position
    if position is None and form.within.data and not form.near.errors:
        form.near.errors = [f"{NO_POSITION} Write near which place, or choose any distance."]
    if form.near.errors:
        return _page(form)
    if place is not None and place.region is not None and form.within.data:
        form.within.data = ""
        notes.append(f"We show everything in {place.name}: a region has no distance.")
    criteria = _criteria(form, place, position)
    if position is None and form.sort.data == "nearest":
        notes.append(f"{NO_POSITION} Write near which place, to see the nearest first.")
    try:
        results = search(db.session(), actor, criteria, after=request.args.get("after", ""))
    except IndexMissingError as error:
        log.warning("A search found no index: %s", error)
        return _page(form, is_rebuilding=True)
    return _page(
        form,
        results=results,
        notes=notes,
        place=place,
        named=schools_named(db.session(), form.q.data or "", results),
        **_shown(form, actor, results),
    )


@blueprint.get("/search/places")
@access(SIGNED_IN)
def places() -> ResponseReturnValue:
    """Return a few places that begin so, for the script of the field “Near”."""
    found = place_names(db.session(), request.args.get("q", ""))
    return jsonify(places=[{"name": one.name, "place": one.kind, "urn": one.urn} for one in found])


def _shown(form: SearchForm, actor: Actor, results: SearchResults) -> dict[str, Any]:
    """What the page shows of the results."""
    query = presenters.query_of(form)
    marker = presenters.marker_of(results.understood)
    view = presenters.View(actor, form.kind.data, _here(query, results), marker)
    previous = max(results.start - PAGE, 0)
    within = int(form.within.data) if form.within.data else results.understood.within_miles
    return {
        "rows": presenters.rows(results, view),
        "examples": presenters.rows_of(results.examples, view),
        "map": _map(actor, results, within),
        "within": within,
        "tabs": presenters.tabs(form, query, results, with_ours=actor.urn is not None),
        "facets": facets(form, results),
        "sorts": presenters.sorts(form, query, results),
        "range": presenters.page_range(results),
        "next_url": presenters.address(query, after=results.page.next)
        if results.page.next
        else None,
        "previous_url": presenters.address(query, after=previous) if results.start else None,
        "most_paged": MOST_PAGED if results.count > MOST_PAGED else None,
        "ours_url": presenters.address({**query, "kind": Tab.OURS.value}),
        "dead_end": presenters.dead_end(form, query, results),
        "exactly_url": presenters.address({**query, "exactly": "1"}),
    }


def _here(query: dict[str, Any], results: SearchResults) -> str:
    """This page of this search, for the way back to it."""
    return presenters.search_in_words({**query, "after": results.start})


def _map(actor: Actor, results: SearchResults, within: int | None) -> Map | None:
    if results.position is None:
        return None
    return draw_map(
        db.session(),
        results.page.rows,
        results.start + 1,
        results.position,
        actor.position,
        within,
    )


def _page(form: SearchForm, **values: Any) -> str:
    query = presenters.query_of(form)
    results: SearchResults | None = values.get("results")
    place: Place | None = values.get("place")
    usual = {"notes": [], "is_rebuilding": False, "results": None, "place": None, "facets": ()}
    return render_template(
        "search/search.html",
        **{**usual, **values},
        form=form,
        topic_options=_topic_options(current_topics()),
        facet_names=FACETS,
        may_post=current_actor().may(Permission.POST_LISTINGS) and current_actor().urn is not None,
        title=presenters.title(form, place, results),
        chips=presenters.chips(form, query),
        clear_url=presenters.address(
            {name: query[name] for name in ("q", "kind") if name in query}
        ),
    )


@lru_cache(maxsize=2)
def _topic_options(known: Topics) -> Markup:
    """What the field of words suggests, made once: it is a part of every search."""
    names = (topic.name for topic in known.offered.values())
    return Markup("").join(Markup('<option value="{}"></option>').format(name) for name in names)


def _left_out(form: SearchForm) -> list[str]:
    """Leave out what is not a value of its field, with a note.

    It is a hand-made or an old address: an unknown value does not narrow the search.
    """
    is_known = form.validate()
    for field in form:
        if field.errors:
            field.data = ""
            field.errors = []
        if isinstance(field, SeveralField) and field.unknown:
            is_known = False
    return [] if is_known else ["We did not understand part of this search and left it out."]


def _place(form: SearchForm, actor: Actor) -> Place | None:
    """The place searched near; one that nobody knows is an error of its field."""
    near = (form.near.data or "").strip()
    if not near:
        return None
    place = _known_place(near, actor.position)
    if place is None:
        form.near.errors = [
            f"We know no place “{near[:40]}”. Write a postcode, a town, an authority,"
            " a region or a school."
        ]
    return place


def _known_place(near: str, ours: tuple[int, int] | None) -> Place | None:
    """The place; one that nobody knows is asked for each time, as a school may join there."""

    def find() -> Place:
        place = find_place(db.session(), near, ours)
        if place is None:
            raise LookupError(near)
        return place

    with suppress(LookupError):
        return for_an_hour(("place", near, ours), find)
    return None


def _regions(form: SearchForm, place: Place | None) -> tuple[str, ...]:
    """The regions that are ticked, or else the one that “Near” names."""
    if form.region.data or place is None or place.region is None:
        return tuple(form.region.data or ())
    return (place.region,)


def _criteria(
    form: SearchForm, place: Place | None, position: tuple[int, int] | None
) -> SearchCriteria:
    words = (form.q.data or "")[:LONGEST_WORDS]
    sort = form.sort.data or "best"
    if place is not None and sort == "best" and not words.strip():
        sort = "nearest"
    is_ours = form.kind.data == Tab.OURS
    return SearchCriteria(
        words=words,
        kind="" if is_ours else form.kind.data or Tab.OFFERS,
        whose=Whose.OURS if is_ours else Whose.OTHERS,
        topic=topics_chosen(form.topic.data or []),
        phase=tuple(form.phase.data or ()),
        region=_regions(form, place),
        circle=form.circle.data or "",
        school=tuple(form.school.data or ()),
        size=tuple(form.size.data or ()),
        setting=tuple(form.setting.data or ()),
        mode=tuple(form.mode.data or ()),
        format=tuple(form.format.data or ()),
        cost=tuple(form.cost.data or ()),
        position=position,
        within_miles=int(form.within.data) if form.within.data else None,
        sort=sort,
        exactly=bool(form.exactly.data),
    )
