"""The page of seals, and the button that seals now."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from marketplace import clock
from marketplace.accounts.access import access, current_actor, needs
from marketplace.accounts.roles import Permission
from marketplace.audit.seals.queries import list_seals
from marketplace.audit.seals.service import seal_now
from marketplace.audit.standing import COUNTED_AT_MOST, book_standing
from marketplace.database import db
from marketplace.web.forms import button_was_pressed


def add_to(blueprint: Blueprint) -> None:
    """Add the pages to the auditors' blueprint."""
    blueprint.add_url_rule("/seals", view_func=seals)
    blueprint.add_url_rule("/seals", view_func=seal, methods=["POST"])


@access(needs(Permission.AUDIT_LEDGER))
def seals() -> ResponseReturnValue:
    """Show the seals with their fingerprints, to be printed and kept elsewhere."""
    session = db.session()
    page = list_seals(session, after=request.args.get("after", ""))
    return render_template(
        "audit/seals/seals.html",
        rows=page.rows,
        standing=book_standing(session),
        counted_at_most=COUNTED_AT_MOST,
        may_seal=current_actor().may(Permission.MANAGE_NETWORK),
        printed_at=clock.now(),
        next_url=url_for("audit.seals", after=page.next) if page.next else None,
    )


@access(needs(Permission.MANAGE_NETWORK))
def seal() -> ResponseReturnValue:
    """Seal what is in no seal yet."""
    if button_was_pressed():
        sealed = seal_now(db.session(), current_actor())
        if sealed:
            records = "1 record is" if sealed == 1 else f"{sealed:,} records are"
            flash(f"{records} sealed. Keep the newest fingerprint elsewhere.", "success")
        else:
            flash("There was nothing new to seal.", "info")
    return redirect(url_for("audit.seals"))
