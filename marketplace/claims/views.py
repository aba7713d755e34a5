"""Is my school in? The public pages that find a school, claim it, and ask to be added to it."""

from __future__ import annotations

from flask import (
    Blueprint,
    current_app,
    flash,
    jsonify,
    redirect,
    render_template,
    request,
    url_for,
)
from flask.typing import ResponseReturnValue

from marketplace.accounts import one_time_links
from marketplace.accounts.access import PUBLIC, access
from marketplace.accounts.models import Person
from marketplace.accounts.one_time_links import Purpose
from marketplace.accounts.throttling import network_address
from marketplace.claims import desk, queries, service
from marketplace.claims.domains import website_domain
from marketplace.claims.forms import AskForm, ClaimForm
from marketplace.claims.models import Claim, ClaimState
from marketplace.claims.presenters import school_row, suggestion
from marketplace.database import db
from marketplace.schools.facts import Status
from marketplace.schools.finding import find_schools
from marketplace.schools.queries import get_school
from marketplace.settings import current_policy, current_settings
from marketplace.web.forms import Form
from marketplace.web.request_rates import RequestRate

blueprint = Blueprint("claims", __name__)

blueprint.add_url_rule("/network/claims", view_func=desk.claims)
blueprint.add_url_rule("/network/claims/<int:claim_id>", view_func=desk.one_claim)
blueprint.add_url_rule(
    "/network/claims/<int:claim_id>/approve", view_func=desk.approve, methods=["POST"]
)
blueprint.add_url_rule(
    "/network/claims/<int:claim_id>/refuse", view_func=desk.refuse, methods=["POST"]
)

LONGEST_SEARCH = 100
SUGGESTIONS = 8
RESULTS = 30
SUGGESTIONS_A_MINUTE = 120
SUGGESTION_RATE = "skillbank.claims.suggestions"


@blueprint.get("/find-your-school")
@access(PUBLIC)
def find() -> ResponseReturnValue:
    """Show the schools that people may mean by what they typed."""
    typed = request.args.get("q", "").strip()[:LONGEST_SEARCH]
    schools = find_schools(db.session(), typed, limit=RESULTS)
    return render_template(
        "claims/find.html",
        typed=typed,
        rows=[school_row(school) for school in schools.schools],
        found=schools,
    )


@blueprint.get("/find-your-school/suggestions")
@access(PUBLIC)
def suggestions() -> ResponseReturnValue:
    """Return the first few schools as one types, for the script of the search box.

    One network address may ask `SUGGESTIONS_A_MINUTE` times a minute; the page itself, without the
    script, is not limited by that.
    """
    rate: RequestRate = current_app.extensions[SUGGESTION_RATE]
    seconds = rate.seconds_to_wait(network_address())
    if seconds:
        message = (
            f"Too many searches from here. Press “Find your school”, or go on in {seconds} seconds."
        )
        return jsonify(message=message), 429, {"Retry-After": str(seconds)}
    typed = request.args.get("q", "")[:LONGEST_SEARCH]
    schools = find_schools(db.session(), typed, limit=SUGGESTIONS)
    return jsonify(
        schools=[suggestion(school_row(school)) for school in schools.schools],
        is_close=schools.is_close,
    )


@blueprint.get("/find-your-school/<int:urn>")
@access(PUBLIC)
def school(urn: int) -> ResponseReturnValue:
    """Say whether a school is in, and what to do then. Nobody's name is shown."""
    session = db.session()
    school = get_school(session, urn)
    taken = school.joined_at is not None and queries.has_administrator(session, school)
    claimable = school.status in (Status.OPEN, Status.CLOSING) and not taken
    return render_template(
        "claims/school.html",
        school=school,
        taken=taken,
        claimable=claimable,
        successor=queries.final_successor(session, school),
        is_waiting=claimable and queries.is_waiting(session, urn),
        domain=website_domain(school.website),
        has_people=claimable and bool(school.joined_at) and queries.has_people(session, school),
    )


@blueprint.route("/find-your-school/<int:urn>/claim", methods=["GET", "POST"])
@access(PUBLIC)
def claim(urn: int) -> ResponseReturnValue:
    """Claim a school."""
    session = db.session()
    school = get_school(session, urn)
    form = ClaimForm()
    if form.validate_on_submit():
        made = service.make_claim(
            session, school, form.claimant(request.remote_addr), idempotency_key=_key(form)
        )
        flash(f"We have sent an e-mail to {made.email}.", "success")
        return redirect(url_for(".sent", urn=urn))
    if not form.is_submitted():
        service.refuse_unless_claimable(session, school)
    page = render_template(
        "claims/claim.html", school=school, form=form, domain=website_domain(school.website)
    )
    return page, form.status


@blueprint.get("/find-your-school/<int:urn>/sent")
@access(PUBLIC)
def sent(urn: int) -> ResponseReturnValue:
    """Say what to do with the e-mail that confirms a claim."""
    return render_template("claims/sent.html", school=get_school(db.session(), urn))


@blueprint.route("/find-your-school/<int:urn>/ask", methods=["GET", "POST"])
@access(PUBLIC)
def ask(urn: int) -> ResponseReturnValue:
    """Ask the administrators of a school to be added."""
    session = db.session()
    school = get_school(session, urn)
    form = AskForm()
    if form.validate_on_submit():
        service.ask_to_be_added(
            session, school, form.claimant(request.remote_addr), idempotency_key=_key(form)
        )
        flash(
            f"We have told the administrators of {school.name} by e-mail. They add you, if they"
            " know you; then an e-mail tells you how to sign in.",
            "success",
        )
        return redirect(url_for(".school", urn=urn))
    if not form.is_submitted() and not queries.has_administrator(session, school):
        return redirect(url_for(".school", urn=urn))
    return render_template("claims/ask.html", school=school, form=form), form.status


@blueprint.route("/claims/<token>", methods=["GET", "POST"])
@access(PUBLIC)
def confirm(token: str) -> ResponseReturnValue:
    """Confirm the address of a claim; opening the page does nothing yet, its button does."""
    session = db.session()
    claim = service.claim_of_link(session, token)
    form = Form()
    if claim is not None and form.validate_on_submit():
        claim = service.confirm_claim(session, token, current_policy())
        if claim is not None:
            return _after_confirming(claim)
    if claim is None:
        return render_template("claims/link_expired.html"), 410
    school = get_school(session, claim.school_urn)
    return render_template(
        "claims/confirm.html", claim=claim, school=school, form=form
    ), form.status


def _after_confirming(claim: Claim) -> ResponseReturnValue:
    """Go where the person of a confirmed claim has something to do."""
    session = db.session()
    school = get_school(session, claim.school_urn)
    if claim.state == ClaimState.ACCEPTED:
        flash(f"{school.name} takes part now, and you are its administrator.", "success")
        person = session.get_one(Person, claim.person_id)
        if person.password_hash is None:
            token = one_time_links.make(session, Purpose.PASSWORD_RESET, person.id)
            return redirect(url_for("accounts.use_link", token=token))
        flash("Sign in with the password that you have.", "info")
        return redirect(url_for("accounts.sign_in"))
    if claim.state == ClaimState.OVERTAKEN:
        flash(
            "Your address is confirmed, but a colleague was first: the school has an administrator"
            " now. Ask to be added.",
            "info",
        )
    else:
        operator = current_settings().site.operator_name or "The network’s operator"
        flash(
            f"Your address is confirmed. {operator} now telephones the school, and then decides."
            " An e-mail tells you.",
            "success",
        )
    return redirect(url_for(".school", urn=claim.school_urn))


def _key(form: Form) -> str:
    """The key of a form of a person who is not signed in."""
    return f"claim:{form.key}"
