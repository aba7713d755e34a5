"""The figures of an adjustment: as they are now, and whether they are still what was seen."""

from __future__ import annotations

from sqlalchemy.orm import Session

from marketplace.adjustments.kinds import KINDS
from marketplace.adjustments.kinds.base import Figure
from marketplace.adjustments.models import Adjustment
from marketplace.errors import Conflict
from marketplace.schools.models import School


def figures_now(session: Session, adjustment: Adjustment) -> list[Figure]:
    """Return the figures of an open adjustment as they are now.

    Of what was done at once they are those of the proposal: see `is_undone`.
    """
    if adjustment.confirm_by is not None:
        return stored_figures(adjustment.figures)
    return _read(session, adjustment)


def is_undone(session: Session, adjustment: Adjustment) -> bool:
    """Say whether what was done at once is no longer so: another adjustment has undone it."""
    if adjustment.confirm_by is None:
        return False
    return any(figure.before != figure.after for figure in _read(session, adjustment))


def _read(session: Session, adjustment: Adjustment) -> list[Figure]:
    school = session.get_one(School, adjustment.school_urn, populate_existing=True)
    return KINDS[adjustment.kind].figures(session, school, adjustment.details)


def stored_figures(rows: list[list[str]]) -> list[Figure]:
    """Return figures out of what the tables keep."""
    return [Figure(*row) for row in rows]


def fingerprint(figures: list[Figure]) -> str:
    """Return what a person was shown, to be compared with what is true when they confirm it."""
    return "|".join(f"{figure.label}={figure.before}" for figure in figures)


def has_changed(adjustment: Adjustment, figures: list[Figure]) -> bool:
    """Say whether the figures are no longer those that the proposer saw."""
    return [[figure.label, figure.before] for figure in figures] != [
        [label, before] for label, before, _ in adjustment.figures
    ]


def rows_of(figures: list[Figure]) -> list[list[str]]:
    """Return figures as the tables keep them."""
    return [[figure.label, figure.before, figure.after] for figure in figures]


def refuse_unforeseen(after: list[Figure], figures: list[Figure]) -> None:
    """Refuse what did not come out as foretold: something has moved at the same instant."""
    if [figure.before for figure in after] != [figure.after for figure in figures]:
        raise Conflict(
            "Something has changed at this very moment, so nothing was done. Read the figures"
            " again, and confirm."
        )
