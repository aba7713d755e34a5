"""What a feature wants the operator to see to: ``jobs status`` says it, and exits with 1."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from flask import Flask
from sqlalchemy.orm import Session

Complaining = Callable[[Session], Iterable[str]]
"""Returns sentences that say what is wrong and what to do; none if all is well."""


class Complaints:
    """The features of an application that may have something to complain of."""

    KEY = "skillbank.outbox.complaints"

    def __init__(self) -> None:
        self._features: list[Complaining] = []

    def add(self, complaining: Complaining) -> None:
        """Let ``jobs status`` ask one more feature; it must only read."""
        self._features.append(complaining)

    def all(self, session: Session) -> list[str]:
        """Return the complaints of every feature."""
        return [sentence for complaining in self._features for sentence in complaining(session)]


def get_complaints(app: Flask) -> Complaints:
    """Return the complaints of ``app``; a feature's ``init_app`` adds its own."""
    complaints: Complaints = app.extensions[Complaints.KEY]
    return complaints
