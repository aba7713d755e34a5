"""Finding help: the search, a listing's page, a school's page."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import joinedload
from wtforms import Form as PlainForm
from wtforms import SelectField as AnySelectField
from wtforms import StringField

from marketplace.conversations.service import thread_about
from marketplace.database import db
from marketplace.discovery.search import (
    COUNT_AT_MOST,
    Found,
    Wanted,
    latest,
    search,
)
from marketplace.listings.forms import AUDIENCE_LABELS, MODE_LABELS, topic_options
from marketplace.listings.models import Audience, Kind, Listing, ListingStatus, Mode
from marketplace.listings.service import get_listing, visible_to
from marketplace.listings.shown import ListingCard, summary, topic_names
from marketplace.listings.topics import PHASES
from marketplace.people.access import access, acting, needs
from marketplace.people.roles import Permission
from marketplace.people.viewer import Acting
from marketplace.schools.facts import Phase, SizeBand
from marketplace.schools.facts import UrbanRural as SchoolSetting
from marketplace.schools.models import School
from marketplace.schools.postcodes import place_of_postcode
from marketplace.web.formats import credits, miles
from marketplace.web.forms import options
from marketplace.web.problems import NotFound

discovery = Blueprint("discovery", __name__)

REGIONS = (
    "East Midlands",
    "East of England",
    "London",
    "North East",
    "North West",
    "South East",
    "South West",
    "West Midlands",
    "Yorkshire and the Humber",
)
DISTANCES = (5, 10, 20, 50, 100)


class SelectField(AnySelectField):
    """A choice that need not be in the address: its first one is then meant."""

    def pre_validate(self, form: Any) -> None:
        """Take what is missing for the first choice."""
        if self.data is None:
            self.data = next(value for value, *_ in self.iter_choices())
        super().pre_validate(form)


class SearchForm(PlainForm):
    """What may be searched by; it travels in the address, so that a search can be kept."""

    q = StringField("Words")
    kind = SelectField(
        "Offers or requests",
        choices=options([("", "Both"), ("offer", "Offers"), ("request", "Requests")]),
    )
    topic = SelectField("Topic")
    phase = SelectField("Phase", choices=options([("", "Any phase"), *PHASES.items()]))
    region = SelectField(
        "Region", choices=options([("", "Any region"), *[(r, r) for r in REGIONS]])
    )
    mode = SelectField(
        "Where", choices=options([("", "Anywhere"), *[(m.value, MODE_LABELS[m]) for m in Mode]])
    )
    circle = SelectField(
        "Whose",
        choices=options(
            [
                ("", "Any school’s"),
                ("trust", "Our trust’s"),
                ("authority", "Our local authority’s"),
            ]
        ),
    )
    school = SelectField(
        "Kind of school", choices=options([("", "Any kind"), *[(p.value, p.label) for p in Phase]])
    )
    size = SelectField(
        "Size of school",
        choices=options([("", "Any size"), *[(s.value, s.label) for s in SizeBand]]),
    )
    setting = SelectField(
        "Town or country",
        choices=options([("", "Both"), *[(s.value, s.label) for s in SchoolSetting]]),
    )
    within = SelectField(
        "Distance",
        choices=options(
            [("", "Any distance"), *[(str(d), f"Within {d} miles") for d in DISTANCES]]
        ),
    )
    near = StringField("Near (postcode)")
    sort = SelectField(
        "Order",
        choices=options(
            [("best", "Best match"), ("nearest", "Nearest first"), ("newest", "Newest first")]
        ),
    )


@discovery.get("/search")
@access(needs(Permission.LOOK))
def find() -> ResponseReturnValue:
    """Search offers and requests by words, topic, phase, region and distance."""
    form = SearchForm(request.args)
    form.topic.choices = [*options([("", "Any topic")]), *topic_options()]
    notes = []
    if not form.validate():
        # A hand-made or an old address: what is not known does not narrow the search.
        for field in form:
            if field.errors:
                field.data = ""
        notes.append("Part of this search is not known here and was left out.")
    wanted, place_note = _wanted(form, acting())
    if place_note:
        notes.append(place_note)
    results = search(db.session(), acting(), wanted, after=request.args.get("after", ""))
    kept = {name: value for name, value in form.data.items() if value and value != "best"}
    return render_template(
        "discovery/search.html",
        form=form,
        cards=[card_of(found) for found in results.found],
        count=results.count,
        count_at_most=COUNT_AT_MOST,
        notes=notes,
        next_url=url_for("discovery.find", **kept, after=results.next) if results.next else None,
        narrowed=bool(kept.keys() - {"q"}),
        first_page=not request.args.get("after"),
    )


@discovery.get("/listings/<int:listing_id>")
@access(needs(Permission.LOOK))
def listing(listing_id: int) -> ResponseReturnValue:
    """One offer or request, the school behind it, and what one can do about it."""
    who = acting()
    found = get_listing(db.session(), listing_id, who)
    own = found.school_urn == who.urn
    thread = thread_about(db.session(), who, found) if who.urn is not None and not own else None
    return render_template(
        "discovery/listing.html",
        listing=found,
        school=found.school,
        phase_label=_label(Phase, found.school.phase),
        topics=topic_names([topic.topic for topic in found.topics]),
        phases=[PHASES[phase.phase] for phase in found.phases if phase.phase in PHASES],
        mode_label=MODE_LABELS[Mode(found.mode)],
        audience_label=AUDIENCE_LABELS[Audience(found.audience)],
        distance=_distance(found.school, who),
        open=found.status == ListingStatus.OPEN,
        own=own,
        thread=thread,
        is_offer=found.kind == Kind.OFFER,
        may_ask=who.urn is not None and not own and who.may(Permission.ASK),
        may_propose=who.urn is not None and not own and who.may(Permission.AGREE_EXCHANGE),
        may_change=own and who.may(Permission.POST_LISTING),
    )


@discovery.get("/schools/<int:urn>")
@access(needs(Permission.LOOK))
def school(urn: int) -> ResponseReturnValue:
    """What the register says of a school, and what it offers and seeks."""
    found = db.session.scalar(
        sa.select(School)
        .where(School.urn == urn)
        .options(
            joinedload(School.local_authority),
            joinedload(School.trust),
            joinedload(School.successor),
        )
    )
    if found is None:
        raise NotFound("The register has no school with this number.")
    who = acting()
    shown = latest(db.session(), 50, Listing.school_urn == urn, visible_to(who))
    return render_template(
        "discovery/school.html",
        school=found,
        phase_label=_label(Phase, found.phase),
        size_label=_label(SizeBand, found.size_band),
        distance=_distance(found, who),
        cards=[card_of(item) for item in shown],
        own=urn == who.urn,
    )


def card_of(found: Found) -> ListingCard:
    """A search result as its card."""
    place = ", ".join(dict.fromkeys(part for part in (found.town, found.local_authority) if part))
    return ListingCard(
        url=url_for("discovery.listing", listing_id=found.id),
        kind=found.kind,
        title=found.title,
        summary=summary(found.description),
        school_name=found.school_name,
        place=place,
        distance=miles(found.metres) if found.metres is not None else None,
        topics=topic_names(found.topics),
        phases=[],
        mode_label=MODE_LABELS[Mode(found.mode)],
        cost=credits(found.minutes),
        audience_label=AUDIENCE_LABELS[Audience(found.audience)],
    )


def _wanted(form: SearchForm, who: Acting) -> tuple[Wanted, str]:
    """The search that was asked for, and a note if the place is not known."""
    place = None
    note = ""
    if who.easting is not None and who.northing is not None:
        place = (who.easting, who.northing)
    if near := (form.near.data or "").strip():
        typed = place_of_postcode(db.session(), near)
        if typed is None:
            note = f"No school of the register has a postcode like “{near[:20]}”."
        place = typed or place
    within = int(form.within.data) if form.within.data else None
    if place is None and (within or form.sort.data == "nearest"):
        note = note or "Your school’s position is not known: give a postcode to search by distance."
    wanted = Wanted(
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
        place=place,
        within_miles=within,
        sort=form.sort.data or "best",
    )
    return wanted, note


def _label(kind: type[Phase] | type[SizeBand], value: str | None) -> str | None:
    return kind(value).label if value else None


def _distance(school: School, who: Acting) -> str | None:
    if school.easting is None or who.easting is None or school.urn == who.urn:
        return None
    assert school.northing is not None
    assert who.northing is not None
    square = (school.easting - who.easting) ** 2 + (school.northing - who.northing) ** 2
    return miles(float(square) ** 0.5)
