"""The pages with which an administrator manages a school's people."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from marketplace.accounts.access import access, current_actor, needs
from marketplace.accounts.models import Person
from marketplace.accounts.password_resets import in_words, lasts_for
from marketplace.accounts.roles import ROLE_MEANINGS, TRUST_ROLE_MEANINGS, Permission, Role
from marketplace.database import db
from marketplace.errors import NotFound
from marketplace.members import invitations, service, trust_roles
from marketplace.members.forms import InvitationForm, RolesForm, SeenForm
from marketplace.members.presenters import roles_label
from marketplace.web.forms import Form, button_was_pressed

blueprint = Blueprint("members", __name__)

MANAGE = needs(Permission.MANAGE_MEMBERS)


@blueprint.get("/people")
@access(needs(Permission.MANAGE_MEMBERS, school=True))
def ours() -> ResponseReturnValue:
    """Go to the people of one's own school."""
    return redirect(url_for(".people", urn=current_actor().school()))


@blueprint.route("/schools/<int:urn>/people", methods=["GET", "POST"])
@access(MANAGE, recent=True)
def people(urn: int) -> ResponseReturnValue:
    """Show the people at the school and who is invited, and a form to invite a colleague."""
    session, actor = db.session(), current_actor()
    school = service.school_to_manage(session, actor, urn)
    may_give = school.trust_id is not None and invitations.may_give_trust_roles(actor)
    form = InvitationForm(with_trust=may_give)
    if form.validate_on_submit():
        invitation = invitations.invite(
            session,
            actor,
            urn,
            name=form.name.data or "",
            email=form.email.data or "",
            roles=form.selected_roles(),
        )
        flash(
            f"The invitation is on its way to {invitation.email}. It is open for"
            f" {invitations.DAYS} days.",
            "success",
        )
        return redirect(url_for(".people", urn=urn))
    page = render_template(
        "members/people.html",
        school=school,
        colleagues=service.colleagues_of(session, urn),
        invitations=invitations.open_invitations(session, urn),
        trust_colleagues=trust_roles.trust_colleagues(session, school),
        may_give=may_give,
        may_set_trust_rules=actor.may(Permission.SET_TRUST_RULES) and actor.trust_id is not None,
        meanings=[
            *ROLE_MEANINGS.values(),
            *(TRUST_ROLE_MEANINGS.values() if school.trust_id is not None else []),
        ],
        roles_label=roles_label,
        form=form,
    )
    return page, form.status


@blueprint.route("/schools/<int:urn>/people/<int:person_id>", methods=["GET", "POST"])
@access(MANAGE, recent=True)
def roles(urn: int, person_id: int) -> ResponseReturnValue:
    """Show one colleague: their roles, a way to a new password, and their removal."""
    session, actor = db.session(), current_actor()
    school = service.school_to_manage(session, actor, urn)
    person, colleague = service.colleague(session, urn, person_id)
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
    page = render_template(
        "members/person.html",
        school=school,
        colleague=colleague,
        seen=" ".join(sorted(colleague.roles)),
        roles_label=roles_label,
        switched_off=not person.active,
        oneself=person_id == actor.person_id,
        must_stay=Role.ADMINISTRATOR in colleague.roles
        and service.is_only_administrator(session, urn, person_id),
        lasts=in_words(lasts_for(person)),
        form=form,
    )
    return page, form.status


@blueprint.route("/schools/<int:urn>/people/<int:person_id>/remove", methods=["GET", "POST"])
@access(MANAGE, recent=True)
def remove(urn: int, person_id: int) -> ResponseReturnValue:
    """Ask whether a colleague is to lose all roles at the school, and take them away."""
    session, actor = db.session(), current_actor()
    school = service.school_to_manage(session, actor, urn)
    person = session.get(Person, person_id)
    if person is None:
        raise NotFound
    form = SeenForm()
    if form.validate_on_submit():
        seen = form.roles_on_page()
        if service.change_roles(session, actor, urn, person_id, frozenset(), seen=seen):
            flash(f"{person.name} has been removed from {school.name}.", "success")
        else:  # it may be somebody who was never there, whose name nobody here may read
            flash(f"This person has no role at {school.name}.", "info")
        return _after(urn, person_id, frozenset())
    _, colleague = service.colleague(session, urn, person_id)
    form.seen.data = " ".join(sorted(colleague.roles))
    page = render_template(
        "members/remove.html",
        school=school,
        colleague=colleague,
        roles_label=roles_label,
        oneself=person_id == actor.person_id,
        form=form,
    )
    return page, form.status


@blueprint.post("/schools/<int:urn>/people/<int:person_id>/reset")
@access(MANAGE, recent=True)
def reset(urn: int, person_id: int) -> ResponseReturnValue:
    """Send a colleague an e-mail with which they choose a new password."""
    if button_was_pressed():
        person = service.send_password_link(db.session(), current_actor(), urn, person_id)
        flash(f"An e-mail is on its way to {person.email}.", "success")
    return redirect(url_for(".roles", urn=urn, person_id=person_id))


@blueprint.route(
    "/schools/<int:urn>/trust-administrators/<int:person_id>/remove", methods=["GET", "POST"]
)
@access(MANAGE, recent=True)
def remove_trust_administrator(urn: int, person_id: int) -> ResponseReturnValue:
    """Ask whether a person is to administer the school's trust no longer, and end it."""
    return _remove_trust_role(urn, person_id, Role.TRUST_ADMINISTRATOR)


@blueprint.route("/schools/<int:urn>/trust-finance/<int:person_id>/remove", methods=["GET", "POST"])
@access(MANAGE, recent=True)
def remove_trust_finance(urn: int, person_id: int) -> ResponseReturnValue:
    """Ask whether a person is to read the credits of the school's trust no longer, and end it."""
    return _remove_trust_role(urn, person_id, Role.TRUST_FINANCE)


def _remove_trust_role(urn: int, person_id: int, role: Role) -> ResponseReturnValue:
    session, actor = db.session(), current_actor()
    school, colleague = trust_roles.find_trust_colleague(session, actor, urn, person_id, role)
    form = Form()
    if form.validate_on_submit():
        trust_roles.remove_trust_role(session, actor, urn, person_id, role)
        if role is Role.TRUST_ADMINISTRATOR:
            flash(f"{colleague.name} no longer administers the trust.", "success")
            return _after(urn, person_id, frozenset())
        flash(f"{colleague.name} no longer reads the trust’s credits.", "success")
        return redirect(url_for(".people", urn=urn))
    page = render_template(
        "members/remove_trust_role.html",
        school=school,
        colleague=colleague,
        is_finance=role is Role.TRUST_FINANCE,
        oneself=person_id == actor.person_id,
        form=form,
    )
    return page, form.status


def _after(urn: int, person_id: int, roles: frozenset[Role]) -> ResponseReturnValue:
    """Go back to the list, or to the start for a person who is no longer an administrator."""
    actor = current_actor()
    if person_id == actor.person_id and actor.urn is not None and Role.ADMINISTRATOR not in roles:
        return redirect(url_for("pages.dashboard"))
    return redirect(url_for(".people", urn=urn))
