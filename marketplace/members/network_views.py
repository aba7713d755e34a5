"""The pages with which an operator manages who works for the network."""

from __future__ import annotations

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from marketplace.accounts.access import access, current_actor, needs
from marketplace.accounts.roles import Permission
from marketplace.database import db
from marketplace.members import invitations
from marketplace.members.forms import NetworkInvitationForm
from marketplace.members.network_people import (
    find_network_person,
    network_people,
    remove_from_network,
)
from marketplace.members.presenters import roles_label
from marketplace.members.views import blueprint
from marketplace.web.forms import Form, button_was_pressed

MANAGE_NETWORK = needs(Permission.MANAGE_NETWORK)


@blueprint.route("/network/people", methods=["GET", "POST"])
@access(MANAGE_NETWORK, recent=True)
def staff_of_network() -> ResponseReturnValue:
    """Show who works for the network and who is invited, and a form to invite a person."""
    session, actor = db.session(), current_actor()
    form = NetworkInvitationForm()
    if form.validate_on_submit():
        invitation = invitations.invite_to_network(
            session,
            actor,
            name=form.name.data or "",
            email=form.email.data or "",
            roles=form.selected_roles(),
        )
        flash(f"The invitation is on its way to {invitation.email}.", "success")
        return redirect(url_for(".staff_of_network"))
    page = render_template(
        "members/network_people.html",
        colleagues=network_people(session, actor),
        invitations=invitations.open_invitations(session, None),
        roles_label=roles_label,
        own_id=actor.person_id,
        form=form,
    )
    return page, form.status


@blueprint.route("/network/people/<int:person_id>/remove", methods=["GET", "POST"])
@access(MANAGE_NETWORK, recent=True)
def remove_from_staff(person_id: int) -> ResponseReturnValue:
    """Ask whether a person is to work for the network no longer, and end it."""
    session, actor = db.session(), current_actor()
    colleague = find_network_person(session, actor, person_id)
    form = Form()
    if form.validate_on_submit():
        remove_from_network(session, actor, person_id)
        flash(f"{colleague.name} no longer works for the network.", "success")
        oneself = person_id == actor.person_id
        return redirect(url_for("pages.dashboard" if oneself else ".staff_of_network"))
    page = render_template(
        "members/remove_from_network.html",
        colleague=colleague,
        roles_label=roles_label,
        oneself=person_id == actor.person_id,
        form=form,
    )
    return page, form.status


@blueprint.post("/network/invitations/<int:invitation_id>/resend")
@access(MANAGE_NETWORK, recent=True)
def resend_to_staff(invitation_id: int) -> ResponseReturnValue:
    """Send an invitation to the network again."""
    if button_was_pressed():
        invitation = invitations.resend(db.session(), current_actor(), None, invitation_id)
        flash(f"A new link is on its way to {invitation.email}; the old one has ended.", "success")
    return redirect(url_for(".staff_of_network"))


@blueprint.post("/network/invitations/<int:invitation_id>/revoke")
@access(MANAGE_NETWORK, recent=True)
def revoke_for_staff(invitation_id: int) -> ResponseReturnValue:
    """Take an invitation to the network back."""
    if button_was_pressed():
        invitation = invitations.revoke(db.session(), current_actor(), None, invitation_id)
        flash(f"The invitation to {invitation.email} has been taken back.", "success")
    return redirect(url_for(".staff_of_network"))


NETWORK_STAFF_PAGES = tuple(
    f"members.{view.__name__}"
    for view in (staff_of_network, remove_from_staff, resend_to_staff, revoke_for_staff)
)
"""The pages that belong to the entry “Staff” of the navigation."""
