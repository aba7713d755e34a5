"""Signing in and out, and choosing the school to act for."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import (
    Blueprint,
    flash,
    g,
    redirect,
    render_template,
    request,
    session,
    url_for,
)
from flask.typing import ResponseReturnValue
from flask_login import LoginManager, current_user, login_user, logout_user

from marketplace import clock
from marketplace.accounts import sessions
from marketplace.accounts.access import (
    OWN_ACCOUNT,
    PUBLIC,
    SIGNED_IN,
    access,
    find_current_user,
)
from marketplace.accounts.current_user import CurrentUser, load_current_user
from marketplace.accounts.forms import SignInForm
from marketplace.accounts.known_devices import remember_device
from marketplace.accounts.models import Person
from marketplace.accounts.notices import tell_person
from marketplace.accounts.password_sign_in import try_password
from marketplace.accounts.second_factors.asking import ask_for_second_step
from marketplace.accounts.second_factors.factors import has_factor
from marketplace.accounts.security_log import SecurityKind, record_security
from marketplace.accounts.waiting import must_wait, wait_headers
from marketplace.application import keep
from marketplace.database import db
from marketplace.settings import current_settings
from marketplace.web.forms import RESUME
from marketplace.web.interrupted_forms import InterruptedForm, unpack_form

blueprint = Blueprint("accounts", __name__)
login_manager = LoginManager()


@login_manager.user_loader
def _load(identity: str) -> CurrentUser | None:
    user = load_current_user(
        db.session(), identity, session.get("acting"), current_settings().sign_in
    )
    if user is not None:
        now = clock.now()
        if now - user.last_used_at > sessions.TOUCHED_AFTER:
            keep(lambda database: sessions.touch(database, user.sign_in_id, now))
    return user


@blueprint.route("/sign-in", methods=["GET", "POST"])
@access(PUBLIC)
def sign_in() -> ResponseReturnValue:
    """Sign in with e-mail and password, then go on where one was."""
    form = SignInForm()
    if form.validate_on_submit():
        person = try_password(db.session(), form.email.data or "", form.password.data or "")
        if person is not None:
            return enter_or_ask(person, sessions.Method.PASSWORD, form.resume.data or "")
        form.form_errors.append("The e-mail address or the password is wrong.")
    elif request.method == "GET" and find_current_user() is not None:
        return redirect(url_for("pages.dashboard"))
    page = render_template("accounts/sign_in.html", form=form, must_wait=must_wait(form))
    return page, form.status, wait_headers(form)


def enter_or_ask(
    person: Person,
    method: sessions.Method,
    packed_form: str = "",
    *,
    target: str | None = None,
    membership_key: str = "",
) -> ResponseReturnValue:
    """Sign ``person`` in, whose first factor was right; if they have a second one, ask for it.

    Every way to sign in ends here, so that none gets by the second factor.

    Args:
        packed_form: a form that was interrupted, to be shown again.
        target: the page to go on to; by default the one that the address names as ``next``.
        membership_key: the membership to act in, where no form says it.
    """
    target = safe_target(target or request.args.get("next"))
    if has_factor(db.session(), person.id):
        return ask_for_second_step(person, method, packed_form, target)
    interrupted = unpack_form(packed_form) if packed_form else None
    key = interrupted.membership_key if interrupted else membership_key
    begin_session(person, method, key)
    return go_on(interrupted, target)


def enter(person: Person, method: sessions.Method, packed_form: str | None) -> ResponseReturnValue:
    """Sign ``person`` in, who has proved a second factor, too, and go on where they were."""
    interrupted = unpack_form(packed_form) if packed_form else None
    key = interrupted.membership_key if interrupted else ""
    begin_session(person, method, key, second_factor=True)
    return go_on(interrupted, request.args.get("next"))


def go_on(interrupted: InterruptedForm | None, target: str | None) -> ResponseReturnValue:
    """Show the form that was interrupted, or else go to ``target``, if it is on this site."""
    if interrupted is not None:
        return carry_on(interrupted)
    return redirect(safe_target(target) or url_for("pages.dashboard"))


def begin_session(
    person: Person, method: sessions.Method, membership_key: str, *, second_factor: bool = False
) -> None:
    """Sign ``person`` in, to act where a form was being filled in, if they may."""
    database = db.session()
    former = find_current_user()
    if former is not None:
        sessions.end(database, former.sign_in_id, sessions.EndReason.REPLACED)
    session.clear()
    g.pop("csrf_token", None)  # it was made for the session that has just been cleared
    is_first = not sessions.has_begun_any(database, person.id)
    _, token = sessions.begin(database, person, method=method, second_factor=second_factor)
    is_new_device = remember_device(database, person.id)
    record_security(
        database,
        SecurityKind.SIGNED_IN,
        person_id=person.id,
        actor_id=person.id,
        method=method.value,
    )
    if is_new_device and not is_first:
        record_security(database, SecurityKind.NEW_DEVICE, person_id=person.id, actor_id=person.id)
        if method is not sessions.Method.LINK:  # its e-mail says that the password was changed
            tell_person(database, person.id, SecurityKind.NEW_DEVICE)
    g.current_user = load_current_user(database, token, membership_key, current_settings().sign_in)
    login_user(g.current_user)
    session.permanent = True
    session["acting"] = g.current_user.actor.key


def sign_in_to_go_on(packed_form: str) -> ResponseReturnValue:
    """Show the sign-in page for a form that was sent after the session ended; it keeps the form.

    ``packed_form`` is empty for a form that may be another site's and is not kept.
    """
    form = SignInForm(formdata=None)
    form.resume.data = packed_form
    page = render_template(
        "accounts/sign_in.html",
        form=form,
        session_ended=True,
        form_kept=bool(packed_form),
        must_wait=False,
    )
    return page, 401


def carry_on(interrupted: InterruptedForm, status: int = 200) -> ResponseReturnValue:
    """Show a page that opens the form again, filled, with one button; nothing is done yet."""
    fields = [*interrupted.fields, (RESUME, "1")]
    page = render_template("accounts/carry_on.html", action=interrupted.path, fields=fields)
    return page, status


@blueprint.post("/sign-out")
@access(OWN_ACCOUNT)
def sign_out() -> ResponseReturnValue:
    """End the session, on the server too."""
    database, user = db.session(), current_user
    sessions.end(database, user.sign_in_id, sessions.EndReason.SIGNED_OUT)
    record_security(
        database, SecurityKind.SIGNED_OUT, person_id=user.person_id, actor_id=user.person_id
    )
    logout_user()
    session.clear()
    return redirect(url_for("pages.landing"))


@blueprint.post("/acting")
@access(SIGNED_IN)
def switch() -> ResponseReturnValue:
    """Choose for which school (or the network) one acts from now on."""
    key = request.form.get("membership", "")
    memberships = current_user.memberships
    actor = next((membership for membership in memberships if membership.key == key), None)
    if actor is None:
        flash("You hold no role there.", "danger")
    else:
        session["acting"] = actor.key
        flash(f"You now act for {actor.label}.", "info")
    return redirect(url_for("pages.dashboard"))


def safe_target(target: str | None) -> str | None:
    """Return ``target`` if it is a path on this site; never another site."""
    if not target or not target.startswith("/") or target.startswith("//"):
        return None
    # Browsers read a backslash as a slash, and leave out control characters.
    if "\\" in target or not target.isprintable():
        return None
    parts = urlsplit(target)
    return None if parts.scheme or parts.netloc else target
