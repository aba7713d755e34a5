"""The pages of periods: what is closed, the checklist, proposing and closing."""

from __future__ import annotations

from datetime import date
from functools import partial

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from marketplace import clock
from marketplace.accounts.access import access, current_actor, may_open, needs
from marketplace.accounts.roles import Permission
from marketplace.audit.closing import queries, service
from marketplace.audit.closing.checks import check_period
from marketplace.audit.closing.forms import ClosingForm, last_month_end
from marketplace.database import db
from marketplace.statements.period import read_day
from marketplace.web.formats import day
from marketplace.web.forms import Form, button_was_pressed

CLOSE = needs(Permission.CLOSE_PERIODS)


def add_to(blueprint: Blueprint) -> None:
    """Add the pages to the auditors' blueprint."""
    blueprint.add_url_rule("/periods", view_func=periods)
    blueprint.add_url_rule("/periods/new", view_func=propose, methods=["GET", "POST"])
    blueprint.add_url_rule("/periods/<int:closing_id>", view_func=closing, methods=["GET", "POST"])
    blueprint.add_url_rule(
        "/periods/<int:closing_id>/withdraw", view_func=withdraw, methods=["POST"]
    )


@access(needs(Permission.AUDIT_LEDGER))
def periods() -> ResponseReturnValue:
    """Show the closed periods, and the proposals that wait."""
    session = db.session()
    return render_template(
        "audit/closing/periods.html",
        rows=queries.closed_periods(session),
        proposals=queries.open_proposals(session),
        own_id=current_actor().person_id,
    )


@access(CLOSE, recent=True)
def propose() -> ResponseReturnValue:
    """Show the checklist of a period, and propose to close it."""
    form = ClosingForm(ends_on=_asked_day())
    if form.validate_on_submit():
        ends_on = form.ends_on.data
        assert ends_on is not None
        service.propose_closing(
            db.session(), current_actor(), ends_on, (form.reason.data or "").strip()
        )
        flash(
            f"Proposed. Another operator or auditor can now close the books through"
            f" {day(ends_on)}.",
            "success",
        )
        return redirect(url_for("audit.periods"))
    ends_on = form.ends_on.data or last_month_end()
    if ends_on >= clock.today():
        ends_on = last_month_end()
    body = render_template(
        "audit/closing/propose.html",
        form=form,
        ends_on=ends_on,
        results=check_period(db.session(), ends_on),
        may_open=partial(may_open, current_actor()),
    )
    return body, form.status


@access(CLOSE, recent=True)
def closing(closing_id: int) -> ResponseReturnValue:
    """Show a proposal with its checklist as it is now, and close the period."""
    session = db.session()
    proposal = queries.get_closing(session, closing_id)
    form = Form()
    if form.validate_on_submit():
        service.close_period(session, current_actor(), closing_id)
        flash(f"The books are closed through {day(proposal.ends_on)}, for ever.", "success")
        return redirect(url_for("audit.periods"))
    is_open = proposal.closed_at is None and proposal.withdrawn_at is None
    body = render_template(
        "audit/closing/closing.html",
        form=form,
        proposal=proposal,
        is_open=is_open,
        is_own=proposal.proposed_by_id == current_actor().person_id,
        results=check_period(session, proposal.ends_on) if is_open else [],
        may_open=partial(may_open, current_actor()),
    )
    return body, form.status


@access(CLOSE)
def withdraw(closing_id: int) -> ResponseReturnValue:
    """Take a proposal back, or refuse another person's."""
    if button_was_pressed():
        service.withdraw_closing(db.session(), current_actor(), closing_id)
        flash("Withdrawn. Nothing was closed.", "info")
    return redirect(url_for("audit.periods"))


def _asked_day() -> date:
    """The day that the address asks for, or the end of the last month."""
    try:
        return read_day(request.args["through"])
    except (KeyError, ValueError):
        return last_month_end()
