"""One's own account: its page, name, e-mail address, password, and where one is signed in."""

from __future__ import annotations

from flask import Blueprint, flash, jsonify, redirect, render_template, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from marketplace.accounts import known_devices, own_account, sessions
from marketplace.accounts.access import OWN_ACCOUNT, access
from marketplace.accounts.account_sections import account_sections
from marketplace.accounts.forms import AddressForm, ChangePasswordForm, NameForm
from marketplace.accounts.models import Person
from marketplace.accounts.password_sign_in import try_own_password
from marketplace.accounts.security_log import SecurityKind, record_apart
from marketplace.accounts.waiting import must_wait, wait_headers
from marketplace.database import db
from marketplace.errors import NotFound
from marketplace.privacy.holdings import personal_data
from marketplace.settings import current_settings
from marketplace.web.forms import button_was_pressed


def add_to(blueprint: Blueprint) -> None:
    """Add the pages to the blueprint of accounts."""
    both = ["GET", "POST"]
    blueprint.add_url_rule("/account", view_func=account)
    blueprint.add_url_rule("/account/name", view_func=name, methods=both)
    blueprint.add_url_rule("/account/address", view_func=address, methods=both)
    blueprint.add_url_rule("/account/password", view_func=password, methods=both)
    blueprint.add_url_rule("/account/data.json", view_func=own_data)
    blueprint.add_url_rule("/account/sessions", view_func=signed_in)
    blueprint.add_url_rule(
        "/account/sessions/<int:sign_in_id>/end", view_func=end_session, methods=["POST"]
    )
    blueprint.add_url_rule("/account/sessions/end-others", view_func=end_others, methods=["POST"])
    blueprint.add_url_rule(
        "/account/devices/<int:device_id>/forget", view_func=forget_device, methods=["POST"]
    )


@access(OWN_ACCOUNT)
def account() -> ResponseReturnValue:
    """Show one's account: what there is, how it stands, and where it is changed."""
    database, person_id = db.session(), current_user.person_id
    sections = [(section, section.state(database, person_id)) for section in account_sections()]
    return render_template("accounts/account.html", sections=sections)


@access(OWN_ACCOUNT)
def name() -> ResponseReturnValue:
    """Change one's name."""
    form = NameForm(name=current_user.name)
    if form.validate_on_submit():
        own_account.change_name(db.session(), current_user.person_id, form.name.data or "")
        flash("Your name has been changed.", "success")
        return redirect(url_for(".account"))
    return render_template("accounts/name.html", form=form), form.status


@access(OWN_ACCOUNT, recent=True)
def address() -> ResponseReturnValue:
    """Ask for another e-mail address; it counts once its link has been opened."""
    user = current_user
    form = AddressForm()
    if form.validate_on_submit():
        new_address = own_account.ask_for_address(
            db.session(), user.person_id, form.email.data or ""
        )
        flash(
            f"We have sent a link to {new_address}. Until you open it, you sign in with"
            f" {user.email}.",
            "success",
        )
        return redirect(url_for(".account"))
    return render_template("accounts/address.html", form=form, email=user.email), form.status


@access(OWN_ACCOUNT)
def password() -> ResponseReturnValue:
    """Change one's password, with the one before it; every other browser is signed out."""
    database, user = db.session(), current_user
    if database.get_one(Person, user.person_id).password_hash is None:
        return render_template("accounts/no_password.html", email=user.email)
    form = ChangePasswordForm()
    if form.validate_on_submit() and _is_oneself(form):
        session["_user_id"] = own_account.change_password(
            database,
            user.person_id,
            form.new_password.data or "",
            sign_in_id=user.sign_in_id,
        )
        flash("Your password has been changed. Every other browser is signed out.", "success")
        return redirect(url_for(".account"))
    page = render_template(
        "accounts/password.html", form=form, email=user.email, must_wait=must_wait(form)
    )
    return page, form.status, wait_headers(form)


@access(OWN_ACCOUNT)
def signed_in() -> ResponseReturnValue:
    """Show where one is signed in, and the devices that are known."""
    database, user = db.session(), current_user
    limits = sessions.limits_for(current_settings().sign_in, user.all_roles)
    device = known_devices.find_device(database, user.person_id)
    return render_template(
        "accounts/sessions.html",
        sign_ins=sessions.open_sessions(database, user.person_id, limits),
        this_sign_in=user.sign_in_id,
        devices=known_devices.devices_of(database, user.person_id),
        this_device=device.id if device else None,
    )


@access(OWN_ACCOUNT)
def own_data() -> ResponseReturnValue:
    """Download everything that is held on oneself."""
    person_id = current_user.person_id
    record_apart(SecurityKind.EXPORTED, person_id=person_id, actor_id=person_id, what="own data")
    response = jsonify(personal_data(db.session(), person_id))
    response.headers["Content-Disposition"] = 'attachment; filename="skillbank-my-data.json"'
    return response


@access(OWN_ACCOUNT, recent=True)
def end_session(sign_in_id: int) -> ResponseReturnValue:
    """Sign one browser out."""
    if button_was_pressed():
        if not own_account.end_session(db.session(), current_user.person_id, sign_in_id):
            raise NotFound
        flash("That browser is signed out.", "success")
    return redirect(url_for(".signed_in"))


@access(OWN_ACCOUNT, recent=True)
def end_others() -> ResponseReturnValue:
    """Sign every other browser out, and forget the other devices."""
    if button_was_pressed():
        own_account.leave_everywhere_else(
            db.session(),
            current_user.person_id,
            sign_in_id=current_user.sign_in_id,
            reason=sessions.EndReason.REVOKED,
        )
        flash("You are signed out everywhere but here.", "success")
    return redirect(url_for(".signed_in"))


@access(OWN_ACCOUNT)
def forget_device(device_id: int) -> ResponseReturnValue:
    """Forget a known device."""
    if button_was_pressed():
        if not own_account.forget_device(db.session(), current_user.person_id, device_id):
            raise NotFound
        flash("That device is forgotten.", "success")
    return redirect(url_for(".signed_in"))


def _is_oneself(form: ChangePasswordForm) -> bool:
    """Say whether the password in ``form`` is the person's own; a wrong one is shown at its field.

    Raises:
        TooManyTries: if so many wrong ones were typed in this session that it has to wait.
    """
    user, field = current_user, form.password
    if try_own_password(db.session(), user.person_id, user.sign_in_id, field.data or ""):
        return True
    record_apart(SecurityKind.SIGN_IN_FAILED, person_id=user.person_id, actor_id=user.person_id)
    field.errors = [*field.errors, "That is not your password."]
    return False
