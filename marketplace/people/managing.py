"""The pages with which an administrator manages a school's people."""

from __future__ import annotations

from flask import Blueprint, current_app, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from marketplace.database import db
from marketplace.people.access import access, acting, needs
from marketplace.people.colleagues import (
    Colleague,
    add_colleague,
    change_roles,
    colleague,
    colleagues_of,
    school_to_manage,
    why_no_link,
)
from marketplace.people.forms import ColleagueForm, RolesForm, SeenForm
from marketplace.people.links import DAYS, make_link
from marketplace.people.models import Person
from marketplace.people.roles import ROLE_MEANINGS, Permission, Role
from marketplace.people.service import PeopleError
from marketplace.schools.models import School
from marketplace.web.forms import Form
from marketplace.web.problems import NotFound, Problem

colleagues = Blueprint("colleagues", __name__)


@colleagues.get("/people")
@access(needs(Permission.MANAGE_PEOPLE, school=True))
def ours() -> ResponseReturnValue:
    """The way to one's own school's people."""
    return redirect(url_for("colleagues.people", urn=acting().school()))


@colleagues.route("/schools/<int:urn>/people", methods=["GET", "POST"])
@access(needs(Permission.MANAGE_PEOPLE))
def people(urn: int) -> ResponseReturnValue:
    """Everybody at the school, and a form to add somebody."""
    session, who = db.session(), acting()
    school = school_to_manage(session, who, urn)
    form = ColleagueForm()
    if form.validate_on_submit():
        try:
            person, invited = add_colleague(
                session,
                who,
                urn,
                name=form.name.data or "",
                email=form.email.data or "",
                roles=form.chosen(),
                known=form.known.data,
            )
        except (Problem, PeopleError) as error:
            _refuse(form, error, field="email")
        else:
            if invited:
                return _link_page(school, person)
            flash(
                f"{person.name} now has these roles, and signs in with the password they have.",
                "success",
            )
            return redirect(url_for("colleagues.people", urn=urn))
    page = render_template(
        "people/colleagues.html",
        school=school,
        colleagues=colleagues_of(session, urn),
        roles_label=_roles_label,
        form=form,
        ask_known=form.known.data or bool(form.known.errors),
    )
    return page, form.status


@colleagues.route("/schools/<int:urn>/people/<int:person_id>", methods=["GET", "POST"])
@access(needs(Permission.MANAGE_PEOPLE))
def roles(urn: int, person_id: int) -> ResponseReturnValue:
    """One colleague: their roles, a new link, and taking them off."""
    session, who = db.session(), acting()
    school_to_manage(session, who, urn)
    _, found = colleague(session, urn, person_id)
    form = RolesForm()
    if not form.is_submitted():
        form.roles.data = sorted(found.roles)
    if form.validate_on_submit():
        try:
            changed = change_roles(
                session, who, urn, person_id, form.chosen(), seen=form.roles_seen()
            )
        except (Problem, PeopleError) as error:
            _refuse(form, error)
        else:
            flash(
                f"{found.name}: the roles are changed." if changed else "Nothing has changed.",
                "success" if changed else "info",
            )
            return _after(urn, person_id, form.chosen())
    return _colleague_page(urn, person_id, form)


@colleagues.post("/schools/<int:urn>/people/<int:person_id>/remove")
@access(needs(Permission.MANAGE_PEOPLE))
def remove(urn: int, person_id: int) -> ResponseReturnValue:
    """Take all roles at the school away from somebody."""
    session, who = db.session(), acting()
    school = school_to_manage(session, who, urn)
    person = session.get(Person, person_id)
    if person is None:
        raise NotFound
    form = SeenForm()
    if form.validate_on_submit():
        try:
            change_roles(session, who, urn, person_id, frozenset(), seen=form.roles_seen())
        except Problem as error:
            form.refuse(error)
        else:
            flash(f"{person.name} has been taken off {school.name}’s people.", "success")
            return _after(urn, person_id, frozenset())
    return _colleague_page(urn, person_id, form)


@colleagues.post("/schools/<int:urn>/people/<int:person_id>/link")
@access(needs(Permission.MANAGE_PEOPLE))
def link(urn: int, person_id: int) -> ResponseReturnValue:
    """Show, once, a link with which a colleague chooses a new password."""
    session, who = db.session(), acting()
    school = school_to_manage(session, who, urn, lock=True)
    person, _ = colleague(session, urn, person_id)
    form = Form()
    if form.validate_on_submit():
        refusal = why_no_link(session, who, urn, person)
        if refusal is None:
            return _link_page(school, person)
        form.refuse(Problem(refusal))
    return _colleague_page(urn, person_id, form)


def _colleague_page(urn: int, person_id: int, form: Form) -> ResponseReturnValue:
    """The page of one colleague, with what was wrong in ``form``."""
    session, who = db.session(), acting()
    school = school_to_manage(session, who, urn)
    person, found = colleague(session, urn, person_id)
    shown = form
    if not isinstance(form, RolesForm):
        shown = RolesForm(formdata=None, roles=sorted(found.roles))
        shown.form_errors.extend(form.form_errors)
    page = render_template(
        "people/colleague.html",
        school=school,
        colleague=found,
        seen=" ".join(sorted(found.roles)),
        roles_label=_roles_label,
        no_link=why_no_link(session, who, urn, person),
        oneself=person_id == who.person_id,
        days=DAYS,
        form=shown,
    )
    return page, form.status


def _link_page(school: School, person: Person) -> ResponseReturnValue:
    """The page that shows a one-time link; it is kept nowhere."""
    token = make_link(db.session(), person)
    # In production the site is only reached over HTTPS, whatever the proxy speaks to us.
    scheme = "https" if current_app.config["SESSION_COOKIE_SECURE"] else None
    return render_template(
        "people/link.html",
        school=school,
        person=person,
        link=url_for("people.use_link", token=token, _external=True, _scheme=scheme),
        days=DAYS,
    )


def _after(urn: int, person_id: int, now: frozenset[Role]) -> ResponseReturnValue:
    """Back to the list; to the start for who has just given up managing it."""
    who = acting()
    if person_id == who.person_id and who.urn is not None and Role.ADMINISTRATOR not in now:
        return redirect(url_for("home"))
    return redirect(url_for("colleagues.people", urn=urn))


def _refuse(form: Form, error: Problem | PeopleError, field: str | None = None) -> None:
    """Show what was wrong in the form."""
    form.refuse(error if isinstance(error, Problem) else Problem(str(error), field=field))


def _roles_label(found: Colleague) -> str:
    """The roles in words, in their usual order."""
    return ", ".join(role for role in ROLE_MEANINGS if role in found.roles)
