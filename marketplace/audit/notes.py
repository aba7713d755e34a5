"""How the book stands, in sentences for the statement of a school."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from marketplace.audit.standing import BookStanding, book_standing, last_run
from marketplace.clock import LONDON
from marketplace.statements.book_notes import BookNote
from marketplace.web.formats import day, moment


def find_book_note(session: Session) -> BookNote:
    """Return how the book stands: one statement."""
    return note_of(book_standing(session))


def find_verified(session: Session, at: datetime | None) -> str:
    """Return when the book was last verified and what came of it, as known ``at`` an instant."""
    run = last_run(session, at)
    if run is None:
        return "The book had not been verified yet"
    found = "sound" if run.faults == 0 else _faults(run.faults)
    local = run.finished_at.astimezone(LONDON)
    return f"Last verified on {day(local.date())} at {local:%H:%M}: {found}"


def note_of(standing: BookStanding) -> BookNote:
    """Return ``standing`` in words."""
    sealed = (
        f"Sealed through {moment(standing.sealed_through)}."
        if standing.sealed_through is not None
        else "Nothing is sealed yet."
    )
    if standing.verified_at is None:
        return BookNote("The book has not been verified yet.", sealed)
    verified = moment(standing.verified_at)
    if standing.is_sound:
        return BookNote("The book is sound.", f"Verified {verified}. {sealed}")
    return BookNote(
        "The book has a fault.",
        f"The verification of {verified} found {_faults(standing.faults or 0)}. The auditors and"
        " the network’s operator know, and look into it. This statement shows what is recorded.",
        is_alarming=True,
    )


def _faults(count: int) -> str:
    return "one thing that is wrong" if count == 1 else f"{count:,} things that are wrong"
