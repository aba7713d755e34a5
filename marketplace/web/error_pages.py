"""Error pages: what happened, and what the person can do now."""

from __future__ import annotations

import logging

import sqlalchemy as sa
from flask import Flask, g, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import BadRequest, HTTPException, InternalServerError

from marketplace.database import db
from marketplace.errors import Refusal
from marketplace.web.forms import NOT_KEPT, RESUME
from marketplace.web.interrupted_forms import InterruptedForm
from marketplace.web.origins import Origin, form_origin

log = logging.getLogger(__name__)

TITLES = {
    400: ("We could not read that form", "Go back and send it again."),
    403: ("You may not do this", "Your role does not allow it."),
    404: (
        "There is nothing here",
        "The page does not exist, or only the schools concerned can see it.",
    ),
    405: (
        "You cannot open this page directly",
        "Go back to the page you came from and use its button.",
    ),
    409: ("Someone else changed this before you", "Open it again to see what it says now."),
    413: (
        "That is too much at once",
        "Go back and shorten what you typed, or choose a smaller file. Then send it again.",
    ),
    422: ("That cannot be done", "Go back, change what is wrong and try again."),
    429: ("Too many tries", "Wait a minute, then try again."),
}

NOT_QUOTED = frozenset({404, 405})
"""Errors whose page needs no number: nobody has to look for them in the log."""

UNREADABLE_ADDRESS = ("We could not read that address", "Check it, or begin at the start.")

DATABASE_ERRORS = (sa.exc.OperationalError, sa.exc.InterfaceError, sa.exc.TimeoutError)
"""What the driver or the pool raises when the database is away, locked or too slow."""


def init_app(app: Flask) -> None:
    """Add the error pages to ``app``."""
    app.before_request(refuse_unreadable)
    app.register_error_handler(Refusal, on_refusal)
    for error in DATABASE_ERRORS:
        app.register_error_handler(error, on_database_away)
    app.register_error_handler(HTTPException, on_http)
    app.register_error_handler(InternalServerError, on_failure)


def refuse_unreadable() -> None:
    """Refuse an address with a null character, which a database cannot store."""
    texts = [request.path, *request.args.keys(), *request.args.values()]
    if any("\0" in text for text in texts):
        g.address_unreadable = True
        raise BadRequest


def error_page(
    status: int,
    title: str,
    explanation: str,
    *,
    actions: list[tuple[str, str]] | None = None,
    retry: InterruptedForm | None = None,
) -> ResponseReturnValue:
    """Show the one page of every error: what happened, and what to do now."""
    g.on_error_page = True
    start = url_for("pages.dashboard" if g.get("current_user") else "pages.landing")
    return render_template(
        "errors/error.html",
        status=status,
        title=title,
        explanation=explanation,
        actions=actions or [("Go to the start", start)],
        retry=retry,
        request_id=g.get("request_id") if status not in NOT_QUOTED else None,
    ), status


def on_refusal(refusal: Refusal) -> ResponseReturnValue:
    """Show a refusal that no form could show."""
    db.session.rollback()
    title, _ = TITLES.get(refusal.status, TITLES[422])
    return error_page(refusal.status, title, refusal.message)


def on_database_away(error: Exception) -> ResponseReturnValue:
    """Say that the database could not be reached: nothing was done, one button tries again."""
    log.error("the database is away: %s", getattr(error, "orig", error))
    db.session.rollback()
    g.current_user = None
    retry = None
    if request.method == "POST" and form_origin() is Origin.OURS:
        fields = [
            (name, value)
            for name, value in request.form.items(multi=True)
            if name not in NOT_KEPT - {"csrf_token", RESUME}
        ]
        retry = InterruptedForm(request.path, fields)
    return error_page(
        503,
        "The database cannot be reached just now",
        "What you sent has not been lost and cannot happen twice. Wait a moment, then try again."
        if retry
        else "Wait a moment, then load the page again.",
        actions=[("Load the page again", request.path)] if retry is None else [],
        retry=retry,
    )


def on_http(error: HTTPException) -> ResponseReturnValue:
    """Show an error Flask itself found: unknown page, wrong method, too much, too often."""
    if error.code is None or error.code < 400:
        return error.get_response()
    db.session.rollback()
    title, explanation = TITLES.get(error.code, (error.name, error.description or ""))
    if g.get("address_unreadable"):
        title, explanation = UNREADABLE_ADDRESS
    return error_page(error.code, title, explanation)


def on_failure(_error: InternalServerError) -> ResponseReturnValue:
    """Say plainly that the fault is ours; the log has the details."""
    db.session.rollback()
    g.current_user = None
    return error_page(
        500,
        "Something went wrong on our side",
        "Nothing you sent was half done. It has been logged; please try again.",
    )
