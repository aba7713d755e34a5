"""The second step of a sign-in, and signing in with a passkey alone."""

from __future__ import annotations

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from marketplace.accounts.access import PUBLIC, access
from marketplace.accounts.forms import SignInForm
from marketplace.accounts.models import Person
from marketplace.accounts.second_factors import half_way, passkeys
from marketplace.accounts.second_factors.asking import second_step_page
from marketplace.accounts.second_factors.challenges import Purpose
from marketplace.accounts.second_factors.factors import use_code
from marketplace.accounts.second_factors.forms import CodeForm, PasskeyForm
from marketplace.accounts.security_log import SecurityKind, record_apart
from marketplace.accounts.sessions import Method
from marketplace.accounts.views import blueprint, enter
from marketplace.database import db

NOT_PROVED = "The passkey could not be checked. Try again, or sign in in another way."


@blueprint.route("/sign-in/second-step", methods=["GET", "POST"])
@access(PUBLIC)
def second_step() -> ResponseReturnValue:
    """Ask for the second factor, after the password."""
    step = half_way.current(db.session())
    if step is None:
        return redirect(url_for("accounts.sign_in", next=request.args.get("next")))
    form = CodeForm()
    if form.validate_on_submit():
        if use_code(db.session(), step.person, form.code.data or ""):
            return enter(step.person, step.method, form.resume.data)
        record_apart(SecurityKind.SECOND_FACTOR_FAILED, person_id=step.person.id, method="code")
        form.code.errors = [
            "This code is wrong, or it has been used. Wait for the app to show a new one."
        ]
    return second_step_page(step.person, form)


@blueprint.post("/sign-in/second-step/passkey")
@access(PUBLIC)
def second_step_with_passkey() -> ResponseReturnValue:
    """Take a passkey for the second factor, after the password."""
    step = half_way.current(db.session())
    if step is None:
        return redirect(url_for("accounts.sign_in", next=request.args.get("next")))
    form = PasskeyForm()
    if form.validate_on_submit():
        passkey = passkeys.prove(
            db.session(),
            Purpose.SECOND_STEP,
            step.person.id,
            challenge=form.challenge.data or "",
            answer=form.credential.data or "",
        )
        if passkey is not None:
            return enter(step.person, step.method, form.resume.data)
        record_apart(SecurityKind.SECOND_FACTOR_FAILED, person_id=step.person.id, method="passkey")
        form.form_errors.append(NOT_PROVED)
    code_form = CodeForm(formdata=None)
    code_form.resume.data = form.resume.data
    code_form.form_errors.extend(form.form_errors)
    return second_step_page(step.person, code_form)


@blueprint.post("/sign-in/passkey")
@access(PUBLIC)
def sign_in_with_passkey() -> ResponseReturnValue:
    """Sign in with a passkey: it shows that the person has the device, and unlocked it."""
    form = PasskeyForm()
    if form.validate_on_submit():
        passkey = passkeys.prove(
            db.session(),
            Purpose.SIGN_IN,
            None,
            challenge=form.challenge.data or "",
            answer=form.credential.data or "",
        )
        person = db.session.get(Person, passkey.person_id) if passkey is not None else None
        if person is not None and person.active:
            return enter(person, Method.PASSKEY, form.resume.data)
        record_apart(SecurityKind.SIGN_IN_FAILED, method=Method.PASSKEY.value)
        form.form_errors.append(NOT_PROVED)
    sign_in_form = SignInForm(formdata=None)
    sign_in_form.resume.data = form.resume.data
    sign_in_form.form_errors.extend(form.form_errors)
    return render_template("accounts/sign_in.html", form=sign_in_form), sign_in_form.status
