"""The operator adds words to the search, and takes them away."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import Session

from marketplace import clock
from marketplace.accounts.actor import Actor
from marketplace.accounts.roles import Permission
from marketplace.errors import NotFound, Refusal
from marketplace.idempotency import idempotent, key_of
from marketplace.listings.topics import current_topics
from marketplace.outbox.service import record
from marketplace.search.own_words.events import OwnWordAdded, OwnWordTakenAway
from marketplace.search.own_words.models import LONGEST_PHRASE, OwnWord
from marketplace.search.own_words.queries import additions
from marketplace.search.words.analysis import STOP_WORDS, words
from marketplace.search.words.vocabulary import Addition, vocabulary_with

MOST_WORDS_OF_A_PHRASE = 6
MOST_IN_FORCE = 2000
"""Every search and every document is read with all of them."""


def add_word(
    session: Session,
    actor: Actor,
    phrase: str,
    *,
    same_as: str = "",
    topic: str = "",
    idempotency_key: str,
) -> OwnWord:
    """Let ``phrase`` mean the same as ``same_as``, or else the topic.

    Raises:
        NotAllowed: without the permission.
        Refusal: it says nothing, means nothing or two things, or the search knows it already.
    """
    actor.require(Permission.MANAGE_NETWORK)
    addition = _addition(phrase, same_as, topic)
    key = key_of(actor.person_id, idempotency_key)
    if existing := idempotent(session, OwnWord, key, same_as=lambda row: _of_row(row) == addition):
        return existing
    in_force = additions(session)
    if len(in_force) >= MOST_IN_FORCE:
        raise Refusal(f"There are {MOST_IN_FORCE:,} words already. Take some away first.")
    if vocabulary_with(in_force).has(addition):
        raise Refusal(f"The search knows already what “{addition.phrase}” means.", field="phrase")
    row = OwnWord(
        phrase=addition.phrase,
        same_as=addition.same_as,
        topic=addition.topic,
        added_by_id=actor.person_id,
        added_at=clock.now(),
        idempotency_key=key,
    )
    session.add(row)
    session.flush()
    record(session, OwnWordAdded(actor_id=actor.person_id, school_urns=(), own_word_id=row.id))
    return row


def take_word_away(session: Session, actor: Actor, own_word_id: int) -> None:
    """Let the search no longer know a word that was added; one taken away already stays so.

    Raises:
        NotAllowed: without the permission.
        NotFound: there is no such word.
    """
    actor.require(Permission.MANAGE_NETWORK)
    row = session.scalar(sa.select(OwnWord).where(OwnWord.id == own_word_id).with_for_update())
    if row is None:
        raise NotFound
    if row.taken_away_at is not None:
        return
    row.taken_away_at = clock.now()
    row.taken_away_by_id = actor.person_id
    record(session, OwnWordTakenAway(actor_id=actor.person_id, school_urns=(), own_word_id=row.id))


def _addition(phrase: str, same_as: str, topic: str) -> Addition:
    said, other = (_plain(text) for text in (phrase, same_as))
    if not said or set(said.split()) <= STOP_WORDS:
        raise Refusal("Write a word that says something, in Latin letters.", field="phrase")
    if same_as.strip() and not other:
        raise Refusal("Write what it means in Latin letters.", field="same_as")
    if bool(other) == bool(topic):
        raise Refusal(
            "Say either what it is the same as, or which topic it means.", field="same_as"
        )
    if topic and topic not in current_topics().by_slug:
        raise Refusal("Choose one of the topics.", field="topic")
    for text, field in ((said, "phrase"), (other, "same_as")):
        if len(text) > LONGEST_PHRASE or len(text.split()) > MOST_WORDS_OF_A_PHRASE:
            raise Refusal(
                f"Write at most {MOST_WORDS_OF_A_PHRASE} words and {LONGEST_PHRASE} letters.",
                field=field,
            )
    if said == other:
        raise Refusal("Both are the same word.", field="same_as")
    return Addition(said, other, topic)


def _plain(text: str) -> str:
    """The phrase as the search reads it: “P.E.” is “pe”."""
    return " ".join(words(text))


def _of_row(row: OwnWord) -> Addition:
    return Addition(row.phrase, row.same_as, row.topic)
