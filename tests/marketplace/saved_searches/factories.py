"""Made-up saved searches, and the worker’s part."""

from __future__ import annotations

import secrets

from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict

from marketplace.accounts.actor import Actor
from marketplace.database import db
from marketplace.saved_searches.criteria import SavedCriteria
from marketplace.saved_searches.models import AlertFrequency, SavedSearch
from marketplace.saved_searches.running import run_saved_searches
from marketplace.saved_searches.service import save_search


def saved_search(
    acting: Actor,
    words: str = "phonics",
    frequency: AlertFrequency = AlertFrequency.AT_ONCE,
    name: str = "",
    **criteria: str | list[str],
) -> SavedSearch:
    """A search that ``acting`` has saved; ``criteria`` as they stand in an address."""
    asked: MultiDict[str, str] = MultiDict({"q": words, **criteria})
    return save_search(
        db.session(),
        acting,
        SavedCriteria.of_address(asked),
        name,
        frequency,
        idempotency_key=secrets.token_urlsafe(16),
    )


def run_searches(session: Session) -> tuple[int, int]:
    """Run what is due, as the job does."""
    return run_saved_searches(session, session.flush)
