"""The operator's pages about payments that wait because an account is frozen."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from marketplace.accounts.access import access, current_actor, needs
from marketplace.accounts.roles import Permission
from marketplace.database import db
from marketplace.exchanges.disputes.rulings import why_not_impartial
from marketplace.exchanges.frozen import queries, service
from marketplace.exchanges.frozen.rules import frozen_schools
from marketplace.web.fields import text
from marketplace.web.forms import Form

blueprint = Blueprint("frozen", __name__)


class PermitForm(Form):
    """Why one payment is let through."""

    reason = text(
        "Reason",
        most=service.LONGEST_REASON,
        description="Both schools read it, and so do the network’s auditors.",
        render_kw={"rows": 3},
    )


@blueprint.get("/network/frozen-payments")
@access(needs(Permission.MANAGE_NETWORK))
def waiting() -> ResponseReturnValue:
    """Show the payments that wait because an account is frozen, the oldest first."""
    page = queries.list_waiting(db.session(), after=request.args.get("after", ""))
    return render_template(
        "exchanges/frozen/waiting.html",
        lines=page.rows,
        next_url=url_for(".waiting", after=page.next) if page.next else None,
    )


@blueprint.route("/network/frozen-payments/<int:exchange_id>", methods=["GET", "POST"])
@access(needs(Permission.MANAGE_NETWORK), recent=True)
def let_through(exchange_id: int) -> ResponseReturnValue:
    """Let one payment through, with a reason."""
    exchange = queries.get_waiting(db.session(), exchange_id)
    form = PermitForm()
    if form.validate_on_submit():
        service.let_payment_through(
            db.session(), current_actor(), exchange_id, form.reason.data or ""
        )
        flash("The receiving school can confirm it now.", "success")
        return redirect(url_for(".waiting"))
    page = render_template(
        "exchanges/frozen/let_through.html",
        form=form,
        exchange=exchange,
        frozen=frozen_schools(db.session(), exchange),
        why_not=why_not_impartial(db.session(), current_actor(), exchange),
    )
    return page, form.status
