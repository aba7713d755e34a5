"""A form sent after the session ended: its values travel, signed, through the sign-in page."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Request
from itsdangerous import BadSignature

from marketplace.web.forms import NOT_KEPT
from marketplace.web.origins import Origin, form_origin
from marketplace.web.signing import signer

LONGEST_SECONDS = 24 * 60 * 60


@dataclass(frozen=True, slots=True)
class InterruptedForm:
    """Where a form was going, what was typed in it, and for whom it was being filled in."""

    path: str
    fields: list[tuple[str, str]]
    membership_key: str = ""


def pack_form(request: Request) -> str:
    """Return the typed values of ``request`` as signed text for a hidden field.

    It is empty unless the browser says that the form comes from a page of this site: otherwise
    another site could put a filled form before a person.
    """
    if form_origin() is not Origin.OURS:
        return ""
    fields = [
        (name, value)
        for name, value in request.form.items(multi=True)
        if name not in NOT_KEPT and name != "acting"
    ]
    return signer("resumed form").dumps([request.path, fields, request.form.get("acting", "")])


def unpack_form(token: str) -> InterruptedForm | None:
    """Return what ``pack_form`` packed; ``None`` if it was altered or is older than a day."""
    try:
        path, fields, membership_key = signer("resumed form").loads(token, max_age=LONGEST_SECONDS)
    except BadSignature:
        return None
    return InterruptedForm(
        path, [(str(name), str(value)) for name, value in fields], str(membership_key)
    )
