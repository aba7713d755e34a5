"""The session cookie: its name, when it is secure, and how it is signed."""

from __future__ import annotations

import hashlib
from typing import Any
from urllib.parse import urlsplit

from flask import Flask, request
from flask.sessions import SecureCookieSessionInterface

from marketplace.settings import current_settings

NAME = "skillbank"
THIS_MACHINE = frozenset({"localhost", "127.0.0.1", "::1"})


class SignedSessions(SecureCookieSessionInterface):
    """A cookie signed with SHA-256 (Flask's own default is SHA-1), bound to this host.

    It is only sent over HTTPS, and its name begins with ``__Host-``, which browsers take from this
    very host only. A site that is tried on one's own machine is reached without HTTPS, so there it
    is a plain cookie; never in production.
    """

    @staticmethod
    def digest_method(string: bytes = b"") -> Any:
        """Return the hash that signs."""
        return hashlib.sha256(string)

    def get_cookie_secure(self, app: Flask) -> bool:
        """Say whether the cookie is only sent over HTTPS."""
        if current_settings().production or request.is_secure:
            return True
        return urlsplit(f"//{request.host}").hostname not in THIS_MACHINE

    def get_cookie_name(self, app: Flask) -> str:
        """Return the name of the cookie."""
        return f"__Host-{NAME}" if self.get_cookie_secure(app) else NAME
