"""The search page."""

from __future__ import annotations

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue

from marketplace.accounts.access import access, current_actor, needs
from marketplace.accounts.actor import Actor
from marketplace.accounts.roles import Permission
from marketplace.database import db
from marketplace.listings.forms import topic_options
from marketplace.schools.postcodes import position_of_postcode
from marketplace.search.criteria import COUNT_AT_MOST, SearchCriteria
from marketplace.search.forms import SearchForm
from marketplace.search.presenters import card_of
from marketplace.search.queries import search
from marketplace.web.fields import options

blueprint = Blueprint("search", __name__)


@blueprint.get("/search")
@access(needs(Permission.VIEW_LISTINGS))
def find() -> ResponseReturnValue:
    """Search offers and requests by words, topic, phase, region and distance."""
    form = SearchForm(request.args)
    form.topic.choices = [*options([("", "Any topic")]), *topic_options()]
    notes = []
    if not form.validate():
        # A hand-made or old address: an unknown value does not narrow the search.
        for field in form:
            if field.errors:
                field.data = ""
        notes.append("We did not understand part of this search and left it out.")
    criteria, position_note = _criteria(form, current_actor())
    if position_note:
        notes.append(position_note)
    after = request.args.get("after", "")
    results = search(db.session(), current_actor(), criteria, after=after)
    query = {name: value for name, value in form.data.items() if value}
    if query.get("sort") == "best":
        del query["sort"]
    next_url = None
    if results.page.next:
        next_url = url_for(".find", **query, after=results.page.next)
    return render_template(
        "search/search.html",
        form=form,
        cards=[card_of(result) for result in results.page.rows],
        count=results.count,
        count_at_most=COUNT_AT_MOST,
        notes=notes,
        next_url=next_url,
        narrowed=bool(query.keys() - {"q"}),
        first_page=not after,
    )


def _criteria(form: SearchForm, actor: Actor) -> tuple[SearchCriteria, str]:
    """The criteria, and a note for the person if the position is not known."""
    position = actor.position
    note = ""
    if near := (form.near.data or "").strip():
        postcode_position = position_of_postcode(db.session(), near)
        if postcode_position is None:
            note = f"No school in the register has a postcode like “{near[:20]}”."
        position = postcode_position or position
    within = int(form.within.data) if form.within.data else None
    if position is None and (within or form.sort.data == "nearest"):
        note = note or "We do not know where your school is: give a postcode to search by distance."
    criteria = SearchCriteria(
        words=(form.q.data or "")[:200],
        kind=form.kind.data or "",
        topic=form.topic.data or "",
        phase=form.phase.data or "",
        region=form.region.data or "",
        circle=form.circle.data or "",
        school=form.school.data or "",
        size=form.size.data or "",
        setting=form.setting.data or "",
        mode=form.mode.data or "",
        position=position,
        within_miles=within,
        sort=form.sort.data or "best",
    )
    return criteria, note
