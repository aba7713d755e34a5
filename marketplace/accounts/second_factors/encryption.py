"""Secrets of authenticator apps, encrypted with a key derived from ``SECRET_KEY``."""

from __future__ import annotations

import base64
import json
from typing import Any

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from flask import current_app


def seal(person_id: int, secret: str) -> str:
    """Return ``secret`` encrypted; only for the person with ``person_id`` is it opened again."""
    return _cipher().encrypt(json.dumps([person_id, secret]).encode()).decode()


def unseal(person_id: int, sealed: str, *, longest_seconds: int | None = None) -> str | None:
    """Return what ``seal`` encrypted; ``None`` if it is another person's, altered or too old."""
    try:
        values: list[Any] = json.loads(_cipher().decrypt(sealed.encode(), ttl=longest_seconds))
    except InvalidToken:
        return None
    sealed_for, secret = values
    return str(secret) if sealed_for == person_id else None


def reseal(sealed: str) -> str | None:
    """Return the same secret encrypted with the present key; ``None`` if no key opens it."""
    try:
        return _cipher().rotate(sealed.encode()).decode()
    except InvalidToken:
        return None


def _cipher() -> MultiFernet:
    """Encrypts with the present key, and opens what it or a former one encrypted."""
    former_keys = current_app.config.get("SECRET_KEY_FALLBACKS") or []
    return MultiFernet(
        [Fernet(_derived(str(key))) for key in (current_app.secret_key, *former_keys)]
    )


def _derived(key: str) -> bytes:
    derivation = HKDF(SHA256(), 32, salt=None, info=b"skillbank authenticator secrets")
    return base64.urlsafe_b64encode(derivation.derive(key.encode()))
