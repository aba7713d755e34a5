"""Reading the operator's own words."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from marketplace.search.own_words.models import OwnWord
from marketplace.search.words.vocabulary import Addition
from marketplace.web.paging import Page, paginate

PAGE = 50


def additions(session: Session) -> tuple[Addition, ...]:
    """Return every word that is in force, in the order in which they were added."""
    rows = session.execute(
        sa.select(OwnWord.phrase, OwnWord.same_as, OwnWord.topic)
        .where(OwnWord.taken_away_at.is_(None))
        .order_by(OwnWord.id)
    )
    return tuple(Addition(*row) for row in rows)


def list_words(
    session: Session, *, taken_away: bool = False, after: str = "", limit: int = PAGE
) -> Page[OwnWord]:
    """Return a page of the words in force, or of those taken away, with who did it."""
    query = (
        sa.select(OwnWord)
        .where(
            OwnWord.taken_away_at.is_not(None) if taken_away else OwnWord.taken_away_at.is_(None)
        )
        .options(joinedload(OwnWord.added_by), joinedload(OwnWord.taken_away_by))
    )
    return paginate(session, query, OwnWord.id.desc(), after=after, limit=limit)
