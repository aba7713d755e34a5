"""The pages on which a person sees to their second factors: the app, the recovery codes."""

from __future__ import annotations

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from marketplace.accounts.access import OWN_ACCOUNT, access
from marketplace.accounts.models import Person
from marketplace.accounts.second_factors import authenticators, factors, recovery_codes
from marketplace.accounts.second_factors.forms import NewAuthenticatorForm
from marketplace.accounts.second_factors.telling import tell
from marketplace.accounts.security_log import SecurityKind
from marketplace.accounts.views import blueprint
from marketplace.database import db
from marketplace.web.forms import button_was_pressed


@blueprint.get("/account/second-factor")
@access(OWN_ACCOUNT)
def second_factor() -> ResponseReturnValue:
    """Show which second factors the person has, and lead to each."""
    session, person = db.session(), own_account()
    return render_template(
        "accounts/second_factors/second_factor.html",
        factors=factors.factors_of(session, person),
        required=current_user.needs_second_factor,
        lacking=current_user.lacks_second_factor,
    )


@blueprint.route("/account/authenticator", methods=["GET", "POST"])
@access(OWN_ACCOUNT, recent=True)
def set_up_authenticator() -> ResponseReturnValue:
    """Show a secret for an authenticator app, and take the first code that the app makes of it."""
    session, person = db.session(), own_account()
    before = factors.factors_of(session, person)
    form = NewAuthenticatorForm()
    secret = authenticators.secret_of_form(person, form.sealed_secret.data or "")
    if secret is None:
        form.sealed_secret.data = authenticators.new_secret(person)
        secret = authenticators.secret_of_form(person, form.sealed_secret.data) or ""
        if form.is_submitted():
            form.form_errors.append(
                "This page had been open for too long. Scan the new picture, then write the code."
            )
    elif form.validate_on_submit():
        if authenticators.add(session, person, secret, form.typed_code()):
            codes = factors.added(session, person, current_user.sign_in_id, before.any)
            tell(session, SecurityKind.AUTHENTICATOR_ADDED, person)
            return after_adding("The authenticator app is set up.", codes)
        form.code.errors = [
            "This code is wrong. Wait for the app to show a new one; if that is wrong, too, check"
            " that the clock of the phone is set by itself."
        ]
    page = render_template(
        "accounts/second_factors/authenticator.html",
        form=form,
        qr_code=authenticators.qr_code(person, secret),
        secret=authenticators.grouped(secret),
        replaces=before.authenticator_since,
    )
    return page, form.status


@blueprint.post("/account/authenticator/remove")
@access(OWN_ACCOUNT, recent=True)
def remove_authenticator() -> ResponseReturnValue:
    """Take the authenticator app away."""
    session, person = db.session(), own_account()
    if button_was_pressed():
        factors.remove_authenticator(session, person, required=current_user.needs_second_factor)
        tell(session, SecurityKind.AUTHENTICATOR_REMOVED, person)
        flash("The authenticator app has been removed.", "success")
    return redirect(url_for("accounts.second_factor"))


@blueprint.route("/account/recovery-codes", methods=["GET", "POST"])
@access(OWN_ACCOUNT, recent=True)
def recovery_codes_page() -> ResponseReturnValue:
    """Say how many recovery codes are left; make new ones, and show them once."""
    session, person = db.session(), own_account()
    codes: list[str] = []
    before = factors.factors_of(session, person)
    if before.any and button_was_pressed():
        codes = recovery_codes.make(session, person)
        tell(session, SecurityKind.RECOVERY_CODES_MADE, person)
    return recovery_codes_shown(codes, codes_left=before.recovery_codes, has_factor=before.any)


def own_account() -> Person:
    """Return the account of the person who is signed in."""
    return db.session().get_one(Person, current_user.person_id)


def after_adding(message: str, codes: list[str]) -> ResponseReturnValue:
    """Show the recovery codes that came with a first factor, or else the list of factors."""
    if codes:
        return recovery_codes_shown(codes, added=message)
    flash(message, "success")
    return redirect(url_for("accounts.second_factor"))


def recovery_codes_shown(
    codes: list[str], *, codes_left: int = 0, has_factor: bool = True, added: str = ""
) -> str:
    """The page of recovery codes: new ``codes``, or else how many are left."""
    return render_template(
        "accounts/second_factors/recovery_codes.html",
        codes=codes,
        codes_left=codes_left,
        has_factor=has_factor,
        added=added,
    )
