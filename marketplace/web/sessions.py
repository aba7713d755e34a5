"""How the session cookie is signed."""

from __future__ import annotations

import hashlib
from typing import Any

from flask.sessions import SecureCookieSessionInterface


class SignedSessions(SecureCookieSessionInterface):
    """Sessions that are signed with SHA-256; Flask's own default is SHA-1."""

    @staticmethod
    def digest_method(string: bytes = b"") -> Any:
        """Return the hash that signs."""
        return hashlib.sha256(string)
