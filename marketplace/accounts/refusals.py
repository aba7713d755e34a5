"""Every answer “you may not do this” to a signed-in person is a line in the security log."""

from __future__ import annotations

from flask import Flask, Response, g, request

from marketplace.accounts.security_log import SecurityKind, record_apart


def init_app(app: Flask) -> None:
    """Watch the answers of ``app``."""
    app.after_request(record_refusal)


def record_refusal(response: Response) -> Response:
    """Record a refusal, whether the rule of the view or a verb has refused."""
    user = g.get("current_user")
    if response.status_code == 403 and user is not None:
        record_apart(
            SecurityKind.NOT_ALLOWED,
            person_id=user.person_id,
            actor_id=user.person_id,
            school_urn=user.actor.urn,
            page=request.endpoint or "",
        )
    return response
