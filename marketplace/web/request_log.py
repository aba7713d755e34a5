"""One log line a request, and the number by which a person and a log speak of the same one."""

from __future__ import annotations

import logging
import re
import secrets
import time

from flask import Flask, Response, current_app, g, request

from marketplace.logs import FIELDS
from marketplace.settings import current_settings
from marketplace.web.client_address import client_address

HEADER = "X-Request-ID"
WITHOUT_ACTOR = "skillbank.request_log.without_actor"
_WELL_FORMED = re.compile(r"[A-Za-z0-9_-]{8,40}")

log = logging.getLogger("marketplace.requests")


def init_app(app: Flask) -> None:
    """Number every request of ``app`` and log it."""
    app.extensions[WITHOUT_ACTOR] = set()
    app.before_request(begin)
    app.after_request(finish)


def begin() -> None:
    """Give the request its number: the proxy's, if one is trusted to make them, or a new one."""
    g.request_began = time.monotonic()
    from_proxy = request.headers.get(HEADER, "") if current_settings().site.trusted_proxies else ""
    is_usable = _WELL_FORMED.fullmatch(from_proxy)
    g.request_id = from_proxy if is_usable else secrets.token_hex(6)


def leave_actor_out(app: Flask, blueprint: str) -> None:
    """Let the lines of a blueprint’s requests not say who asked, nor for which school."""
    app.extensions[WITHOUT_ACTOR].add(blueprint)


def finish(response: Response) -> Response:
    """Log the request by its route, never by its address, which may hold a token or a search."""
    response.headers[HEADER] = g.request_id
    current_user = g.get("current_user")
    actor = current_user.actor if current_user is not None else None
    if request.blueprint in current_app.extensions[WITHOUT_ACTOR]:
        actor = None
    fields = {
        "method": request.method if request.url_rule else _known_method(request.method),
        "route": request.url_rule.rule if request.url_rule else None,
        "status": response.status_code,
        "ms": round((time.monotonic() - g.request_began) * 1000, 1),
        "person": actor.person_id if actor else None,
        "school": actor.urn if actor else None,
        "support": actor.support_id if actor else None,
        "address": client_address(),
    }
    log.info("request", extra={FIELDS: fields})
    return response


def _known_method(method: str) -> str:
    """A method as it is, if it is one of HTTP's: anybody may send any word."""
    known = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT"}
    return method if method in known else "other"
