"""Ending the alerts of one saved search with one click: a signed link, good for nothing else."""

from __future__ import annotations

from itsdangerous import BadSignature
from sqlalchemy.orm import Session

from marketplace.saved_searches.models import SavedSearch
from marketplace.web.addresses import site_link
from marketplace.web.signing import signer

PURPOSE = "end the alerts of a saved search"


def end_link(search_id: int, person_id: int) -> str:
    """Return the address that ends the alerts of a saved search; it does not expire."""
    return site_link(
        "saved_searches.unsubscribe", token=signer(PURPOSE).dumps([search_id, person_id])
    )


def search_of_token(session: Session, token: str) -> SavedSearch | None:
    """Return the saved search that a link is for; ``None`` if it is forged or has been deleted."""
    try:
        search_id, person_id = signer(PURPOSE).loads(token)
    except (BadSignature, ValueError, TypeError):
        return None
    search = session.get(SavedSearch, search_id)
    return search if search is not None and search.person_id == person_id else None
