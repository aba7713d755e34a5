"""The page on which a person sees to their passkeys."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from marketplace.accounts.access import OWN_ACCOUNT, access
from marketplace.accounts.second_factors import factors, passkeys
from marketplace.accounts.second_factors.forms import NewPasskeyForm
from marketplace.accounts.second_factors.models import LONGEST_PASSKEY_NAME
from marketplace.accounts.second_factors.telling import tell
from marketplace.accounts.second_factors.views import after_adding, own_account
from marketplace.accounts.security_log import SecurityKind
from marketplace.accounts.views import blueprint
from marketplace.database import db
from marketplace.errors import NotFound
from marketplace.web.devices import current_device
from marketplace.web.forms import button_was_pressed


@blueprint.route("/account/passkeys", methods=["GET", "POST"])
@access(OWN_ACCOUNT, recent=True)
def own_passkeys() -> ResponseReturnValue:
    """Show the person's passkeys, and add one that the browser has made."""
    session, person = db.session(), own_account()
    before = factors.factors_of(session, person)
    form = NewPasskeyForm(name=current_device()[:LONGEST_PASSKEY_NAME])
    if form.validate_on_submit():
        if passkeys.add(
            session,
            person,
            challenge=form.challenge.data or "",
            answer=form.credential.data or "",
            name=form.name.data or "",
        ):
            codes = factors.added(session, person, current_user.sign_in_id, before.any)
            tell(session, SecurityKind.PASSKEY_ADDED, person)
            return after_adding(f"The passkey “{form.name.data}” has been added.", codes)
        form.form_errors.append(
            "The passkey could not be added. Try again; if that does not help, use another device"
            " or browser, or an authenticator app."
        )
    page = render_template(
        "accounts/second_factors/passkeys.html",
        form=form,
        passkeys=before.passkeys,
        request_to_add=passkeys.add_request(session, person),
    )
    return page, form.status


@blueprint.post("/account/passkeys/remove")
@access(OWN_ACCOUNT, recent=True)
def remove_passkey() -> ResponseReturnValue:
    """Take one passkey away."""
    session, person = db.session(), own_account()
    number = request.form.get("passkey", "")
    if button_was_pressed():
        if not number.isascii() or not number.isdecimal() or len(number) > 9:
            raise NotFound
        passkey = factors.remove_passkey(
            session, person, int(number), required=current_user.needs_second_factor
        )
        tell(session, SecurityKind.PASSKEY_REMOVED, person)
        flash(f"The passkey “{passkey.name}” has been removed.", "success")
    return redirect(url_for("accounts.own_passkeys"))
