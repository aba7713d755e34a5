"""The pages on which a school opens a dispute, answers it, and settles or withdraws it."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from marketplace.accounts.access import access, current_actor, needs
from marketplace.accounts.roles import Permission
from marketplace.credits.formats import credits
from marketplace.database import db
from marketplace.exchanges.acting import why_not_act
from marketplace.exchanges.disputes import service
from marketplace.exchanges.disputes.again import ask_again, why_not_again
from marketplace.exchanges.disputes.forms import (
    FurtherStatementForm,
    OfferForm,
    StatementForm,
    WithdrawForm,
)
from marketplace.exchanges.disputes.models import Dispute
from marketplace.exchanges.disputes.queries import last_ruling, open_dispute_of
from marketplace.exchanges.models import Exchange, State
from marketplace.exchanges.queries import get_exchange
from marketplace.exchanges.states import Step, steps_for
from marketplace.settings import current_policy
from marketplace.web.forms import VersionedForm

blueprint = Blueprint("disputes", __name__)

AGREE = needs(Permission.AGREE_EXCHANGES, school=True)


@blueprint.route("/exchanges/<int:exchange_id>/dispute", methods=["GET", "POST"])
@access(AGREE)
def open_one(exchange_id: int) -> ResponseReturnValue:
    """Open a dispute, with one's words and the figure that one holds right."""
    exchange = get_exchange(db.session(), exchange_id, current_actor())
    may_open = Step.DISPUTE in steps_for(exchange, current_actor().school())
    may_open = may_open and last_ruling(db.session(), exchange) is None
    if request.method == "GET" and not (may_open and _may_act(exchange)):
        return _to_exchange(exchange_id)
    form = StatementForm(version=exchange.version)
    if form.validate_on_submit():
        service.open_dispute(
            db.session(),
            current_actor(),
            exchange,
            minutes=form.figure,
            text=form.text.data or "",
            version=form.seen_version,
        )
        flash("The dispute is open. The other school has been asked to answer.", "success")
        return _to_exchange(exchange_id)
    days = current_policy().dispute_answer_days
    stays = "What was paid stays" if exchange.transaction_id else "The credits stay held"
    return _form_page(
        exchange,
        form,
        heading="Open a dispute",
        lead=f"The other school has {days} days to answer. If you do not settle it between you, the"
        f" network’s operator decides. {stays} until then.",
        submit_label="Open the dispute",
    )


@blueprint.route("/exchanges/<int:exchange_id>/dispute/look-again", methods=["GET", "POST"])
@access(AGREE)
def look_again(exchange_id: int) -> ResponseReturnValue:
    """Ask for the operator's ruling to be looked at again, by another operator."""
    exchange = get_exchange(db.session(), exchange_id, current_actor())
    may_ask = why_not_again(db.session(), exchange, current_actor().school()) is None
    if request.method == "GET" and (exchange.state == State.DISPUTED or not may_ask):
        return _to_exchange(exchange_id)
    form = StatementForm(version=exchange.version)
    if form.validate_on_submit():
        ask_again(
            db.session(),
            current_actor(),
            exchange,
            minutes=form.figure,
            text=form.text.data or "",
            version=form.seen_version,
        )
        flash("Asked. The other school can answer, then another operator decides.", "success")
        return _to_exchange(exchange_id)
    days = current_policy().dispute_answer_days
    return _form_page(
        exchange,
        form,
        heading="Ask for the ruling to be looked at again",
        lead=f"Say what was not seen. The other school has {days} days to answer, then an operator"
        " decides who did not rule before. Your school can ask for this once. What the ruling"
        " moved stays as it is until then.",
        submit_label="Ask for it",
    )


@blueprint.route("/exchanges/<int:exchange_id>/dispute/answer", methods=["GET", "POST"])
@access(AGREE)
def answer(exchange_id: int) -> ResponseReturnValue:
    """Answer a dispute of the other school."""
    exchange, dispute = _exchange_with_dispute(exchange_id)
    may_answer = (
        dispute is not None
        and dispute.answered_at is None
        and dispute.opened_by_urn != current_actor().urn
    )
    if request.method == "GET" and not (may_answer and _may_act(exchange)):
        return _to_exchange(exchange_id)
    form = StatementForm(version=exchange.version)
    if form.validate_on_submit():
        service.answer_dispute(
            db.session(),
            current_actor(),
            exchange,
            minutes=form.figure,
            text=form.text.data or "",
            version=form.seen_version,
        )
        flash("Answered. The network’s operator can decide now.", "success")
        return _to_exchange(exchange_id)
    lead = "Say what happened as your school saw it, and which figure is right."
    if dispute is not None:
        lead += f" The other school holds {credits(dispute.claimed_minutes)} right."
    return _form_page(
        exchange, form, heading="Answer the dispute", lead=lead, submit_label="Send the answer"
    )


@blueprint.route("/exchanges/<int:exchange_id>/dispute/statement", methods=["GET", "POST"])
@access(AGREE)
def statement(exchange_id: int) -> ResponseReturnValue:
    """Add a statement to a dispute."""
    exchange = get_exchange(db.session(), exchange_id, current_actor())
    if request.method == "GET" and not (exchange.state == State.DISPUTED and _may_act(exchange)):
        return _to_exchange(exchange_id)
    form = FurtherStatementForm(version=exchange.version)
    if form.validate_on_submit():
        service.add_statement(
            db.session(),
            current_actor(),
            exchange,
            text=form.text.data or "",
            version=form.seen_version,
        )
        flash("Added. The other school and the network’s operator can read it.", "success")
        return _to_exchange(exchange_id)
    return _form_page(
        exchange,
        form,
        heading="Add a statement",
        lead="What you have written stays as it is, and this is added to it.",
        submit_label="Add the statement",
    )


@blueprint.route("/exchanges/<int:exchange_id>/dispute/offer", methods=["GET", "POST"])
@access(AGREE)
def offer(exchange_id: int) -> ResponseReturnValue:
    """Propose a figure to settle at."""
    exchange = get_exchange(db.session(), exchange_id, current_actor())
    if request.method == "GET" and not (exchange.state == State.DISPUTED and _may_act(exchange)):
        return _to_exchange(exchange_id)
    form = OfferForm(version=exchange.version)
    if form.validate_on_submit():
        assert form.minutes.minutes is not None
        service.make_offer(
            db.session(),
            current_actor(),
            exchange,
            minutes=form.minutes.minutes,
            version=form.seen_version,
        )
        flash("Proposed. If the other school accepts, the dispute is over.", "success")
        return _to_exchange(exchange_id)
    return _form_page(
        exchange,
        form,
        heading="Propose a figure to settle at",
        lead="If the other school accepts it, the dispute is over and the credits move at once.",
        submit_label="Propose it",
    )


@blueprint.route("/exchanges/<int:exchange_id>/dispute/accept", methods=["GET", "POST"])
@access(AGREE)
def accept(exchange_id: int) -> ResponseReturnValue:
    """Accept the figure that the other school proposed."""
    exchange, dispute = _exchange_with_dispute(exchange_id)
    may_accept = dispute is not None and dispute.offer_urn not in (None, current_actor().urn)
    if request.method == "GET" and not (may_accept and _may_act(exchange)):
        return _to_exchange(exchange_id)
    form = VersionedForm(version=exchange.version)
    if form.validate_on_submit():
        service.accept_offer(db.session(), current_actor(), exchange, version=form.seen_version)
        flash("Settled. The dispute is over.", "success")
        return _to_exchange(exchange_id)
    figure = credits(dispute.offer_minutes or 0) if dispute is not None else "the figure"
    return _form_page(
        exchange,
        form,
        heading=f"Accept {figure}",
        lead="The dispute is then over, and the credits move at once.",
        submit_label=f"Accept {figure}",
    )


@blueprint.route("/exchanges/<int:exchange_id>/dispute/withdraw", methods=["GET", "POST"])
@access(AGREE)
def withdraw(exchange_id: int) -> ResponseReturnValue:
    """Withdraw a dispute of one's own."""
    exchange, dispute = _exchange_with_dispute(exchange_id)
    may_withdraw = dispute is not None and dispute.opened_by_urn == current_actor().urn
    if request.method == "GET" and not (may_withdraw and _may_act(exchange)):
        return _to_exchange(exchange_id)
    form = WithdrawForm(version=exchange.version)
    if form.validate_on_submit():
        service.withdraw_dispute(
            db.session(),
            current_actor(),
            exchange,
            form.reason.data or "",
            version=form.seen_version,
        )
        flash("Withdrawn. The exchange is as it was before the dispute.", "success")
        return _to_exchange(exchange_id)
    return _form_page(
        exchange,
        form,
        heading="Withdraw the dispute",
        lead="The exchange is then as it was before: what was delivered waits to be confirmed, and"
        " what was confirmed stays so.",
        submit_label="Withdraw the dispute",
        submit_style="danger",
    )


def _may_act(exchange: Exchange) -> bool:
    """Say whether this person may act for the school here; else the exchange's page says why."""
    return not why_not_act(db.session(), current_actor(), exchange)


def _exchange_with_dispute(exchange_id: int) -> tuple[Exchange, Dispute | None]:
    exchange = get_exchange(db.session(), exchange_id, current_actor())
    if exchange.state != State.DISPUTED:
        return exchange, None
    return exchange, open_dispute_of(db.session(), exchange)


def _form_page(
    exchange: Exchange,
    form: VersionedForm,
    *,
    heading: str,
    lead: str,
    submit_label: str,
    submit_style: str = "primary",
) -> ResponseReturnValue:
    page = render_template(
        "disputes/form.html",
        exchange=exchange,
        form=form,
        heading=heading,
        lead=lead,
        submit_label=submit_label,
        submit_style=submit_style,
        figure_hint=f"From 0, if nothing is due, to {credits(exchange.minutes)}, which was agreed.",
    )
    return page, form.status


def _to_exchange(exchange_id: int) -> ResponseReturnValue:
    return redirect(url_for("exchanges.exchange", exchange_id=exchange_id))
