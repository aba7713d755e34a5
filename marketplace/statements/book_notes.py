"""What a statement says about the whole book; the package that verifies the book provides it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from flask import Flask, current_app
from sqlalchemy.orm import Session

_KEY = "skillbank.book_note"


@dataclass(frozen=True, slots=True)
class BookNote:
    """Whether the book is sound, in words; ``is_alarming`` if a verification found a fault."""

    title: str
    text: str
    is_alarming: bool = False


FindBookNote = Callable[[Session], BookNote]
"""Return what is known about the book: one statement."""

FindVerified = Callable[[Session, datetime | None], str]
"""Return when the book was last verified and what came of it, as known at an instant or now."""


@dataclass(frozen=True, slots=True)
class _Provider:
    note: FindBookNote
    verified: FindVerified


def provide_book_note(app: Flask, find: FindBookNote, find_verified: FindVerified) -> None:
    """Let ``find`` say on every statement of ``app`` how the book stands.

    ``find_verified`` says it in downloads. Of an instant that is past, it always says the same.
    """
    app.extensions[_KEY] = _Provider(find, find_verified)


def book_note(session: Session) -> BookNote | None:
    """Return what a statement says about the book; ``None`` where nothing verifies it."""
    provider: _Provider | None = current_app.extensions.get(_KEY)
    return provider.note(session) if provider is not None else None


def verified_words(session: Session, at: datetime | None) -> str:
    """Return when the book was last verified, as known ``at`` an instant; "" if nothing does it."""
    provider: _Provider | None = current_app.extensions.get(_KEY)
    return provider.verified(session, at) if provider is not None else ""
