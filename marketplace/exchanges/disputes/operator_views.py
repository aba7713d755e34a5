"""The operator's pages: the queue of disputes, one with its ruling, a dispute for a school."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from marketplace.accounts.access import access, current_actor, needs
from marketplace.accounts.roles import Permission
from marketplace.credits.formats import credits
from marketplace.credits.fund import fund_balance
from marketplace.credits.reposting import BeyondLimit
from marketplace.database import db
from marketplace.exchanges import queries as exchange_queries
from marketplace.exchanges.disputes import queries, rulings
from marketplace.exchanges.disputes.effects import paid_minutes
from marketplace.exchanges.disputes.forms import OnBehalfForm, RulingForm
from marketplace.exchanges.disputes.models import Dispute
from marketplace.exchanges.disputes.presenters import (
    RULING_LABELS,
    dispute_card,
    state_of_ruling,
)
from marketplace.exchanges.disputes.queries import Show
from marketplace.exchanges.presenters import timeline
from marketplace.exchanges.state_words import state_tag
from marketplace.web.fields import options
from marketplace.web.forms import RESUME

RULE = needs(Permission.RULE_DISPUTES)

SHOW_LABELS = {Show.OPEN: "Open", Show.ENDED: "Ended"}


def add_to(blueprint: Blueprint) -> None:
    """Add these pages to those of disputes."""
    both = ["GET", "POST"]
    blueprint.add_url_rule("/network/disputes", view_func=queue)
    blueprint.add_url_rule("/network/disputes/<int:dispute_id>", view_func=dispute, methods=both)
    blueprint.add_url_rule(
        "/network/disputes/open/<int:exchange_id>", view_func=open_for_school, methods=both
    )


@access(RULE)
def queue() -> ResponseReturnValue:
    """Show the disputes: those that are open, and exchanges that nobody can confirm."""
    show_text = request.args.get("show", "")
    show = Show(show_text) if show_text in list(Show) else Show.OPEN
    after = request.args.get("after", "")
    page = queries.list_disputes(db.session(), show, after=after)
    return render_template(
        "disputes/queue.html",
        lines=page.rows,
        show=show,
        shows=[
            (label, url_for(".queue", show=choice.value), choice is show)
            for choice, label in SHOW_LABELS.items()
        ],
        tag_of=state_of_ruling,
        can_be_decided=lambda row: row.is_open and rulings.can_be_decided(row),
        exchange_tag=state_tag,
        stuck=queries.list_stuck(db.session()) if show is Show.OPEN and not after else [],
        next_url=url_for(".queue", show=show, after=page.next) if page.next else None,
    )


@access(RULE, recent=True)
def dispute(dispute_id: int) -> ResponseReturnValue:
    """Show one dispute with the words of both schools, and rule on it."""
    row = queries.get_dispute(db.session(), dispute_id)
    form = _ruling_form(row)
    if form.validate_on_submit():
        rulings.rule(
            db.session(), current_actor(), row.exchange, form.decision(), version=form.seen_version
        )
        flash("Ruled. Both schools are told, and read the reasons.", "success")
        return redirect(url_for(".dispute", dispute_id=dispute_id))
    return _dispute_page(row, form)


@access(RULE, recent=True)
def open_for_school(exchange_id: int) -> ResponseReturnValue:
    """Open a dispute for one of two schools, where one has closed or left."""
    session = db.session()
    exchange = queries.get_stuck(session, exchange_id)
    form = OnBehalfForm(version=exchange.version)
    form.school.choices = options(
        [(str(school.urn), school.name) for school in (exchange.provider, exchange.receiver)]
    )
    if form.validate_on_submit():
        new = rulings.open_for_school(
            session,
            current_actor(),
            exchange,
            int(form.school.data),
            minutes=form.figure,
            text=form.text.data or "",
            version=form.seen_version,
        )
        flash("The dispute is open.", "success")
        return redirect(url_for(".dispute", dispute_id=new.id))
    page = render_template(
        "disputes/open_for_school.html",
        exchange=exchange,
        form=form,
        why_not=rulings.why_not_impartial(session, current_actor(), exchange),
        figure_hint=f"From 0, if nothing is due, to {credits(exchange.minutes)}, which was agreed.",
    )
    return page, form.status


def _ruling_form(row: Dispute, *, unsent: bool = False) -> RulingForm:
    """The form of a ruling, as it was sent or (``unsent``) empty."""
    version = row.exchange.version
    form = RulingForm(formdata=None, version=version) if unsent else RulingForm(version=version)
    possible = rulings.possible_rulings(row.exchange)
    form.ruling.choices = options([(ruling, RULING_LABELS[ruling]) for ruling in possible])
    return form


def _dispute_page(row: Dispute, sent: RulingForm | None = None) -> ResponseReturnValue:
    """The page of one dispute; ``sent`` is a ruling that was sent and did nothing."""
    session, actor, exchange = db.session(), current_actor(), row.exchange
    form = sent or _ruling_form(row, unsent=True)
    history = exchange_queries.history(session, exchange)
    why_not = rulings.why_not_impartial(session, actor, exchange) if row.is_open else None
    may_decide = row.is_open and why_not is None and rulings.can_be_decided(row)
    has_ruled = may_decide and rulings.has_ruled_before(session, row, actor.person_id)
    page = render_template(
        "disputes/dispute.html",
        row=row,
        exchange=exchange,
        form=sent,
        ruling_form=form,
        card=dispute_card(row, exchange, history, None),
        tag_of_dispute=state_of_ruling(row),
        events=timeline(exchange, history),
        paid=paid_minutes(exchange) if exchange.transaction_id is not None else None,
        fund=fund_balance(session),
        why_not=why_not or (rulings.RULED_BEFORE if has_ruled else ""),
        may_decide=may_decide and not row.is_proposed,
        may_rule=not has_ruled,
        needs_two=has_ruled or isinstance(form.refusal, BeyondLimit),
        resume=RESUME,
    )
    return page, sent.status if sent else 200
