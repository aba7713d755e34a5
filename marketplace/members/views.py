"""The pages with which an administrator manages a school's people."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from marketplace.accounts.access import access, current_actor, needs
from marketplace.accounts.links import DAYS, make_link
from marketplace.accounts.models import Person
from marketplace.accounts.roles import ROLE_MEANINGS, Permission, Role
from marketplace.database import db
from marketplace.errors import NotFound
from marketplace.members import service
from marketplace.members.forms import ColleagueForm, RolesForm, SeenForm
from marketplace.members.service import Colleague
from marketplace.schools.models import School
from marketplace.web.addresses import site_link
from marketplace.web.forms import Form

blueprint = Blueprint("members", __name__)

MANAGE = needs(Permission.MANAGE_MEMBERS)


@blueprint.get("/people")
@access(needs(Permission.MANAGE_MEMBERS, school=True))
def ours() -> ResponseReturnValue:
    """Go to the people of one's own school."""
    return redirect(url_for(".people", urn=current_actor().school()))


@blueprint.route("/schools/<int:urn>/people", methods=["GET", "POST"])
@access(MANAGE)
def people(urn: int) -> ResponseReturnValue:
    """Show the people at the school, and a form to add a colleague."""
    session, actor = db.session(), current_actor()
    school = service.school_to_manage(session, actor, urn)
    form = ColleagueForm()
    if form.validate_on_submit():
        person, invited = service.add_colleague(
            session,
            actor,
            urn,
            name=form.name.data or "",
            email=form.email.data or "",
            roles=form.selected_roles(),
            known=form.known.data,
        )
        if invited:
            return _link_page(school, person)
        flash(
            f"{person.name} now has these roles, and signs in with their existing password.",
            "success",
        )
        return redirect(url_for(".people", urn=urn))
    page = render_template(
        "members/people.html",
        school=school,
        colleagues=service.colleagues_of(session, urn),
        roles_label=_roles_label,
        form=form,
        ask_known=form.known.data or bool(form.known.errors),
    )
    return page, form.status


@blueprint.route("/schools/<int:urn>/people/<int:person_id>", methods=["GET", "POST"])
@access(MANAGE)
def roles(urn: int, person_id: int) -> ResponseReturnValue:
    """Show one colleague: their roles, a new link, and their removal."""
    session, actor = db.session(), current_actor()
    service.school_to_manage(session, actor, urn)
    _, colleague = service.colleague(session, urn, person_id)
    form = RolesForm()
    if not form.is_submitted():
        form.roles.data = sorted(colleague.roles)
    if form.validate_on_submit():
        changed = service.change_roles(
            session, actor, urn, person_id, form.selected_roles(), seen=form.roles_on_page()
        )
        flash(
            f"The roles of {colleague.name} have been changed."
            if changed
            else "Nothing has changed.",
            "success" if changed else "info",
        )
        return _after(urn, person_id, form.selected_roles())
    return _colleague_page(urn, person_id, form)


@blueprint.post("/schools/<int:urn>/people/<int:person_id>/remove")
@access(MANAGE)
def remove(urn: int, person_id: int) -> ResponseReturnValue:
    """Take all roles at the school away from a colleague."""
    session, actor = db.session(), current_actor()
    school = service.school_to_manage(session, actor, urn)
    person = session.get(Person, person_id)
    if person is None:
        raise NotFound
    form = SeenForm()
    if form.validate_on_submit():
        service.change_roles(session, actor, urn, person_id, frozenset(), seen=form.roles_on_page())
        flash(f"{person.name} has been removed from {school.name}.", "success")
        return _after(urn, person_id, frozenset())
    return _colleague_page(urn, person_id, form)


@blueprint.post("/schools/<int:urn>/people/<int:person_id>/link")
@access(MANAGE)
def link(urn: int, person_id: int) -> ResponseReturnValue:
    """Show, once, a link with which a colleague chooses a new password."""
    session, actor = db.session(), current_actor()
    form = Form()
    if form.validate_on_submit():
        school = service.school_to_manage(session, actor, urn, lock=True)
        person, _ = service.colleague(session, urn, person_id)
        service.refuse_link(session, actor, urn, person)
        return _link_page(school, person)
    return _colleague_page(urn, person_id, form)


def _colleague_page(urn: int, person_id: int, form: Form) -> ResponseReturnValue:
    """The page of one colleague, with the errors of ``form``."""
    session, actor = db.session(), current_actor()
    school = service.school_to_manage(session, actor, urn)
    person, colleague = service.colleague(session, urn, person_id)
    roles_form = form
    if not isinstance(form, RolesForm):
        roles_form = RolesForm(formdata=None, roles=sorted(colleague.roles))
        roles_form.form_errors.extend(form.form_errors)
    page = render_template(
        "members/person.html",
        school=school,
        colleague=colleague,
        seen=" ".join(sorted(colleague.roles)),
        roles_label=_roles_label,
        no_link=service.why_no_link(session, actor, urn, person),
        oneself=person_id == actor.person_id,
        days=DAYS,
        form=roles_form,
    )
    return page, form.status


def _link_page(school: School, person: Person) -> ResponseReturnValue:
    """The page that shows a one-time link; the link is not stored."""
    token = make_link(db.session(), person)
    return render_template(
        "members/link.html",
        school=school,
        person=person,
        link=site_link("accounts.use_link", token=token),
        days=DAYS,
    )


def _after(urn: int, person_id: int, roles: frozenset[Role]) -> ResponseReturnValue:
    """Go back to the list, or to the start for a person who is no longer an administrator."""
    actor = current_actor()
    if person_id == actor.person_id and actor.urn is not None and Role.ADMINISTRATOR not in roles:
        return redirect(url_for("pages.dashboard"))
    return redirect(url_for(".people", urn=urn))


def _roles_label(colleague: Colleague) -> str:
    """The roles in words, in their usual order."""
    return ", ".join(role for role in ROLE_MEANINGS if role in colleague.roles)
