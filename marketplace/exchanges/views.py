"""The pages of exchanges: the list, one exchange with its next step, and each step."""

from __future__ import annotations

from collections.abc import Callable

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from ledger import Book
from marketplace.database import db
from marketplace.exchanges import proposals, service
from marketplace.exchanges.forms import DeliveryForm, ProposalForm, ReasonForm, StepForm
from marketplace.exchanges.models import Exchange, State
from marketplace.exchanges.queries import Show, get_exchange, history, list_exchanges
from marketplace.exchanges.shown import (
    NEXT,
    STATE_TAGS,
    STEP_NAMES,
    step_buttons,
    step_words,
    steps_reached,
    terms_heading,
    timeline,
)
from marketplace.exchanges.steps import Step, steps_for
from marketplace.people.access import access, acting, needs
from marketplace.people.roles import Permission
from marketplace.schools.models import account_code
from marketplace.settings import current_policy
from marketplace.web.formats import today
from marketplace.web.problems import Problem, Stale

exchanges = Blueprint("exchanges", __name__)

SEE = needs(Permission.LOOK, school=True)
ACT = needs(Permission.AGREE_EXCHANGE, school=True)


@exchanges.get("/exchanges")
@access(SEE)
def ours() -> ResponseReturnValue:
    """The school's exchanges, the latest change first."""
    asked = request.args.get("show", "")
    show = Show(asked) if asked in list(Show) else Show.OPEN
    lines, cursor = list_exchanges(
        db.session(), acting(), show, after=request.args.get("after", "")
    )
    return render_template(
        "exchanges/ours.html",
        lines=lines,
        show=show,
        shows=[
            (label, url_for("exchanges.ours", show=one.value), one == show)
            for one, label in (
                (Show.WAITING, "Waiting for us"),
                (Show.OPEN, "Open"),
                (Show.DONE, "Finished"),
                (Show.ALL, "All"),
            )
        ],
        tags=STATE_TAGS,
        next_url=url_for("exchanges.ours", show=show, after=cursor) if cursor else None,
        first_page=not request.args.get("after"),
    )


@exchanges.get("/exchanges/<int:exchange_id>")
@access(SEE)
def exchange(exchange_id: int) -> ResponseReturnValue:
    """One exchange: what is agreed, what happened, and what may be done next."""
    return _page(exchange_id)


@exchanges.post("/exchanges/<int:exchange_id>/agree")
@access(ACT)
def agree(exchange_id: int) -> ResponseReturnValue:
    """Agree: the receiver's credits are held."""
    return _button(
        exchange_id,
        lambda found, version: service.agree(db.session(), acting(), found, version=version),
        "Agreed. The credits are held until the help has been given.",
    )


@exchanges.post("/exchanges/<int:exchange_id>/confirm")
@access(ACT)
def confirm(exchange_id: int) -> ResponseReturnValue:
    """Confirm: the credits move."""
    return _button(
        exchange_id,
        lambda found, version: service.confirm(db.session(), acting(), found, version=version),
        "Confirmed. The credits have moved.",
    )


@exchanges.route("/exchanges/<int:exchange_id>/decline", methods=["GET", "POST"])
@access(ACT)
def decline(exchange_id: int) -> ResponseReturnValue:
    """Decline a proposal."""
    return _with_reason(exchange_id, Step.DECLINE, service.decline, "Declined.")


@exchanges.route("/exchanges/<int:exchange_id>/cancel", methods=["GET", "POST"])
@access(ACT)
def cancel(exchange_id: int) -> ResponseReturnValue:
    """Cancel: held credits are released."""
    return _with_reason(
        exchange_id, Step.CANCEL, service.cancel, "Cancelled. Nothing is held for it any more."
    )


@exchanges.route("/exchanges/<int:exchange_id>/send-back", methods=["GET", "POST"])
@access(ACT)
def send_back(exchange_id: int) -> ResponseReturnValue:
    """Say that what was delivered is not as stated."""
    return _with_reason(
        exchange_id,
        Step.SEND_BACK,
        service.send_back,
        "Sent back. The other school sees what you wrote.",
    )


@exchanges.route("/exchanges/<int:exchange_id>/deliver", methods=["GET", "POST"])
@access(ACT)
def deliver(exchange_id: int) -> ResponseReturnValue:
    """Say that the help was given, with its hours."""
    policy = current_policy()
    found = get_exchange(db.session(), exchange_id, acting())
    if request.method == "GET" and Step.DELIVER not in steps_for(found, acting().school()):
        return redirect(url_for("exchanges.exchange", exchange_id=exchange_id))
    form = DeliveryForm(
        policy,
        minutes=found.minutes,
        on_date=min(found.on_date, today()),
        version=found.version,
    )
    if form.validate_on_submit():
        assert form.minutes.minutes is not None
        assert form.on_date.data is not None
        try:
            service.deliver(
                db.session(),
                acting(),
                found,
                minutes=form.minutes.minutes,
                on_date=form.on_date.data,
                note=form.note.data or "",
                policy=policy,
                version=form.seen_version,
            )
        except Problem as problem:
            found = _after_refusal(form, problem, exchange_id)
        else:
            flash("The other school has been asked to confirm.", "success")
            return redirect(url_for("exchanges.exchange", exchange_id=exchange_id))
    words = step_words(found, Step.DELIVER)
    page = render_template("exchanges/deliver.html", form=form, exchange=found, words=words)
    return page, form.status


@exchanges.route("/exchanges/<int:exchange_id>/change", methods=["GET", "POST"])
@access(ACT)
def change(exchange_id: int) -> ResponseReturnValue:
    """Change a proposal; the other school then agrees or not."""
    policy = current_policy()
    found = get_exchange(db.session(), exchange_id, acting())
    if request.method == "GET" and found.state != State.PROPOSED:
        return redirect(url_for("exchanges.exchange", exchange_id=exchange_id))
    form = ProposalForm(
        policy,
        details=found.details,
        minutes=found.minutes,
        on_date=found.on_date,
        version=found.version,
    )
    if form.validate_on_submit():
        try:
            proposals.amend(
                db.session(), acting(), found, form.terms(), policy, version=form.seen_version
            )
        except Problem as problem:
            found = _after_refusal(form, problem, exchange_id)
        else:
            flash("Changed. It is now the other school’s turn to agree.", "success")
            return redirect(url_for("exchanges.exchange", exchange_id=exchange_id))
    words = step_words(found, Step.AMEND)
    page = render_template("exchanges/change.html", form=form, exchange=found, words=words)
    return page, form.status


def _button(
    exchange_id: int, verb: Callable[[Exchange, int], Exchange], done: str
) -> ResponseReturnValue:
    """A step that is one button: done, or the page again with why not."""
    found = get_exchange(db.session(), exchange_id, acting())
    form = StepForm()
    if not form.validate_on_submit():
        return _page(exchange_id, form)
    try:
        verb(found, form.seen_version)
    except Problem as problem:
        db.session.rollback()
        form.refuse(problem)
        return _page(exchange_id, form)
    flash(done, "success")
    return redirect(url_for("exchanges.exchange", exchange_id=exchange_id))


def _with_reason(
    exchange_id: int, step: Step, verb: Callable[..., Exchange], done: str
) -> ResponseReturnValue:
    """A step with a few words why, on a page of its own."""
    found = get_exchange(db.session(), exchange_id, acting())
    if request.method == "GET" and step not in steps_for(found, acting().school()):
        return redirect(url_for("exchanges.exchange", exchange_id=exchange_id))
    form = ReasonForm(version=found.version)
    if form.validate_on_submit():
        try:
            verb(db.session(), acting(), found, form.reason.data or "", version=form.seen_version)
        except Problem as problem:
            found = _after_refusal(form, problem, exchange_id)
        else:
            flash(done, "success")
            return redirect(url_for("exchanges.exchange", exchange_id=exchange_id))
    words = step_words(found, step)
    page = render_template("exchanges/reason.html", form=form, exchange=found, words=words)
    return page, form.status


def _after_refusal(
    form: ReasonForm | DeliveryForm | ProposalForm, problem: Problem, exchange_id: int
) -> Exchange:
    """Undo what was begun and read the exchange afresh; a stale form learns the new version."""
    db.session.rollback()
    form.refuse(problem)
    found = get_exchange(db.session(), exchange_id, acting())
    if isinstance(problem, Stale):
        form.version.data = str(found.version)
    return found


def _page(exchange_id: int, refused: StepForm | None = None) -> ResponseReturnValue:
    who = acting()
    urn = who.school()
    found = get_exchange(db.session(), exchange_id, who)
    form = StepForm(formdata=None, version=found.version)
    if refused is not None:
        form.form_errors.extend(refused.form_errors)
        form.problem_status = refused.problem_status
    steps = steps_for(found, urn) if who.may(Permission.AGREE_EXCHANGE) else []
    available = None
    if Step.AGREE in steps and found.receiver_urn == urn:
        available = Book(db.session()).account(account_code(urn)).available
    page = render_template(
        "exchanges/exchange.html",
        exchange=found,
        other=found.receiver if urn == found.provider_urn else found.provider,
        gives=urn == found.provider_urn,
        buttons=step_buttons(found, steps),
        next=NEXT.get((State(found.state), _side(found, urn))),
        stages=STEP_NAMES,
        reached=steps_reached(found),
        terms_heading=terms_heading(found),
        events=timeline(history(db.session(), found)),
        state_tag=STATE_TAGS[State(found.state)],
        available=available,
        form=form,
        may_read_money=who.may(Permission.READ_SCHOOL_MONEY),
    )
    return page, form.status


def _side(found: Exchange, urn: int) -> str:
    if found.state == State.PROPOSED:
        return "proposer" if urn == found.proposed_by_urn else "asked"
    return "provider" if urn == found.provider_urn else "receiver"
