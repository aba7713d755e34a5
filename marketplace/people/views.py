"""Signing in and out, choosing a password, and choosing for whom one acts."""

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
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from flask_login import LoginManager, login_user, logout_user

from marketplace.database import db
from marketplace.people.access import PUBLIC, SIGNED_IN, access, viewer
from marketplace.people.forms import PasswordForm, SignInForm
from marketplace.people.links import DAYS, choose_password, person_of_link
from marketplace.people.models import Person
from marketplace.people.resume import Resumed, kept
from marketplace.people.service import authenticate
from marketplace.people.viewer import Viewer, load_viewer
from marketplace.web.forms import RESUME

people = Blueprint("people", __name__)
login_manager = LoginManager()
limiter = Limiter(get_remote_address, storage_uri="memory://")


def _typed_address() -> str:
    """The account that is tried; behind a proxy a whole county may share one network address."""
    return request.form.get("email", "").strip().lower()[:254]


@login_manager.user_loader
def _load(identity: str) -> Viewer | None:
    return load_viewer(db.session(), identity, session.get("acting"))


@people.route("/sign-in", methods=["GET", "POST"])
@limiter.limit("300 per minute", methods=["POST"])
@limiter.limit("20 per minute", methods=["POST"], key_func=_typed_address)
@access(PUBLIC)
def sign_in() -> ResponseReturnValue:
    """Sign in with e-mail and password, then go on where one was."""
    form = SignInForm()
    if form.validate_on_submit():
        person = authenticate(db.session(), form.email.data or "", form.password.data or "")
        if person is not None:
            resumed = kept(form.resume.data) if form.resume.data else None
            _begin_session(person, resumed.acting if resumed else "")
            if resumed is not None:
                return carry_on(resumed)
            return redirect(_safe(request.args.get("next")) or url_for("home"))
        form.form_errors.append("The e-mail address or the password is wrong.")
    elif request.method == "GET" and viewer() is not None:
        return redirect(url_for("home"))
    return render_template("people/sign_in.html", form=form), form.status


def _begin_session(person: Person, acting: str) -> None:
    """Sign ``person`` in, to act where a form was being filled in, if they may."""
    session.clear()
    g.pop("csrf_token", None)  # it was made for the session that has just been cleared
    g.viewer = load_viewer(db.session(), Viewer(person, (), None).get_id(), acting)
    login_user(g.viewer)
    session.permanent = True
    session["acting"] = g.viewer.acting.key


def sign_in_to_go_on(kept_form: str) -> ResponseReturnValue:
    """The sign-in page for a form that was sent after the session ended; it keeps the form."""
    form = SignInForm(formdata=None)
    form.resume.data = kept_form
    return render_template("people/sign_in.html", form=form, session_ended=True), 401


def carry_on(resumed: Resumed, status: int = 200) -> ResponseReturnValue:
    """A page that shows the kept form again, filled, with one button; nothing is done yet."""
    fields = [*resumed.fields, (RESUME, "1")]
    page = render_template("people/carry_on.html", action=resumed.path, fields=fields)
    return page, status


@people.route("/choose-password/<token>", methods=["GET", "POST"])
@limiter.limit("30 per minute", methods=["POST"])
@access(PUBLIC)
def use_link(token: str) -> ResponseReturnValue:
    """Choose a password with a one-time link, and be signed in."""
    database = db.session()
    person = person_of_link(database, token)
    form = PasswordForm()
    if person is not None and form.validate_on_submit():
        person = choose_password(database, token, form.new_password.data or "")
        if person is not None:
            _begin_session(person, "")
            flash(f"Your password is set. Next time, sign in with {person.email}.", "success")
            return redirect(url_for("home"))
    if person is None:
        return render_template("people/link_over.html", days=DAYS), 410
    page = render_template("people/choose_password.html", form=form, person=person)
    return page, form.status


@people.post("/sign-out")
@access(SIGNED_IN)
def sign_out() -> ResponseReturnValue:
    """End the session."""
    logout_user()
    session.clear()
    return redirect(url_for("front"))


@people.post("/acting")
@access(SIGNED_IN)
def switch() -> ResponseReturnValue:
    """Choose for which school (or the network) one acts from now on."""
    wanted = request.form.get("membership", "")
    found = viewer()
    place = next((p for p in found.places if p.key == wanted), None) if found else None
    if place is None:
        flash("You hold no role there.", "danger")
    else:
        session["acting"] = place.key
        flash(f"You now act for {place.label}.", "info")
    return redirect(url_for("home"))


def _safe(target: str | None) -> str | None:
    """``target`` if it is a path on this site; never another site."""
    if not target or not target.startswith("/") or target.startswith("//"):
        return None
    # Browsers read a backslash as a slash, and leave out control characters.
    if "\\" in target or not target.isprintable():
        return None
    parts = urlsplit(target)
    return None if parts.scheme or parts.netloc else target
