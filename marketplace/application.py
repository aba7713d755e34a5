"""The application class: one commit at the edge of a request, and what happens on a refusal."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

import flask
import sqlalchemy as sa
from flask import Flask, g
from sqlalchemy.orm import Session
from werkzeug.routing import IntegerConverter, Map

from marketplace.database import SAFE_METHODS, db
from marketplace.errors import Refusal

log = logging.getLogger(__name__)

Work = Callable[[Session], None]
MOST_ADDRESSES = 5_000
"""How many addresses are kept; with more than that, all are made anew."""


def keep(work: Work) -> None:
    """Do ``work(session)`` in a transaction of its own when this request is over, whatever its end.

    For what must be kept although the request is refused and rolled back (a wrong password was
    tried), or only reads (an export was made). If the database cannot be used then, it is lost:
    the answer goes out all the same.
    """
    if "kept_work" not in g:
        g.kept_work = []
    g.kept_work.append(work)


class RowNumber(IntegerConverter):
    """A number in an address that can be the number of a row; any other one is an unknown page."""

    def __init__(self, map: Map, *, max: int = 2**31 - 1) -> None:
        super().__init__(map, max=max)


class Skillbank(Flask):
    """The application; it commits once, at the edge of a successful request.

    An exchange's new state and its credits are one fact, so no view and no service commits: a
    response below 400 commits everything, any other one rolls everything back. The commit is
    in ``dispatch_request``, not in a hook, so that a constraint that only fails at the commit is
    handled like any other error.
    """

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._addresses: dict[tuple[Any, ...], str] = {}

    def url_for(self, endpoint: str, **values: Any) -> str:
        """Return the address of a view, which is made once: a page has fifty and more of them."""
        is_plain = all(
            type(value) in (int, str) and not name.startswith("_") for name, value in values.items()
        )
        # A file may change, and with it its address; a relative name depends on the request.
        is_plain = is_plain and not endpoint.startswith(".") and not endpoint.endswith("static")
        if not is_plain or not flask.has_request_context():
            return super().url_for(endpoint, **values)
        key = (flask.request.script_root, endpoint, *sorted(values.items()))
        if (address := self._addresses.get(key)) is None:
            if len(self._addresses) >= MOST_ADDRESSES:
                self._addresses = {}
            address = self._addresses[key] = super().url_for(endpoint, **values)
        return address

    def dispatch_request(self) -> flask.Response:
        """Answer the request and commit what it did, or nothing.

        Two identical posts at the same instant do not see each other's uncommitted row, so both
        write it, and the later one breaks a unique constraint. Nothing is wrong with it: run again,
        it finds the row of the first and returns the same answer. So after an integrity error the
        request runs once more, from the start, in a new transaction. A second error is a fault of
        ours, and so is any in a request that only reads.
        """
        try:
            return self._answer()
        except sa.exc.IntegrityError:
            db.session.rollback()
            if flask.request.method in SAFE_METHODS:
                raise
            return self._answer()

    def log_exception(self, exc_info: Any) -> None:
        """Log an error by the route of its request; the address itself may hold a token."""
        route = flask.request.url_rule.rule if flask.request.url_rule else "an unknown address"
        self.logger.error("failed: %s %s", flask.request.method, route, exc_info=exc_info)

    def _answer(self) -> flask.Response:
        """Run the view; if a verb refuses what a form asked for, run it once more to say so.

        A view does nothing outside the database (what has to happen elsewhere goes through the
        outbox), so after a rollback it can be run again. The form of the second run is not valid:
        it shows the refusal (``web.forms.Form``), and the view shows its page as for any other
        mistake, out of fresh rows. That is why no view needs a ``try``.
        """
        g.pop("form_accepted", None)
        try:
            response = self.make_response(super().dispatch_request())
        except Refusal as refusal:
            if not g.pop("form_accepted", False):
                raise
            db.session.rollback()
            g.refusal = refusal
            response = self.make_response(super().dispatch_request())
            if "refusal" in g:  # the view showed no form this time, so it did not show the refusal
                g.pop("refusal")
                raise
        if response.status_code < 400:
            db.session.commit()
        else:
            db.session.rollback()
        return response

    def process_response(self, response: flask.Response) -> flask.Response:
        """Finish the response, then do what is to be kept whatever came of the request."""
        response = super().process_response(response)
        if works := g.pop("kept_work", None):
            # The request's own transaction is over, or only reads. A post may have begun another
            # one to show its page, which would keep SQLite's one write lock from this one.
            if flask.request.method not in SAFE_METHODS:
                db.session.rollback()
            _do_apart(works)
        return response


def _do_apart(works: list[Work]) -> None:
    try:
        with Session(db.engine) as session, session.begin():
            for work in works:
                work(session)
    except sa.exc.DBAPIError as error:
        log.warning("What a request wanted to keep is lost: %s", type(error.orig).__name__)
