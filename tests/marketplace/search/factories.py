"""An index of what was made, as the worker would have it."""

from __future__ import annotations

from flask import current_app
from sqlalchemy.orm import Session

from marketplace.search.index.keeping import folder_of
from marketplace.search.index.writing import rebuild


def indexed(session: Session) -> None:
    """Bring everything there is into the search index of the current application."""
    rebuild(session, folder_of(current_app))
