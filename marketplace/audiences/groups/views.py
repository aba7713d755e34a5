"""The pages of groups of schools."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from marketplace.accounts.access import access, current_actor, needs
from marketplace.accounts.roles import Permission
from marketplace.audiences.groups import queries, service
from marketplace.audiences.groups.forms import GroupForm
from marketplace.audiences.groups.presenters import candidate_row, school_row
from marketplace.audiences.models import MemberState
from marketplace.database import db
from marketplace.errors import NotFound
from marketplace.schools.finding import find_schools
from marketplace.web.forms import button_was_pressed

blueprint = Blueprint("groups", __name__, url_prefix="/groups")

SEE = needs(Permission.VIEW_LISTINGS, school=True)
MANAGE = needs(Permission.MANAGE_GROUPS, school=True)
LONGEST_SEARCH = 100
FOUND = 15


@blueprint.get("")
@access(SEE)
def ours() -> ResponseReturnValue:
    """Show the groups that the school is in, and those that invite it."""
    groups = queries.list_own(db.session(), current_actor())
    return render_template(
        "groups/ours.html",
        groups=[group for group in groups if group.state == MemberState.MEMBER],
        invitations=[group for group in groups if group.state == MemberState.INVITED],
        may_manage=current_actor().may(Permission.MANAGE_GROUPS),
    )


@blueprint.route("/new", methods=["GET", "POST"])
@access(MANAGE)
def new() -> ResponseReturnValue:
    """Found a group."""
    form = GroupForm()
    if form.validate_on_submit():
        group = service.found_group(
            db.session(),
            current_actor(),
            name=form.name.data or "",
            purpose=form.purpose.data or "",
            idempotency_key=form.key,
        )
        flash("Founded. Now invite the schools that belong to it.", "success")
        return redirect(url_for(".invite", group_id=group.id))
    return render_template("groups/edit.html", form=form, group=None), form.status


@blueprint.get("/<int:group_id>")
@access(SEE)
def group(group_id: int) -> ResponseReturnValue:
    """Show a group: what it is for, its schools, and what one can do."""
    session, actor = db.session(), current_actor()
    group, place = queries.get_group(session, group_id, actor)
    invited = place.state == MemberState.INVITED
    leads = group.lead_urn == actor.urn
    waiting = queries.list_schools(session, group, MemberState.INVITED) if leads else []
    schools = queries.list_schools(session, group, MemberState.MEMBER)
    return render_template(
        "groups/group.html",
        group=group,
        rows=[school_row(one, group.lead_urn) for one in schools],
        waiting=[school_row(one, group.lead_urn) for one in waiting],
        invited=invited,
        leads=leads,
        may_manage=actor.may(Permission.MANAGE_GROUPS),
    )


@blueprint.route("/<int:group_id>/change", methods=["GET", "POST"])
@access(MANAGE)
def change(group_id: int) -> ResponseReturnValue:
    """Change the name of a group, or what it is for."""
    group, _place = queries.get_group(db.session(), group_id, current_actor())
    if group.lead_urn != current_actor().urn:
        raise NotFound
    form = GroupForm(data={"name": group.name, "purpose": group.purpose, "version": group.version})
    if form.validate_on_submit():
        service.change_group(
            db.session(),
            current_actor(),
            group,
            name=form.name.data or "",
            purpose=form.purpose.data or "",
            version=form.seen_version,
        )
        flash("Changed.", "success")
        return redirect(url_for(".group", group_id=group_id))
    return render_template("groups/edit.html", form=form, group=group_id), form.status


@blueprint.route("/<int:group_id>/invite", methods=["GET", "POST"])
@access(MANAGE)
def invite(group_id: int) -> ResponseReturnValue:
    """Find a school by its name, and invite it."""
    session, actor = db.session(), current_actor()
    group, _place = queries.get_group(session, group_id, actor)
    if group.lead_urn != actor.urn:
        raise NotFound
    typed = request.args.get("q", "").strip()[:LONGEST_SEARCH]
    if request.method == "POST":
        if button_was_pressed():
            urn = request.form.get("school", "")
            place = service.invite_school(session, actor, group, _urn(urn))
            flash("Invited. Its coordinators and administrators are told.", "success")
            assert place.group_id == group_id
        return redirect(url_for(".invite", group_id=group_id, q=typed or None))
    found = find_schools(session, typed, limit=FOUND)
    states = queries.states_in(session, group)
    return render_template(
        "groups/invite.html",
        group=group,
        typed=typed,
        found=found,
        rows=[candidate_row(school, states) for school in found.schools],
    )


@blueprint.post("/<int:group_id>/accept")
@access(MANAGE)
def accept(group_id: int) -> ResponseReturnValue:
    """Join a group that invites the school."""
    group, _place = queries.get_group(db.session(), group_id, current_actor())
    if button_was_pressed():
        service.accept_group(db.session(), current_actor(), group)
        flash(f"Your school is in {group.name}: you see what its schools show to it.", "success")
    return redirect(url_for(".group", group_id=group_id))


@blueprint.post("/<int:group_id>/decline")
@access(MANAGE)
def decline(group_id: int) -> ResponseReturnValue:
    """Decline an invitation."""
    group, _place = queries.get_group(db.session(), group_id, current_actor())
    if button_was_pressed():
        service.decline_group(db.session(), current_actor(), group)
        flash(f"Declined. {group.lead.name} is told.", "success")
    return redirect(url_for(".ours"))


@blueprint.route("/<int:group_id>/leave", methods=["GET", "POST"])
@access(MANAGE)
def leave(group_id: int) -> ResponseReturnValue:
    """Ask once more, then leave a group."""
    group, place = queries.get_group(db.session(), group_id, current_actor())
    if place.state != MemberState.MEMBER:
        raise NotFound
    if request.method == "POST":
        if not button_was_pressed():
            return redirect(url_for(".group", group_id=group_id))
        service.leave_group(db.session(), current_actor(), group)
        flash(f"Your school has left {group.name}.", "success")
        return redirect(url_for(".ours"))
    return render_template(
        "groups/leave.html", group=group, leads=group.lead_urn == current_actor().urn
    )


@blueprint.post("/<int:group_id>/schools/<int:urn>/remove")
@access(MANAGE)
def remove(group_id: int, urn: int) -> ResponseReturnValue:
    """Take a school out of a group, or its invitation back."""
    group, _place = queries.get_group(db.session(), group_id, current_actor())
    if group.lead_urn != current_actor().urn:
        raise NotFound
    if button_was_pressed():
        service.take_out(db.session(), current_actor(), group, urn)
        flash("It is no longer in the group, or invited.", "success")
    return redirect(url_for(".group", group_id=group_id))


def _urn(typed: str) -> int:
    """The number of a school as a button sends it."""
    if not (typed.isascii() and typed.isdecimal() and len(typed) < 10):
        raise NotFound("The register has no school with this number.")
    return int(typed)
