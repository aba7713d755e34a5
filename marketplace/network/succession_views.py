"""The pages on which two people decide who carries on for a closed school."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from marketplace.accounts.access import access, current_actor, needs
from marketplace.accounts.roles import Permission
from marketplace.credits.accounts import find_account
from marketplace.credits.formats import credits
from marketplace.credits.handovers import shortfall_of
from marketplace.database import db
from marketplace.network import proposals, queries
from marketplace.network.forms import ANOTHER, DecisionForm, SuccessorForm
from marketplace.network.models import Succession, SuccessionState
from marketplace.network.presenters import proposed_of, why_waiting
from marketplace.network.queries import WaitingRow
from marketplace.network.service import leaving_of
from marketplace.network.two_people import may_decide, who_approves, why_not_decide
from marketplace.settings import current_policy
from marketplace.web.fields import options

READ = needs(Permission.AUDIT_LEDGER)


def add_to(blueprint: Blueprint) -> None:
    """Add these pages to the operator's."""
    blueprint.add_url_rule("/successions", view_func=successions)
    blueprint.add_url_rule("/successions/<int:urn>", view_func=decide, methods=["GET", "POST"])
    for view in (approve, refuse):
        blueprint.add_url_rule(
            f"/successions/<int:succession_id>/{view.__name__}", view_func=view, methods=["POST"]
        )


@access(READ)
def successions() -> ResponseReturnValue:
    """Show the closed schools about which somebody has to decide."""
    page = queries.list_waiting(db.session(), after=request.args.get("after", ""))
    return render_template(
        "network/successions.html",
        lines=[(row, why_waiting(row.successions)) for row in page.rows],
        next_url=url_for(".successions", after=page.next) if page.next else None,
    )


@access(READ, recent=True)
def decide(urn: int) -> ResponseReturnValue:
    """Show one closed school, and let an operator propose who carries on for it."""
    row = queries.waiting_of(db.session(), urn)
    form = SuccessorForm()
    form.to.choices = _choices(row)
    if form.validate_on_submit():
        proposals.propose_succession(
            db.session(),
            current_actor(),
            urn,
            form.to_urn,
            write_off=bool(form.write_off.data),
            remark=form.remark.data or "",
        )
        flash(f"Proposed. It happens once {who_approves(db.session())} approves it.", "success")
        return redirect(url_for(".decide", urn=urn))
    return _page(row, form, DecisionForm(formdata=None))


@access(READ, recent=True)
def approve(succession_id: int) -> ResponseReturnValue:
    """Approve what another person proposed: everything goes on at the successor at once."""
    return _decision(succession_id, approved=True)


@access(READ, recent=True)
def refuse(succession_id: int) -> ResponseReturnValue:
    """Refuse a proposal, or take one's own back."""
    return _decision(succession_id, approved=False)


def _decision(succession_id: int, *, approved: bool) -> ResponseReturnValue:
    session, actor = db.session(), current_actor()
    succession = queries.get_succession(session, succession_id)
    from_urn = succession.from_urn
    form = DecisionForm()
    if form.validate_on_submit():
        if not approved:
            proposals.refuse_succession(
                session, actor, succession_id, remark=form.remark.data or ""
            )
            flash("Not approved. The school waits for another proposal.", "success")
            return redirect(url_for(".decide", urn=from_urn))
        proposals.approve_succession(session, actor, succession_id, current_policy())
        flash("Done. People, credits, exchanges and the record have gone on.", "success")
        return redirect(url_for(".successions"))
    if form.refusal is not None and succession.state != SuccessionState.PROPOSED:
        raise form.refusal
    row = queries.waiting_of(session, from_urn)
    successor_form = SuccessorForm(formdata=None)
    successor_form.to.choices = _choices(row)
    return _page(row, successor_form, form)


def _page(row: WaitingRow, form: SuccessorForm, decision: DecisionForm) -> ResponseReturnValue:
    session, actor = db.session(), current_actor()
    proposed = proposed_of(row.successions)
    page = render_template(
        "network/succession.html",
        school=row.school,
        why=why_waiting(row.successions),
        successions=row.successions,
        proposed=proposed,
        form=form if proposed is None else decision,
        account=find_account(session, row.school.urn),
        plan=leaving_of(session, row.school),
        beyond=_beyond(row, proposed),
        may_propose=actor.may(Permission.MANAGE_NETWORK),
        may_refuse=proposed is not None and may_decide(session, actor),
        why_not=why_not_decide(
            session, actor, proposed.proposed_by_id, (proposed.from_urn, proposed.to_urn)
        )
        if proposed
        else "",
        is_own=proposed is not None and proposed.proposed_by_id == actor.person_id,
        who_approves=who_approves(session),
    )
    return page, (form if proposed is None else decision).status


def _choices(row: WaitingRow) -> list[tuple[str, str]]:
    named = [
        (str(succession.to_school.urn), f"{succession.to_school.name} (URN {succession.to_urn})")
        for succession in row.successions
        if succession.to_school is not None
    ]
    return options([*named, (ANOTHER, "Another school")])


def _beyond(row: WaitingRow, proposed: Succession | None) -> str | None:
    """What would be beyond the proposed successor's limit, in words."""
    if proposed is None or proposed.to_urn is None:
        return None
    minutes = shortfall_of(db.session(), row.school.urn, proposed.to_urn)
    return credits(minutes) if minutes else None
