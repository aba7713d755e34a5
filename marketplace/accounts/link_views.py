"""The pages that one-time links lead to, and the page that asks for one.

Their addresses hold a token, so no cache keeps them and no other site is told of them
(``web.security_headers``). Opening one changes nothing; only its form does.
"""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from marketplace.accounts import one_time_links, own_account, sessions
from marketplace.accounts.access import PUBLIC, access
from marketplace.accounts.forms import ForgottenPasswordForm, PasswordForm
from marketplace.accounts.one_time_links import Purpose
from marketplace.accounts.password_resets import CHOOSING, ask_for_reset, choose_password
from marketplace.accounts.views import enter_or_ask
from marketplace.database import db
from marketplace.web.forms import Form


def add_to(blueprint: Blueprint) -> None:
    """Add the pages to the blueprint of accounts."""
    both = ["GET", "POST"]
    blueprint.add_url_rule("/forgotten-password", view_func=forgotten_password, methods=both)
    blueprint.add_url_rule("/choose-password/<token>", view_func=use_link, methods=both)
    blueprint.add_url_rule("/confirm-address/<token>", view_func=confirm_address, methods=both)
    blueprint.add_url_rule("/take-back/<token>", view_func=take_back, methods=both)


@access(PUBLIC)
def forgotten_password() -> ResponseReturnValue:
    """Ask for a link to choose a new password; the answer is the same for every address."""
    form = ForgottenPasswordForm()
    if form.validate_on_submit():
        ask_for_reset(db.session(), form.email.data or "")
        return redirect(url_for(".forgotten_password", sent=1))
    if "sent" in request.args and request.method == "GET":
        return render_template("accounts/reset_asked.html")
    return render_template("accounts/forgotten_password.html", form=form), form.status


@access(PUBLIC)
def use_link(token: str) -> ResponseReturnValue:
    """Choose a password with a one-time link, and be signed in."""
    database = db.session()
    row = one_time_links.find(database, token, *CHOOSING)
    form = PasswordForm()
    if row is not None and form.validate_on_submit():
        person = choose_password(database, token, form.new_password.data or "")
        if person is not None:
            answer = enter_or_ask(person, sessions.Method.LINK)
            flash(f"Your password is set. Next time, sign in with {person.email}.", "success")
            return answer
        row = None
    if row is None:
        return _expired()
    page = render_template("accounts/choose_password.html", form=form, person=row[1])
    return page, form.status


@access(PUBLIC)
def confirm_address(token: str) -> ResponseReturnValue:
    """Confirm a new e-mail address, with the link that was sent to it."""
    database = db.session()
    row = one_time_links.find(database, token, Purpose.ADDRESS_CHANGE)
    form = Form()
    if row is not None and form.validate_on_submit():
        person = own_account.confirm_address(database, token)
        if person is not None:
            flash(f"From now on you sign in with {person.email}.", "success")
            return redirect(url_for("accounts.account"))
        row = None
    if row is None:
        return _expired()
    link, person = row
    page = render_template(
        "accounts/confirm_address.html", form=form, person=person, new_address=link.address
    )
    return page, form.status


@access(PUBLIC)
def take_back(token: str) -> ResponseReturnValue:
    """Take an account back, with the link that was sent to its former address."""
    database = db.session()
    row = one_time_links.find(database, token, Purpose.ADDRESS_BACK)
    form = Form()
    if row is not None and form.validate_on_submit():
        if own_account.take_back(database, token) is not None:
            return render_template("accounts/taken_back.html")
        row = None
    if row is None:
        return _expired()
    link, person = row
    page = render_template(
        "accounts/take_back.html", form=form, person=person, former_address=link.address
    )
    return page, form.status


def _expired() -> ResponseReturnValue:
    return render_template("accounts/link_expired.html"), 410
