"""Reading the operator's own words."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from marketplace.search.own_words.models import OwnWord
from marketplace.search.words.vocabulary import Addition, vocabulary_with
from marketplace.web.paging import Page, paginate

PAGE = 50


def additions(session: Session) -> tuple[Addition, ...]:
    """Return every word that is in force, in the order in which they were added."""
    return tuple(Addition(*row) for row in session.execute(words_in_force()))


def words_in_force() -> sa.Select[str, str, str, bool]:
    """Return the query of what an ``Addition`` is made of, in the order of adding."""
    return (
        sa.select(OwnWord.phrase, OwnWord.same_as, OwnWord.topic, OwnWord.taken_out)
        .where(OwnWord.taken_away_at.is_(None))
        .order_by(OwnWord.id)
    )


def topics_of_word(session: Session, phrase: str) -> tuple[str, ...]:
    """Return the topics that a phrase means as the database has it now."""
    known = vocabulary_with(additions(session))
    slugs = {slug for concept in known.concepts_of(phrase) for slug in concept.topics}
    return tuple(sorted(slugs))


def taken_out_of(session: Session, topic: str) -> Sequence[OwnWord]:
    """Return what is taken out of a topic, the newest first, with who did it."""
    return session.scalars(
        sa.select(OwnWord)
        .where(OwnWord.topic == topic, OwnWord.taken_out, OwnWord.taken_away_at.is_(None))
        .order_by(OwnWord.id.desc())
        .options(joinedload(OwnWord.added_by))
    ).all()


def words_said_of(session: Session, topic: str, limit: int = PAGE) -> Sequence[OwnWord]:
    """Return what was last said of the words of a topic, the newest first, with who did it."""
    last = sa.func.coalesce(OwnWord.taken_away_at, OwnWord.added_at)
    return session.scalars(
        sa.select(OwnWord)
        .where(OwnWord.topic == topic)
        .order_by(last.desc(), OwnWord.id.desc())
        .limit(limit)
        .options(joinedload(OwnWord.added_by), joinedload(OwnWord.taken_away_by))
    ).all()


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
