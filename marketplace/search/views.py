"""The search page."""

from __future__ import annotations

import logging
from typing import Any

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue

from marketplace.accounts.access import access, current_actor, needs
from marketplace.accounts.actor import Actor
from marketplace.accounts.roles import Permission
from marketplace.database import db
from marketplace.listings.forms import topic_options
from marketplace.listings.models import Kind
from marketplace.schools.places import Place, find_place
from marketplace.search.criteria import SearchCriteria
from marketplace.search.forms import SearchForm
from marketplace.search.index.folder import IndexMissingError
from marketplace.search.presenters import card_of, chips, count_choices, heading, tabs, widenings
from marketplace.search.queries import search
from marketplace.web.fields import options

LONGEST_WORDS = 200

blueprint = Blueprint("search", __name__)
log = logging.getLogger(__name__)


@blueprint.get("/search")
@access(needs(Permission.VIEW_LISTINGS))
def find() -> ResponseReturnValue:
    """Search offers or requests by words, place and filters."""
    actor = current_actor()
    form = SearchForm(request.args)
    form.topic.choices = [*options([("", "Any topic")]), *topic_options()]
    notes = _left_out(form)
    place = _place(form, actor)
    if form.near.errors:
        return _page(form)
    criteria = _criteria(form, actor, place)
    if criteria.position is None and (form.within.data or form.sort.data == "nearest"):
        notes.append(
            "We do not know where your school is: say near which place, to search by distance."
        )
    after = request.args.get("after", "")
    query = _query(form)
    try:
        results = search(db.session(), actor, criteria, after=after)
    except IndexMissingError as error:
        log.warning("A search found no index: %s", error)
        return _page(form, is_rebuilding=True)
    next_url = None
    if results.page.next:
        next_url = url_for(".find", **query, after=results.page.next)
    first_page = results.count is not None
    if first_page:
        count_choices(form, results)
    return _page(
        form,
        cards=[card_of(result) for result in results.page.rows],
        count=results.count,
        results=results,
        notes=notes,
        place=place,
        tabs=tabs(form, query, results) if first_page else (),
        next_url=next_url,
        first_page=first_page,
        widenings=widenings(query, results),
        exactly_url=url_for(".find", **{**query, "exactly": "1"}),
    )


def _page(form: SearchForm, **values: Any) -> str:
    usual = {"cards": [], "notes": [], "first_page": True, "is_rebuilding": False}
    return render_template(
        "search/search.html",
        **{**usual, **values},
        form=form,
        heading=heading(form, values.get("count")),
        chips=chips(form, _query(form)),
    )


def _left_out(form: SearchForm) -> list[str]:
    """Leave out what is not a value of its field, with a note.

    It is a hand-made or an old address: an unknown value does not narrow the search.
    """
    if form.validate():
        return []
    for field in form:
        if field.errors:
            field.data = ""
            field.errors = []
    return ["We did not understand part of this search and left it out."]


def _query(form: SearchForm) -> dict[str, Any]:
    """The search as it stands in an address."""
    query = {name: value for name, value in form.data.items() if value}
    for name, usual in (("sort", "best"), ("kind", Kind.OFFER.value)):
        if query.get(name) == usual:
            del query[name]
    return query


def _place(form: SearchForm, actor: Actor) -> Place | None:
    """The place searched near; one that nobody knows is an error of its field."""
    near = (form.near.data or "").strip()
    if not near:
        return None
    place = find_place(db.session(), near, actor.position)
    if place is None:
        form.near.errors = [
            f"We know no place “{near[:40]}”. Write a postcode, a town, an authority or a school."
        ]
    return place


def _criteria(form: SearchForm, actor: Actor, place: Place | None) -> SearchCriteria:
    words = (form.q.data or "")[:LONGEST_WORDS]
    sort = form.sort.data or "best"
    if place is not None and sort == "best" and not words.strip():
        sort = "nearest"
    return SearchCriteria(
        words=words,
        kind=form.kind.data or Kind.OFFER,
        topic=form.topic.data or "",
        phase=form.phase.data or "",
        region=form.region.data or "",
        circle=form.circle.data or "",
        school=form.school.data or "",
        size=form.size.data or "",
        setting=form.setting.data or "",
        mode=form.mode.data or "",
        position=place.position if place is not None else actor.position,
        within_miles=int(form.within.data) if form.within.data else None,
        sort=sort,
        exactly=bool(form.exactly.data),
    )
