"""Asking again who it is, before a form changes people, money policy or security.

A view asks by its rule: ``@access(rule, recent=True)``. A person who proved who they are in the
last ten minutes notices nothing; everyone else is asked here, and then finds the form as it was.
"""

from __future__ import annotations

from flask import render_template, request
from flask.typing import ResponseReturnValue
from flask_login import current_user
from sqlalchemy.orm import Session

from marketplace.accounts import sessions
from marketplace.accounts.access import OWN_ACCOUNT, NotConfirmed, access
from marketplace.accounts.models import Person
from marketplace.accounts.password_sign_in import try_own_password
from marketplace.accounts.second_factors import passkeys
from marketplace.accounts.second_factors.challenges import Purpose
from marketplace.accounts.second_factors.factors import factors_of, use_code
from marketplace.accounts.second_factors.forms import CodeForm, ConfirmPasswordForm, PasskeyForm
from marketplace.accounts.security_log import SecurityKind, record_apart, record_security
from marketplace.accounts.views import blueprint, go_on
from marketplace.accounts.waiting import wait_headers
from marketplace.database import db
from marketplace.web.forms import Form
from marketplace.web.interrupted_forms import unpack_form

NOT_PROVED = "The passkey could not be checked. Try again."


def ask_again(interrupted: NotConfirmed) -> ResponseReturnValue:
    """Show the page that asks, in the place of a form that must wait; it keeps the form."""
    form = _empty_form(_person(), interrupted.packed_form)
    page, _status, _headers = _page(form)
    return page, 401


@blueprint.route("/confirm-it-is-you", methods=["GET", "POST"])
@access(OWN_ACCOUNT)
def confirm() -> ResponseReturnValue:
    """Take the password, or a code of a person who has an authenticator app."""
    session, person = db.session(), _person()
    form = _form_class(session, person)()
    if form.validate_on_submit():
        if isinstance(form, CodeForm):
            if use_code(session, person, form.code.data or ""):
                return _confirmed("code", form)
            field, message = form.code, "This code is wrong, or it has been used."
        else:
            password = form.password.data or ""
            if try_own_password(session, person.id, current_user.sign_in_id, password):
                return _confirmed("password", form)
            field, message = form.password, "The password is wrong."
        _note_failure(person, field.name)
        field.errors = [message]
    return _page(form)


@blueprint.post("/confirm-it-is-you/passkey")
@access(OWN_ACCOUNT)
def confirm_with_passkey() -> ResponseReturnValue:
    """Take a passkey."""
    session, person = db.session(), _person()
    form = PasskeyForm()
    if form.validate_on_submit():
        passkey = passkeys.prove(
            session,
            Purpose.CONFIRM,
            person.id,
            challenge=form.challenge.data or "",
            answer=form.credential.data or "",
        )
        if passkey is not None:
            return _confirmed("passkey", form)
        _note_failure(person, "passkey")
        form.form_errors.append(NOT_PROVED)
    shown = _empty_form(person, form.resume.data or "")
    shown.form_errors.extend(form.form_errors)
    return _page(shown)


def _confirmed(method: str, form: Form) -> ResponseReturnValue:
    """Note that the person is who they are, and go on where they were."""
    session = db.session()
    sessions.confirm(session, current_user.sign_in_id, second_factor=method != "password")
    record_security(
        session,
        SecurityKind.CONFIRMED,
        person_id=current_user.person_id,
        actor_id=current_user.person_id,
        method=method,
    )
    packed_form: str = form.resume.data or ""
    interrupted = unpack_form(packed_form) if packed_form else None
    return go_on(interrupted, request.args.get("next"))


def _note_failure(person: Person, method: str) -> None:
    kind = SecurityKind.SECOND_FACTOR_FAILED
    record_apart(kind, person_id=person.id, actor_id=person.id, method=method)


def _page(form: Form) -> tuple[str, int, dict[str, str]]:
    session, person = db.session(), _person()
    page = render_template(
        "accounts/second_factors/confirm.html",
        form=form,
        passkey=passkeys.proof_request(session, person, Purpose.CONFIRM),
        has_password=person.password_hash is not None,
    )
    return page, form.status, wait_headers(form)


def _empty_form(person: Person, packed_form: str) -> Form:
    form = _form_class(db.session(), person)(formdata=None)
    form.resume.data = packed_form
    return form


def _form_class(session: Session, person: Person) -> type[CodeForm] | type[ConfirmPasswordForm]:
    """Return the form that asks for what the person has: a code, or else the password."""
    has_app = factors_of(session, person).authenticator_since is not None
    return CodeForm if has_app else ConfirmPasswordForm


def _person() -> Person:
    return db.session().get_one(Person, current_user.person_id)
