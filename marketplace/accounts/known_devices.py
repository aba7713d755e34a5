"""Known devices: the browsers in which a person has signed in before.

A long-lived cookie holds a random token, bound to this host. It signs nobody in. It only says that
whoever tries a password here has been in before, so that tries from elsewhere do not slow them.
"""

from __future__ import annotations

from datetime import datetime, timedelta

import sqlalchemy as sa
from flask import Flask, Response, current_app, g, request
from itsdangerous import BadSignature
from sqlalchemy.orm import Session

from marketplace import clock
from marketplace.accounts.models import KnownDevice
from marketplace.privacy.periods import KNOWN_DEVICES
from marketplace.web.client_address import client_address
from marketplace.web.devices import current_device
from marketplace.web.signing import signer
from marketplace.web.tokens import hash_token, new_token

LASTS = timedelta(days=KNOWN_DEVICES)
"""How long a browser is known after the last sign-in there; browsers keep no cookie for longer."""

_NAME = "device"
_SIGNED_FOR = "a known device"


def find_device(session: Session, person_id: int | None) -> KnownDevice | None:
    """Return this browser as a known device of the person; ``None`` if it is none of theirs.

    Without a person it asks the database all the same, so that it takes as long.
    """
    token_hash = hash_token(_token() or "")
    return session.scalar(
        sa.select(KnownDevice).where(
            KnownDevice.person_id == (person_id or 0),
            KnownDevice.token_hash == token_hash,
            KnownDevice.last_used_at > clock.now() - LASTS,
        )
    )


def remember_device(session: Session, person_id: int) -> bool:
    """Make this browser a known device of a person who has just signed in.

    Returns:
        Whether it was none of theirs before.
    """
    now = clock.now()
    device = find_device(session, person_id)
    is_new = device is None
    if device is None:
        token = _token() or new_token()
        _forget(session, person_id, KnownDevice.token_hash == hash_token(token))
        device = KnownDevice(person_id=person_id, token_hash=hash_token(token), created_at=now)
        session.add(device)
        g.device_token = token
    device.label, device.address, device.last_used_at = current_device(), client_address(), now
    session.flush()
    return is_new


def devices_of(session: Session, person_id: int) -> list[KnownDevice]:
    """Return the known devices of a person, the last used first."""
    return list(
        session.scalars(
            sa.select(KnownDevice)
            .where(
                KnownDevice.person_id == person_id,
                KnownDevice.last_used_at > clock.now() - LASTS,
            )
            .order_by(KnownDevice.last_used_at.desc(), KnownDevice.id.desc())
        )
    )


def forget_device(session: Session, person_id: int, device_id: int) -> bool:
    """Forget one device of the person; return whether it was one of theirs."""
    return _forget(session, person_id, KnownDevice.id == device_id) > 0


def forget_devices(session: Session, person_id: int, *, besides: int | None = None) -> int:
    """Forget every device of the person, but the one ``besides``; count them."""
    condition = sa.true() if besides is None else KnownDevice.id != besides
    return _forget(session, person_id, condition)


def delete_unused(session: Session, before: datetime) -> int:
    """Delete the devices in which nobody has signed in since ``before``; return how many."""
    return _delete(session, KnownDevice.last_used_at < before)


def set_cookie(response: Response) -> Response:
    """Give the browser the token of a device that has just become known."""
    token = g.pop("device_token", None)
    if token is not None:
        response.set_cookie(
            cookie_name(),
            signer(_SIGNED_FOR).dumps(token),
            max_age=LASTS,
            secure=_is_secure(current_app),
            httponly=True,
            samesite="Lax",
            path="/",
        )
    return response


def cookie_name(app: Flask | None = None) -> str:
    """Return what the cookie is called: it is bound to this host wherever there is HTTPS."""
    return f"__Host-{_NAME}" if _is_secure(app or current_app) else _NAME


def _token() -> str | None:
    """The token of this browser, if the cookie is one that we have signed."""
    try:
        token = signer(_SIGNED_FOR).loads(request.cookies.get(cookie_name(), ""))
    except BadSignature:
        return None
    return token if isinstance(token, str) else None


def _is_secure(app: Flask) -> bool:
    return bool(app.session_interface.get_cookie_secure(app))


def _forget(session: Session, person_id: int, condition: sa.ColumnElement[bool]) -> int:
    return _delete(session, (KnownDevice.person_id == person_id) & condition)


def _delete(session: Session, condition: sa.ColumnElement[bool]) -> int:
    result = session.execute(sa.delete(KnownDevice).where(condition))
    assert isinstance(result, sa.CursorResult)
    return result.rowcount
