"""Random tokens, which a browser or an e-mail has, while a table has only their hash."""

from __future__ import annotations

import hashlib
import secrets


def new_token() -> str:
    """Return a token of 256 random bits, as it may stand in an address or a cookie."""
    return secrets.token_urlsafe(32)


def hash_token(token: str) -> str:
    """Return what a table has of a token: its SHA-256, for nobody guesses 256 random bits."""
    return hashlib.sha256(token.encode()).hexdigest()
