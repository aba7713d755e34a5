"""The pages of term dates: a school's own, and those of the authorities for the operator."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from marketplace.accounts.access import access, current_actor, needs
from marketplace.accounts.roles import Permission
from marketplace.calendar import service
from marketplace.calendar.forms import KIND_NAMES, DaysForm, FileForm
from marketplace.calendar.ical import NOT_A_CALENDAR, read_ical
from marketplace.calendar.models import EntryKind
from marketplace.calendar.queries import (
    Owner,
    count_by_authority,
    get_authority,
    list_entries,
    school_calendar,
)
from marketplace.calendar.school_calendar import SchoolCalendar
from marketplace.clock import today
from marketplace.database import db
from marketplace.errors import Refusal
from marketplace.web.forms import button_was_pressed

blueprint = Blueprint("calendar", __name__)

CHANGE = needs(Permission.POST_LISTINGS, school=True)
NETWORK = needs(Permission.MANAGE_NETWORK)
SHOWN = 12
"""How many half-terms are shown: two school years."""


@blueprint.get("/term-dates")
@access(needs(Permission.VIEW_LISTINGS, school=True))
def ours() -> ResponseReturnValue:
    """Show the school year of one's own school, and what the school has told of it."""
    actor = current_actor()
    calendar = school_calendar(db.session(), actor.school(), actor.local_authority_code)
    return _page(
        calendar,
        Owner(school_urn=actor.school()),
        heading="Term dates of our school",
        may_change=actor.may(Permission.POST_LISTINGS),
        change_url=url_for(".change"),
        delete="calendar.delete",
        back=(url_for("listings.ours"), "Our listings"),
    )


@blueprint.route("/term-dates/change", methods=["GET", "POST"])
@access(CHANGE)
def change() -> ResponseReturnValue:
    """Add some days of one's own school, or import all of them."""
    owner = Owner(school_urn=current_actor().school())
    return _change(owner, "Add term dates of our school", url_for(".ours"))


@blueprint.post("/term-dates/<int:entry_id>/delete")
@access(CHANGE)
def delete(entry_id: int) -> ResponseReturnValue:
    """Delete some days of one's own school."""
    owner = Owner(school_urn=current_actor().school())
    return _delete(owner, entry_id, url_for(".ours"))


@blueprint.get("/network/term-dates")
@access(NETWORK)
def authorities() -> ResponseReturnValue:
    """Show the local authorities, and of which we have term dates."""
    return render_template(
        "calendar/authorities.html", authorities=count_by_authority(db.session())
    )


@blueprint.get("/network/term-dates/<authority_code>")
@access(NETWORK)
def authority(authority_code: str) -> ResponseReturnValue:
    """Show the school year of an authority's schools."""
    authority = get_authority(db.session(), authority_code)
    return _page(
        school_calendar(db.session(), 0, authority_code),
        Owner(authority_code=authority_code),
        heading=f"Term dates of {authority.name}",
        may_change=True,
        change_url=url_for(".change_authority", authority_code=authority_code),
        delete="calendar.delete_of_authority",
        back=(url_for(".authorities"), "Term dates"),
    )


@blueprint.route("/network/term-dates/<authority_code>/change", methods=["GET", "POST"])
@access(NETWORK)
def change_authority(authority_code: str) -> ResponseReturnValue:
    """Add some days of an authority, or import all of them."""
    authority = get_authority(db.session(), authority_code)
    return _change(
        Owner(authority_code=authority_code),
        f"Add term dates of {authority.name}",
        url_for(".authority", authority_code=authority_code),
    )


@blueprint.post("/network/term-dates/<authority_code>/<int:entry_id>/delete")
@access(NETWORK)
def delete_of_authority(authority_code: str, entry_id: int) -> ResponseReturnValue:
    """Delete some days of an authority."""
    get_authority(db.session(), authority_code)
    return _delete(
        Owner(authority_code=authority_code),
        entry_id,
        url_for(".authority", authority_code=authority_code),
    )


def _page(calendar: SchoolCalendar, owner: Owner, **words: Any) -> str:
    entries = list_entries(db.session(), owner)
    return render_template(
        "calendar/term_dates.html",
        half_terms=calendar.half_terms_from(today(), SHOWN),
        entries=entries,
        kind_names={kind.value: name for kind, name in KIND_NAMES.items()},
        owner=owner,
        inset=EntryKind.INSET,
        **words,
    )


def _change(owner: Owner, heading: str, back_url: str) -> ResponseReturnValue:
    """One page with two forms: some days, or a file."""
    is_file = "file" in request.files or "import" in request.form
    form = DaysForm(formdata=None) if is_file else DaysForm()
    file_form = FileForm() if is_file else FileForm(formdata=None)
    asked = file_form if is_file else form
    if asked.validate_on_submit():
        if is_file:
            number = service.import_days(db.session(), current_actor(), owner, _read())
            flash(f"Imported: {number} terms, holidays and INSET days.", "success")
        else:
            service.add_days(db.session(), current_actor(), owner, form.days())
            flash("Added.", "success")
        return redirect(back_url)
    page = render_template(
        "calendar/change.html",
        form=asked,
        days_form=form,
        file_form=file_form,
        heading=heading,
        back_url=back_url,
    )
    return page, asked.status


def _read() -> Any:
    upload = request.files.get("file")
    data = upload.read() if upload else b""
    if not data:
        raise Refusal(NOT_A_CALENDAR, field="file")
    return read_ical(data)


def _delete(owner: Owner, entry_id: int, back_url: str) -> ResponseReturnValue:
    if button_was_pressed():
        service.delete_days(db.session(), current_actor(), owner, entry_id)
        flash("Deleted.", "success")
    return redirect(back_url)
