"""The e-mails that a person was sent, and what became of each."""

from __future__ import annotations

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from marketplace.accounts.access import OWN_ACCOUNT, access
from marketplace.database import db
from marketplace.mail.presenters import delivery_row
from marketplace.mail.queries import deliveries_to_person, find_failing


def add_to(blueprint: Blueprint) -> None:
    """Add the page to ``blueprint``."""
    blueprint.add_url_rule("/account/e-mails", view_func=own_emails)


@access(OWN_ACCOUNT)
def own_emails() -> ResponseReturnValue:
    """Show the e-mails to oneself, the newest first, and whether one's address takes any."""
    session, user = db.session(), current_user
    page = deliveries_to_person(session, user.person_id, after=request.args.get("after", ""))
    return render_template(
        "accounts/own_emails.html",
        emails=page.map(delivery_row).rows,
        failing=next(iter(find_failing(session, [user.email])), None),
        next_url=url_for(".own_emails", after=page.next) if page.next else None,
    )
