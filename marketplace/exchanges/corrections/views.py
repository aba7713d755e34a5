"""The pages of corrections: asking, answering, and what waits for the network."""

from __future__ import annotations

from collections.abc import Callable

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from marketplace.accounts.access import access, current_actor, needs
from marketplace.accounts.roles import Permission
from marketplace.credits.transfers import available_minutes
from marketplace.database import db
from marketplace.exchanges.acting import why_not_act
from marketplace.exchanges.corrections import service
from marketplace.exchanges.corrections.forms import CorrectionForm
from marketplace.exchanges.corrections.models import Correction
from marketplace.exchanges.corrections.queries import has_open_correction, list_beyond_limit
from marketplace.exchanges.forms import ReasonForm, StepForm
from marketplace.exchanges.models import Exchange, State
from marketplace.exchanges.presenters import StepWords
from marketplace.exchanges.queries import get_exchange
from marketplace.exchanges.views import AGREE, exchange_page
from marketplace.settings import current_policy

blueprint = Blueprint("corrections", __name__)


@blueprint.route("/exchanges/<int:exchange_id>/correct", methods=["GET", "POST"])
@access(AGREE)
def ask(exchange_id: int) -> ResponseReturnValue:
    """Ask that another figure be paid than was confirmed."""
    actor = current_actor()
    exchange = get_exchange(db.session(), exchange_id, actor)
    if request.method == "GET" and not _may_ask(exchange):
        return redirect(url_for("exchanges.exchange", exchange_id=exchange_id))
    form = CorrectionForm(version=exchange.version)
    if form.validate_on_submit():
        assert form.minutes.minutes is not None
        service.ask_correction(
            db.session(),
            actor,
            exchange,
            minutes=form.minutes.minutes,
            reason=form.reason.data or "",
            policy=current_policy(),
            version=form.seen_version,
        )
        flash("The other school has been asked to agree.", "success")
        return redirect(url_for("exchanges.exchange", exchange_id=exchange_id))
    pays = exchange.receiver_urn == actor.urn
    page = render_template(
        "exchanges/corrections/ask.html",
        form=form,
        exchange=exchange,
        available=available_minutes(db.session(), actor.school()) if pays else None,
    )
    return page, form.status


@blueprint.post("/exchanges/<int:exchange_id>/correction/agree")
@access(AGREE)
def agree(exchange_id: int) -> ResponseReturnValue:
    """Agree: the payment is reversed, and the right one posted."""
    return _button(exchange_id, service.agree_to_correction, "Agreed. It has been put right.")


@blueprint.post("/exchanges/<int:exchange_id>/correction/withdraw")
@access(AGREE)
def withdraw(exchange_id: int) -> ResponseReturnValue:
    """Withdraw what the own school has asked."""
    return _button(
        exchange_id, service.withdraw_correction, "Withdrawn. What was paid stays as it is."
    )


@blueprint.post("/exchanges/<int:exchange_id>/correction/ask-network")
@access(AGREE)
def ask_network(exchange_id: int) -> ResponseReturnValue:
    """Agree, and ask the network to let it pass a credit limit."""
    return _button(
        exchange_id, service.ask_network, "The network has been asked. It decides, and tells you."
    )


@blueprint.route("/exchanges/<int:exchange_id>/correction/decline", methods=["GET", "POST"])
@access(AGREE)
def decline(exchange_id: int) -> ResponseReturnValue:
    """Decline, with a reason."""
    actor = current_actor()
    exchange = get_exchange(db.session(), exchange_id, actor)
    waits = exchange.state == State.CONFIRMED and exchange.awaiting_urn == actor.urn
    if request.method == "GET" and not (waits and not why_not_act(db.session(), actor, exchange)):
        return redirect(url_for("exchanges.exchange", exchange_id=exchange_id))
    form = ReasonForm(version=exchange.version)
    if form.validate_on_submit():
        service.decline_correction(
            db.session(),
            actor,
            exchange,
            form.reason.data or "",
            version=form.seen_version,
        )
        flash("Declined. The other school sees why.", "success")
        return redirect(url_for("exchanges.exchange", exchange_id=exchange_id))
    words = StepWords(
        heading="Decline to put it right",
        lead="What was paid stays as it is. The other school sees what you write.",
        submit_label="Decline",
        submit_style="danger",
        hint="Why is the figure that was paid right?",
    )
    page = render_template("exchanges/reason.html", form=form, exchange=exchange, words=words)
    return page, form.status


@blueprint.get("/network/corrections")
@access(needs(Permission.AUDIT_LEDGER))
def beyond_limit() -> ResponseReturnValue:
    """Show the corrections that wait for the network, because a credit limit is in the way."""
    page = list_beyond_limit(db.session(), after=request.args.get("after", ""))
    return render_template(
        "exchanges/corrections/beyond_limit.html",
        lines=page.rows,
        may_propose=current_actor().may(Permission.MANAGE_NETWORK),
        next_url=url_for(".beyond_limit", after=page.next) if page.next else None,
    )


def _may_ask(exchange: Exchange) -> bool:
    session = db.session()
    return (
        exchange.state == State.CONFIRMED
        and not exchange.is_free
        and not has_open_correction(session, exchange)
        and not why_not_act(session, current_actor(), exchange)
    )


def _button(exchange_id: int, verb: Callable[..., Correction], message: str) -> ResponseReturnValue:
    """Take a step that is one button, or show the exchange again with the reason why not."""
    exchange = get_exchange(db.session(), exchange_id, current_actor())
    form = StepForm()
    if form.validate_on_submit():
        verb(db.session(), current_actor(), exchange, version=form.seen_version)
        flash(message, "success")
        return redirect(url_for("exchanges.exchange", exchange_id=exchange_id))
    return exchange_page(exchange, form)
