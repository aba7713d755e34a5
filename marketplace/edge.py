"""The edge of the application: errors become pages, headers keep the browser strict."""

from __future__ import annotations

import logging

import sqlalchemy as sa
from flask import Flask, Response, g, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import BadRequest, HTTPException, InternalServerError

from marketplace.database import db
from marketplace.people.access import SessionEnded, viewer
from marketplace.people.resume import Resumed, keep, kept
from marketplace.people.views import carry_on, sign_in_to_go_on
from marketplace.web.forms import NOT_KEPT, RESUME
from marketplace.web.problems import Problem

log = logging.getLogger(__name__)

POLICY = (
    "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none';"
    " form-action 'self'; frame-ancestors 'none'"
)

TITLES = {
    400: ("That did not arrive whole", "The request could not be read. Go back and try again."),
    403: ("You may not do this", "Your role does not allow it."),
    404: (
        "There is nothing here",
        "The page does not exist, or it is something only the schools concerned can see.",
    ),
    405: ("That is not done this way", "Go back to the page you came from and use its button."),
    409: ("Somebody was first", "This has changed since you opened it. Open it again."),
    413: ("That is too much at once", "Shorten what you typed, then send it again."),
    422: ("That cannot be done", "Go back, change what is wrong and try again."),
    429: ("Too many tries", "Wait a minute, then try again."),
}


def init_app(app: Flask) -> None:
    """Add the error pages and the headers to ``app``."""
    app.before_request(refuse_unreadable)
    app.register_error_handler(Problem, on_problem)
    app.register_error_handler(CSRFError, on_csrf)
    app.register_error_handler(SessionEnded, lambda ended: sign_in_to_go_on(ended.kept))
    app.register_error_handler(sa.exc.OperationalError, on_database_away)
    app.register_error_handler(sa.exc.InterfaceError, on_database_away)
    app.register_error_handler(HTTPException, on_http)
    app.register_error_handler(InternalServerError, on_failure)
    app.after_request(add_headers)


def refuse_unreadable() -> None:
    """Refuse an address with the character that no database keeps; nobody types it."""
    asked = [request.path, *request.args.keys(), *request.args.values()]
    if any("\0" in text for text in asked):
        raise BadRequest


def error_page(
    status: int,
    title: str,
    explanation: str,
    *,
    actions: list[tuple[str, str]] | None = None,
    retry: Resumed | None = None,
) -> ResponseReturnValue:
    """One page for every error: what happened, and what to do now."""
    return render_template(
        "errors/error.html",
        status=status,
        title=title,
        explanation=explanation,
        actions=actions or [("Go to the start", url_for("home" if g.get("viewer") else "front"))],
        retry=retry,
    ), status


def on_problem(problem: Problem) -> ResponseReturnValue:
    """A broken rule that no form could show."""
    db.session.rollback()
    title, _ = TITLES.get(problem.status, TITLES[422])
    return error_page(problem.status, title, problem.message)


def on_csrf(_error: CSRFError) -> ResponseReturnValue:
    """A form of an earlier session: show it again, filled, and do nothing yet."""
    db.session.rollback()
    g.viewer = viewer()
    if request.endpoint == "people.sign_in":
        return error_page(
            400,
            "The sign-in page had expired",
            "Open it again and sign in; if this keeps happening, allow cookies for this site.",
            actions=[("Open the sign-in page", url_for("people.sign_in"))],
        )
    if request.endpoint == "people.use_link":
        return error_page(
            400,
            "The page had expired",
            "Open the link again; if this keeps happening, allow cookies for this site.",
            actions=[("Open the link again", request.path)],
        )
    if g.viewer is None:
        return sign_in_to_go_on(keep(request))
    resumed = kept(keep(request))
    if resumed is None:
        return error_page(400, *TITLES[400])
    return carry_on(resumed, 409)


def on_database_away(error: sa.exc.DBAPIError) -> ResponseReturnValue:
    """The database could not be reached: nothing was done, and one button tries again."""
    log.error("the database is away: %s", error.orig)
    db.session.rollback()
    g.viewer = None
    retry = None
    if request.method == "POST":
        fields = [
            (name, value)
            for name, value in request.form.items(multi=True)
            if name not in NOT_KEPT - {"csrf_token", RESUME}
        ]
        retry = Resumed(request.path, fields)
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
    """An error Flask itself found: unknown page, wrong method, too much data, too many tries."""
    if error.code is None or error.code < 400:
        return error.get_response()
    db.session.rollback()
    if "viewer" not in g:
        g.viewer = viewer()
    title, explanation = TITLES.get(error.code, (error.name, error.description or ""))
    return error_page(error.code, title, explanation)


def on_failure(_error: InternalServerError) -> ResponseReturnValue:
    """A fault of ours: say so plainly; the log has the details."""
    db.session.rollback()
    g.viewer = None
    return error_page(
        500,
        "Something went wrong on our side",
        "Nothing you sent was half done. It has been logged; please try again.",
    )


def add_headers(response: Response) -> Response:
    """Load nothing from elsewhere, be framed nowhere, and keep private pages out of caches."""
    response.headers.setdefault("Content-Security-Policy", POLICY)
    response.headers.setdefault("X-Content-Type-Options", "nosniff")
    response.headers.setdefault("Referrer-Policy", "same-origin")
    if g.get("viewer") is not None:
        response.headers["Cache-Control"] = "no-store"
    return response
