"""What is asked just before an e-mail is sent: whether it is still to be sent.

A feature whose e-mails may wait registers a check. E-mails wait for the end of quiet hours, for a
mail server that cannot be reached, or until one is set.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from flask import Flask, current_app
from sqlalchemy.orm import Session

from marketplace.mail.models import Email

NOT_NEEDED = "It was no longer needed: what it tells had changed before its time came."
LINK_IS_OVER = "It was no longer of use: its link had expired or had been used."

IsNeeded = Callable[[Session, Email], bool]
"""Say whether what an e-mail tells is still so; true of e-mails that are another feature's."""
IsOpen = Callable[[Session, str], bool]
"""Say whether a link with this token still works; false of tokens that are another feature's."""

_TOKEN = re.compile(r"/([\w-]{43})(?=[\s?#]|$)")
"""The token at the end of a link that lets its reader in: 32 random bytes."""


class Checks:
    """The checks of an application."""

    KEY = "skillbank.mail.checks"

    def __init__(self) -> None:
        self._needed: list[IsNeeded] = []
        self._open: list[IsOpen] = []

    def add(self, is_needed: IsNeeded) -> None:
        """Ask ``is_needed`` before each e-mail."""
        self._needed.append(is_needed)

    def add_links(self, is_open: IsOpen) -> None:
        """Ask ``is_open`` about the links of e-mails that have waited."""
        self._open.append(is_open)

    def reason_not_to_send(self, session: Session, email: Email) -> str | None:
        """Return why an e-mail is not to be sent any more; ``None`` if it is."""
        if not all(is_needed(session, email) for is_needed in self._needed):
            return NOT_NEEDED
        if email.secret and has_waited(email):
            for token in _TOKEN.findall(email.text or ""):
                if not any(is_open(session, token) for is_open in self._open):
                    return LINK_IS_OVER
        return None


def has_waited(email: Email) -> bool:
    """Say whether an e-mail was for later, or was kept until a mail server was set."""
    return email.queued_at is not None and email.queued_at > email.created_at


def init_app(app: Flask) -> None:
    """Add an empty list of checks to ``app``."""
    app.extensions[Checks.KEY] = Checks()


def get_checks(app: Flask | None = None) -> Checks:
    """Return the checks of ``app``, or of the running application."""
    checks: Checks = (app or current_app).extensions[Checks.KEY]
    return checks
