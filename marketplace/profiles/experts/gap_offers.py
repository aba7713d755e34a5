"""How many offers of other schools there are for what nobody of ours knows."""

from __future__ import annotations

from collections import Counter

from flask import current_app
from sqlalchemy.orm import Session
from tantivy import Query

from marketplace.accounts.actor import Actor
from marketplace.listings.models import Kind
from marketplace.search.filters import Filters, Whose
from marketplace.search.index.folder import BROKEN
from marketplace.search.index.reading import reader_of
from marketplace.search.queries import engine_for


def count_offers(session: Session, actor: Actor) -> Counter[tuple[str, str]] | None:
    """Return how many offers ``actor`` finds for each topic and phase; None without an index.

    With "" for the phase it is for each topic. They are those of the search page: of other schools
    than ours and those of our trust.
    """
    filters = Filters({"kind": (Kind.OFFER.value,)}, whose=Whose.OTHERS)
    try:
        engine = engine_for(session, actor)
        return engine.count_pairs(Query.all_query(), filters, "topics", "phases")
    except BROKEN:
        reader_of(current_app).close()
        return None
