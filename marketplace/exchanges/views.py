"""The pages of exchanges: the list, one exchange with its next step, each step."""

from __future__ import annotations

from collections.abc import Callable

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from marketplace.accounts.access import access, current_actor, needs
from marketplace.accounts.holders import holders, waiting_for
from marketplace.accounts.roles import Permission
from marketplace.clock import today
from marketplace.credits.transfers import available_minutes
from marketplace.database import db
from marketplace.exchanges import queries, service
from marketplace.exchanges.acting import other_is_paused, steps_of, why_not_act
from marketplace.exchanges.corrections.presenters import correcting, is_beyond_limit
from marketplace.exchanges.corrections.queries import corrections_of
from marketplace.exchanges.costs import free_within
from marketplace.exchanges.disputes.presenters import YOUR_TURN, dispute_buttons, dispute_card
from marketplace.exchanges.disputes.queries import dispute_in
from marketplace.exchanges.disputes.standing_ruling import standing_ruling
from marketplace.exchanges.forms import DeliveryForm, ReasonForm, StepForm
from marketplace.exchanges.models import Exchange, State
from marketplace.exchanges.presenters import (
    next_for_colleagues,
    sent_back_text,
    step_buttons,
    step_words,
    steps_reached,
    terms_heading,
    timeline,
)
from marketplace.exchanges.queries import Show
from marketplace.exchanges.reviews.presenters import review_panel
from marketplace.exchanges.reviews.queries import reviews_of
from marketplace.exchanges.state_words import STEP_NAMES, next_step, state_tag
from marketplace.exchanges.states import ENDING, Step, steps_for
from marketplace.exchanges.within_trust.rules import why_not_at_its_price
from marketplace.schools.standing import school_mark
from marketplace.settings import current_policy

blueprint = Blueprint("exchanges", __name__)

VIEW = needs(Permission.VIEW_LISTINGS, school=True)
AGREE = needs(Permission.AGREE_EXCHANGES, school=True)

SHOW_LABELS = {
    Show.WAITING: "Waiting for us",
    Show.OPEN: "Open",
    Show.DONE: "Finished",
    Show.ALL: "All",
}


@blueprint.get("/exchanges")
@access(VIEW)
def ours() -> ResponseReturnValue:
    """Show the school's exchanges, the latest change first."""
    show_text = request.args.get("show", "")
    show = Show(show_text) if show_text in list(Show) else Show.OPEN
    after = request.args.get("after", "")
    page = queries.list_exchanges(db.session(), current_actor(), show, after=after)
    waits = any(row.awaiting_us for row in page.rows)
    return render_template(
        "exchanges/ours.html",
        lines=page.rows,
        show=show,
        shows=[
            (label, url_for(".ours", show=choice.value), choice is show)
            for choice, label in SHOW_LABELS.items()
        ],
        state_tag=state_tag,
        waiting_for=waiting_for_others() if waits else "",
        next_url=url_for(".ours", show=show, after=page.next) if page.next else None,
        first_page=not after,
    )


@blueprint.get("/exchanges/<int:exchange_id>")
@access(VIEW)
def exchange(exchange_id: int) -> ResponseReturnValue:
    """Show one exchange: its terms, its history, and the next steps."""
    return exchange_page(queries.get_exchange(db.session(), exchange_id, current_actor()))


@blueprint.post("/exchanges/<int:exchange_id>/agree")
@access(AGREE)
def agree(exchange_id: int) -> ResponseReturnValue:
    """Agree: the receiver's credits are held."""
    return _button(
        exchange_id,
        service.agree,
        "Agreed. The credits are held until the help has been given.",
        free_message="Agreed. The help is free.",
    )


@blueprint.post("/exchanges/<int:exchange_id>/confirm")
@access(VIEW)  # the verb knows what the operator lets through for a paused school
def confirm(exchange_id: int) -> ResponseReturnValue:
    """Confirm: the credits move."""
    return _button(
        exchange_id,
        service.confirm,
        "Confirmed. The credits have moved.",
        free_message="Confirmed. The hours count in the track records of both schools.",
    )


@blueprint.route("/exchanges/<int:exchange_id>/decline", methods=["GET", "POST"])
@access(AGREE)
def decline(exchange_id: int) -> ResponseReturnValue:
    """Decline a proposal."""
    return _with_reason(exchange_id, Step.DECLINE, service.decline, "Declined.")


@blueprint.route("/exchanges/<int:exchange_id>/cancel", methods=["GET", "POST"])
@access(AGREE)
def cancel(exchange_id: int) -> ResponseReturnValue:
    """Cancel: held credits are released."""
    return _with_reason(
        exchange_id,
        Step.CANCEL,
        service.cancel,
        "Cancelled. Nothing is held for it any more.",
        free_message="Cancelled.",
    )


@blueprint.route("/exchanges/<int:exchange_id>/send-back", methods=["GET", "POST"])
@access(AGREE)
def send_back(exchange_id: int) -> ResponseReturnValue:
    """Say that what was delivered is not as stated."""
    return _with_reason(
        exchange_id,
        Step.SEND_BACK,
        service.send_back,
        "Sent back. The other school sees what you wrote.",
    )


@blueprint.route("/exchanges/<int:exchange_id>/deliver", methods=["GET", "POST"])
@access(AGREE)
def deliver(exchange_id: int) -> ResponseReturnValue:
    """Say that the help was given, with its hours."""
    policy = current_policy()
    exchange = queries.get_exchange(db.session(), exchange_id, current_actor())
    if request.method == "GET" and not may_take(exchange, Step.DELIVER):
        return redirect(url_for(".exchange", exchange_id=exchange_id))
    form = DeliveryForm(
        policy,
        free=exchange.is_free,
        minutes=exchange.delivered_minutes or exchange.minutes,
        on_date=exchange.delivered_on or min(exchange.on_date, today()),
        version=exchange.version,
    )
    if form.validate_on_submit():
        assert form.minutes.minutes is not None
        assert form.on_date.data is not None
        service.deliver(
            db.session(),
            current_actor(),
            exchange,
            minutes=form.minutes.minutes,
            on_date=form.on_date.data,
            note=form.note.data or "",
            policy=policy,
            version=form.seen_version,
        )
        flash("The other school has been asked to confirm.", "success")
        return redirect(url_for(".exchange", exchange_id=exchange_id))
    words = step_words(exchange, Step.DELIVER)
    page = render_template("exchanges/deliver.html", form=form, exchange=exchange, words=words)
    return page, form.status


def _button(
    exchange_id: int, verb: Callable[..., Exchange], message: str, *, free_message: str
) -> ResponseReturnValue:
    """Take a step that is one button, or show the page again with the reason why not.

    ``free_message`` is said of free help.
    """
    exchange = queries.get_exchange(db.session(), exchange_id, current_actor())
    form = StepForm()
    if form.validate_on_submit():
        verb(db.session(), current_actor(), exchange, version=form.seen_version)
        flash(free_message if exchange.is_free else message, "success")
        return redirect(url_for(".exchange", exchange_id=exchange_id))
    return exchange_page(exchange, form)


def _with_reason(
    exchange_id: int,
    step: Step,
    verb: Callable[..., Exchange],
    message: str,
    *,
    free_message: str = "",
) -> ResponseReturnValue:
    """Take a step that has a page of its own, with a field for the reason.

    ``free_message`` is said of free help, if it is another one.
    """
    exchange = queries.get_exchange(db.session(), exchange_id, current_actor())
    if request.method == "GET" and not may_take(exchange, step):
        return redirect(url_for(".exchange", exchange_id=exchange_id))
    form = ReasonForm(version=exchange.version)
    if form.validate_on_submit():
        reason = form.reason.data or ""
        verb(db.session(), current_actor(), exchange, reason, version=form.seen_version)
        flash((exchange.is_free and free_message) or message, "success")
        return redirect(url_for(".exchange", exchange_id=exchange_id))
    words = step_words(exchange, step)
    page = render_template("exchanges/reason.html", form=form, exchange=exchange, words=words)
    return page, form.status


def exchange_page(exchange: Exchange, refused_form: StepForm | None = None) -> ResponseReturnValue:
    """The page of one exchange; ``refused_form`` is a button that was pressed and did nothing."""
    actor = current_actor()
    urn = actor.school()
    form = StepForm(formdata=None, version=exchange.version)
    if refused_form is not None:
        form.form_errors.extend(refused_form.form_errors)
        form.refusal_status = refused_form.refusal_status
    history = queries.history(db.session(), exchange)
    steps, why_not = steps_of(db.session(), actor, exchange, history)
    may_act = actor.may(Permission.AGREE_EXCHANGES)
    dispute = dispute_in(db.session(), exchange, history)
    next_text = next_step(exchange, urn)
    waiting_for = "" if may_act or exchange.awaiting_urn != urn else waiting_for_others()
    if waiting_for:
        next_text = next_for_colleagues(exchange, waiting_for)
    if exchange.is_sent_back:
        words = sent_back_text(exchange, history, urn)
        next_text = f"{waiting_for}. {words}" if waiting_for else words
    ruled = standing_ruling(db.session(), exchange, history, urn, may_act=may_act and not why_not)
    if ruled is not None:
        steps = [step for step in steps if step is not Step.DISPUTE]
    card, actions = None, step_buttons(exchange, steps) + (ruled.buttons if ruled else [])
    if dispute is not None:
        stands_text = ruled.text if ruled else ""
        turn = waiting_for or YOUR_TURN
        card = dispute_card(dispute, exchange, history, urn, turn, stands_text)
        if dispute.is_open:
            next_text = card.next_text
            actions = []
            if may_act and not why_not:
                may_settle = not other_is_paused(actor, exchange)
                actions = dispute_buttons(dispute, exchange, urn, may_settle=may_settle)
    if why_not and exchange.state != State.CONFIRMED:
        next_text = why_not
    available = None
    if Step.AGREE in steps and exchange.receiver_urn == urn and not exchange.is_free:
        available = available_minutes(db.session(), urn)
    other = exchange.receiver if urn == exchange.provider_urn else exchange.provider
    page = render_template(
        "exchanges/exchange.html",
        exchange=exchange,
        other=other,
        other_mark=school_mark(other),
        gives=urn == exchange.provider_urn,
        buttons=actions,
        dispute=card,
        next=next_text,
        why_not=why_not,
        stages=STEP_NAMES,
        reached=steps_reached(exchange),
        terms_heading=terms_heading(exchange),
        free_within=free_within(exchange),
        anew_url=url_for(".propose_in_conversation", enquiry_id=exchange.enquiry_id)
        if exchange.state == State.PROPOSED
        and may_act
        and why_not
        and why_not_at_its_price(db.session(), exchange)
        else None,
        events=timeline(exchange, history),
        state_tag=state_tag(
            exchange.state, was_sent_back=exchange.is_sent_back, free=exchange.is_free
        ),
        available=available,
        form=form,
        may_read_money=actor.may(Permission.VIEW_STATEMENT),
        correcting=correcting(
            exchange,
            corrections_of(db.session(), exchange),
            urn,
            may_act=may_act and not why_not,
            beyond_limit=refused_form is not None and is_beyond_limit(refused_form.refusal),
        )
        if exchange.state == State.CONFIRMED and not exchange.is_free
        else None,
        reviews=review_panel(
            exchange, reviews_of(db.session(), exchange), urn, may_write=may_act and not why_not
        )
        if exchange.state in (State.CONFIRMED, State.DISPUTED)
        else None,
    )
    return page, form.status


def waiting_for_others() -> str:
    """For whom at the school a step waits, in words; empty if the person may take it."""
    actor = current_actor()
    if actor.may(Permission.AGREE_EXCHANGES):
        return ""
    people = holders(db.session(), actor.school(), Permission.AGREE_EXCHANGES)
    return waiting_for(people, Permission.AGREE_EXCHANGES)


def may_take(exchange: Exchange, step: Step) -> bool:
    """Say whether the page of a step has something to offer: else the exchange's says why not."""
    actor = current_actor()
    return step in steps_for(exchange, actor.school()) and (
        step in ENDING or not why_not_act(db.session(), actor, exchange)
    )
