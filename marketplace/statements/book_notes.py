"""What a statement says about the whole book; the package that verifies the book provides it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

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


def provide_book_note(app: Flask, find: FindBookNote) -> None:
    """Let ``find`` say on every statement of ``app`` how the book stands."""
    app.extensions[_KEY] = find


def book_note(session: Session) -> BookNote | None:
    """Return what a statement says about the book; ``None`` where nothing verifies it."""
    find: FindBookNote | None = current_app.extensions.get(_KEY)
    return find(session) if find is not None else None
