"""Signed texts that travel through a browser and come back."""

from __future__ import annotations

from flask import current_app
from itsdangerous import URLSafeTimedSerializer


def signer(purpose: str) -> URLSafeTimedSerializer:
    """Return what signs and reads texts for one ``purpose``; no other one accepts them.

    Texts that were signed with a former key are read as long as the settings name it.
    """
    former_keys = current_app.config.get("SECRET_KEY_FALLBACKS") or []
    return URLSafeTimedSerializer([*former_keys, current_app.secret_key or ""], salt=purpose)
