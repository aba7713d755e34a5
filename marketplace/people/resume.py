"""A form sent after the session ended: its values travel, signed, through the sign-in page."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Request, current_app
from itsdangerous import BadSignature, URLSafeTimedSerializer

from marketplace.web.forms import NOT_KEPT

LONGEST_SECONDS = 24 * 60 * 60


@dataclass(frozen=True, slots=True)
class Resumed:
    """Where a form was going, and what was typed in it."""

    path: str
    fields: list[tuple[str, str]]
    acting: str = ""
    """For whom the form was being filled in."""


def keep(request: Request) -> str:
    """The typed values of ``request`` as signed text for a hidden field."""
    fields = [
        (name, value)
        for name, value in request.form.items(multi=True)
        if name not in NOT_KEPT and name != "acting"
    ]
    return _serializer().dumps([request.path, fields, request.form.get("acting", "")])


def kept(token: str) -> Resumed | None:
    """What ``keep`` kept; ``None`` if it was tampered with or is older than a day."""
    try:
        path, fields, acting = _serializer().loads(token, max_age=LONGEST_SECONDS)
    except BadSignature:
        return None
    return Resumed(path, [(str(name), str(value)) for name, value in fields], str(acting))


def _serializer() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(current_app.secret_key or "", salt="resumed form")
