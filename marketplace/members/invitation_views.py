"""The pages of invitations: many at once, again, taken back, and accepted."""

from __future__ import annotations

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from marketplace.accounts import sessions
from marketplace.accounts.access import PUBLIC, access, current_actor, find_current_user
from marketplace.accounts.views import enter_or_ask
from marketplace.database import db
from marketplace.errors import Refusal
from marketplace.members import accepting, invitations, service
from marketplace.members.colleague_list import ListedColleague, read_colleagues
from marketplace.members.forms import ColleaguesForm, NewAccountForm
from marketplace.members.models import Invitation
from marketplace.members.views import MANAGE, blueprint
from marketplace.web.forms import Form, button_was_pressed


@blueprint.route("/schools/<int:urn>/people/invite", methods=["GET", "POST"])
@access(MANAGE, recent=True)
def invite_many(urn: int) -> ResponseReturnValue:
    """Read a list of colleagues, show what it says, and invite them all."""
    session, actor = db.session(), current_actor()
    school = service.school_to_manage(session, actor, urn)
    form = ColleaguesForm()
    colleagues: list[ListedColleague] = []
    if form.validate_on_submit():
        colleagues = _read(form)
        usable = bool(colleagues) and not any(colleague.problem for colleague in colleagues)
        if usable and form.really.data:
            for colleague in colleagues:
                _invite_listed(urn, colleague)
            flash(f"{len(colleagues)} invitations are on their way.", "success")
            return redirect(url_for(".people", urn=urn))
        form.really.data = "1" if usable else ""
    page = render_template(
        "members/invite_many.html", school=school, form=form, colleagues=colleagues
    )
    return page, form.status


@blueprint.post("/schools/<int:urn>/invitations/<int:invitation_id>/resend")
@access(MANAGE, recent=True)
def resend(urn: int, invitation_id: int) -> ResponseReturnValue:
    """Send an invitation again."""
    if button_was_pressed():
        invitation = invitations.resend(db.session(), current_actor(), urn, invitation_id)
        flash(f"A new link is on its way to {invitation.email}; the old one has ended.", "success")
    return redirect(url_for(".people", urn=urn))


@blueprint.post("/schools/<int:urn>/invitations/<int:invitation_id>/revoke")
@access(MANAGE, recent=True)
def revoke(urn: int, invitation_id: int) -> ResponseReturnValue:
    """Take an invitation back."""
    if button_was_pressed():
        invitation = invitations.revoke(db.session(), current_actor(), urn, invitation_id)
        flash(f"The invitation to {invitation.email} has been taken back.", "success")
    return redirect(url_for(".people", urn=urn))


@blueprint.route("/invitations/<token>", methods=["GET", "POST"])
@access(PUBLIC)
def accept_invitation(token: str) -> ResponseReturnValue:
    """Show an invitation, and accept it: with one's account, or with a new one."""
    invitation = accepting.find_by_token(db.session(), token)
    if invitation is None:
        return _ended()
    if accepting.invited_account(db.session(), invitation) is not None:
        return _accept_with_account(token, invitation)
    form = NewAccountForm(name=invitation.name)
    if form.validate_on_submit():
        person = accepting.accept_as_new(
            db.session(),
            token,
            name=form.name.data or "",
            password=form.new_password.data or "",
        )
        if person is None:
            return _ended()
        key = f"school:{invitation.school_urn}"
        answer = enter_or_ask(person, sessions.Method.LINK, membership_key=key)
        flash(f"Welcome. Next time, sign in with {person.email}.", "success")
        return answer
    return _page(invitation, form, needs_sign_in=False)


def _accept_with_account(token: str, invitation: Invitation) -> ResponseReturnValue:
    """Accept with the account that the invited address has, once its owner is signed in."""
    user = find_current_user()
    form = Form()
    if user is not None and form.validate_on_submit():
        if accepting.accept(db.session(), token, user.person_id, user.sign_in_id) is None:
            return _ended()
        flash(f"You now work with {invitation.place} on Skillbank.", "success")
        return redirect(url_for("pages.dashboard"))
    return _page(invitation, form, needs_sign_in=user is None or user.email != invitation.email)


def _page(invitation: Invitation, form: Form, *, needs_sign_in: bool) -> ResponseReturnValue:
    page = render_template(
        "members/invitation.html",
        invitation=invitation,
        meanings=invitations.meanings(invitation),
        needs_sign_in=needs_sign_in,
        is_new=isinstance(form, NewAccountForm),
        form=form,
    )
    return page, form.status


def _ended() -> ResponseReturnValue:
    return render_template("members/invitation_ended.html", days=invitations.DAYS), 410


def _read(form: ColleaguesForm) -> list[ListedColleague]:
    try:
        return read_colleagues(form.colleagues.data or "")
    except Refusal as refusal:
        form.refuse(refusal)
        return []


def _invite_listed(urn: int, colleague: ListedColleague) -> None:
    try:
        invitations.invite(
            db.session(),
            current_actor(),
            urn,
            name=colleague.name,
            email=colleague.email,
            roles=colleague.roles,
        )
    except Refusal as refusal:
        raise Refusal(
            f"Line {colleague.number} ({colleague.email}): {refusal.message} Nothing has been sent"
            " yet.",
            field="colleagues",
        ) from refusal
