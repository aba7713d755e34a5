"""The demo's own words of the search: two in force, and one that was taken away."""

from __future__ import annotations

from sqlalchemy.orm import Session

from marketplace.accounts.actor import Actor
from marketplace.search.own_words.service import add_word, take_word_away

WORDS = (
    ("Monster Phonics", "phonics", ""),
    ("Sing Up", "", "music"),
    ("the wiggly worms", "phonics", ""),
)


def make_own_words(session: Session, operator: Actor) -> None:
    """Add them as the operator."""
    for number, (phrase, same_as, topic) in enumerate(WORDS):
        word = add_word(
            session,
            operator,
            phrase,
            same_as=same_as,
            topic=topic,
            idempotency_key=f"demo word {number}",
        )
    take_word_away(session, operator, word.id)
