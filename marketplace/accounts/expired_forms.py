"""Forms of a session that has ended: kept through the sign-in, and shown again, filled."""

from __future__ import annotations

from flask import Flask, g, request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError

from marketplace.accounts.access import SessionEnded, find_current_user
from marketplace.accounts.views import carry_on, sign_in_to_go_on
from marketplace.database import db
from marketplace.web.error_pages import error_page
from marketplace.web.interrupted_forms import pack_form, unpack_form

SIGN_IN_PAGES = frozenset(
    {
        "accounts.sign_in",
        "accounts.sign_in_with_passkey",
        "accounts.second_step",
        "accounts.second_step_with_passkey",
    }
)
"""Pages of signing in, whose forms are not kept."""

OF_LINKS = frozenset({"accounts.use_link", "accounts.confirm_address", "accounts.take_back"})
"""Pages that a link opens, whose form needs no session."""


def init_app(app: Flask) -> None:
    """Answer forms of a session that has ended."""
    app.register_error_handler(SessionEnded, lambda ended: sign_in_to_go_on(ended.packed_form))
    app.register_error_handler(CSRFError, on_csrf)


def on_csrf(_error: CSRFError) -> ResponseReturnValue:
    """Show a form of an earlier session again, filled, and do nothing yet."""
    db.session.rollback()
    g.current_user = find_current_user()
    if request.endpoint in SIGN_IN_PAGES:
        return error_page(
            400,
            "The sign-in page had expired",
            "Open it again and sign in; if this keeps happening, allow cookies for this site.",
            actions=[("Open the sign-in page", url_for("accounts.sign_in"))],
        )
    if request.endpoint in OF_LINKS:
        return error_page(
            400,
            "The page had expired",
            "Open the link again; if this keeps happening, allow cookies for this site.",
            actions=[("Open the link again", request.path)],
        )
    if g.current_user is None:
        return sign_in_to_go_on(pack_form(request))
    interrupted = unpack_form(pack_form(request))
    if interrupted is None:
        return error_page(
            400,
            "We could not tell where that form came from",
            "Open the page again and fill it in. If this keeps happening, allow cookies for this"
            " site, and let your browser or proxy send its Origin header.",
        )
    return carry_on(interrupted, 409)
