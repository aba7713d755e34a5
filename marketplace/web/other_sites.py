"""Refusals at the edge: requests for another host, and forms that another site sends."""

from __future__ import annotations

from flask import Flask, g, request
from flask.typing import ResponseReturnValue

from marketplace.database import SAFE_METHODS
from marketplace.settings import current_settings
from marketplace.web.error_pages import error_page
from marketplace.web.origins import Origin, form_origin, host_is_ours

ANY_HOST = frozenset({"healthz"})
"""What answers whatever the host is: a load balancer asks by the address of the server."""


def init_app(app: Flask) -> None:
    """Refuse other hosts, and forms that another site sends."""
    app.before_request(refuse_other_hosts)
    app.before_request(refuse_forms_of_other_sites)


def refuse_other_hosts() -> ResponseReturnValue | None:
    """Refuse a request for another host: links and forms would lead there."""
    settings = current_settings()
    host = request.environ.get("HTTP_HOST", "")
    if request.endpoint in ANY_HOST or host_is_ours(host, settings):
        return None
    g.current_user = None
    return error_page(
        400,
        "This is not the address of Skillbank",
        f"Skillbank is at {settings.site_url}. Open it there.",
        actions=[("Open Skillbank", settings.site_url)],
    )


def refuse_forms_of_other_sites() -> ResponseReturnValue | None:
    """Refuse a form that the browser says another site has sent.

    The token of a form protects those who are signed in. This protects the others as well:
    another site cannot put a filled form before a person, to be sent after signing in.
    """
    if request.method in SAFE_METHODS or form_origin() is not Origin.ANOTHER:
        return None
    g.current_user = None
    return error_page(
        403,
        "This was sent from another site",
        "Another website has sent this form to Skillbank, so nothing has been done. If you meant"
        " to do this, open the page here and fill it in.",
    )
