"""The mailbox of a demo: every e-mail as its person would get it.

The views state no access rule of their own, because the rules stand above this package: see
``pages``. Where ``SKILLBANK_MAILBOX`` is not set, none of them exists.
"""

from __future__ import annotations

from flask import Response, render_template, request, url_for
from flask.typing import ResponseReturnValue

from marketplace.database import db
from marketplace.errors import NotFound
from marketplace.mail import queries
from marketplace.mail.models import Email, EmailState
from marketplace.mail.presenters import STATE_TAGS, with_links
from marketplace.settings import current_settings

HTML_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none';"
    " frame-ancestors 'none'"
)
"""For the HTML of an e-mail, whose style is within it: nothing is loaded, and nothing runs."""


def mailbox() -> ResponseReturnValue:
    """Show the e-mails to everyone or to one address, the newest first."""
    _require_mailbox()
    address, after = request.args.get("to", "").strip()[:254], request.args.get("after", "")
    page = queries.deliveries(db.session(), address=address, after=after)
    return render_template(
        "mail/mailbox.html",
        emails=page.rows,
        typed=address,
        tags=STATE_TAGS,
        next_url=url_for("mail.mailbox", to=address or None, after=page.next)
        if page.next
        else None,
    )


def message(email_id: int) -> ResponseReturnValue:
    """Show one e-mail as text."""
    email = _get_email(email_id)
    return render_template(
        "mail/message.html",
        email=email,
        state_tag=STATE_TAGS[EmailState(email.state)],
        pieces=with_links(email.text or ""),
    )


def message_html(email_id: int) -> ResponseReturnValue:
    """Show one e-mail as the HTML that it holds."""
    email = _get_email(email_id)
    if email.html is None:
        raise NotFound("The text of this e-mail has been deleted.")
    response = Response(email.html, mimetype="text/html")
    response.headers["Content-Security-Policy"] = HTML_POLICY
    return response


PAGES = (
    ("/mailbox", mailbox),
    ("/mailbox/<int:email_id>", message),
    ("/mailbox/<int:email_id>/html", message_html),
)
"""The addresses of the views."""


def _require_mailbox() -> None:
    if not current_settings().mail.mailbox:
        raise NotFound("The page does not exist.")


def _get_email(email_id: int) -> Email:
    _require_mailbox()
    email = db.session.get(Email, email_id)
    if email is None:
        raise NotFound("There is no such e-mail.")
    return email
