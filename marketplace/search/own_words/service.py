"""The operator adds words to the search, takes them away, and moves them between topics."""

from __future__ import annotations

import secrets
from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.orm import Session

from marketplace import clock
from marketplace.accounts.actor import Actor
from marketplace.accounts.roles import Permission
from marketplace.errors import NotFound, Refusal
from marketplace.idempotency import idempotent, key_of
from marketplace.listings.topics import PHASES, current_topics
from marketplace.outbox.service import record
from marketplace.search.own_words.events import (
    OwnWordAdded,
    OwnWordTakenAway,
    WordPutBack,
    WordTakenOut,
)
from marketplace.search.own_words.keeping import forget_words_after_commit
from marketplace.search.own_words.models import LONGEST_PHRASE, OwnWord
from marketplace.search.own_words.queries import additions
from marketplace.search.words.analysis import STOP_WORDS, words
from marketplace.search.words.vocabulary import Addition, Concept, Vocabulary, vocabulary_with

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

    Topics that it meant until then, in any of its spellings, lose it: it is moved.

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
    known = vocabulary_with(in_force)
    _refuse_too_many(in_force)
    _refuse_known(known, addition)
    if topic:
        _move_to(session, actor, known, addition)
    row = _new(session, actor, addition, key)
    record(session, OwnWordAdded(actor_id=actor.person_id, school_urns=(), own_word_id=row.id))
    return row


def take_word_out(session: Session, actor: Actor, phrase: str, *, topic: str) -> None:
    """Let ``phrase``, in all its spellings, not mean the topic; one that does not stays so.

    A word that was added to the topic is taken away, one that comes with the product taken out.

    Raises:
        NotAllowed: without the permission.
        Refusal: there are too many already.
    """
    actor.require(Permission.MANAGE_NETWORK)
    known = vocabulary_with(additions(session))
    for concept in known.concepts_of(phrase):
        if topic in concept.topics:
            _take_out(session, actor, known, concept, topic)


def take_word_away(session: Session, actor: Actor, own_word_id: int) -> None:
    """Let what was said of a word no longer hold; what is taken away already stays so.

    The search no longer knows a word that was added, and one that was taken out is back.

    Raises:
        NotAllowed: without the permission.
        NotFound: there is no such word.
    """
    actor.require(Permission.MANAGE_NETWORK)
    row = session.scalar(sa.select(OwnWord).where(OwnWord.id == own_word_id).with_for_update())
    if row is None:
        raise NotFound
    if row.taken_away_at is None:
        _end(session, actor, row)


def _move_to(session: Session, actor: Actor, known: Vocabulary, addition: Addition) -> None:
    """Let no other topic have the word, nor the topic itself say that it has not."""
    for concept in known.concepts_of(addition.phrase):
        for other in sorted(concept.topics):
            _take_out(session, actor, known, concept, other)
        for row in _in_force(session, addition.topic, taken_out=True):
            if concept in known.concepts_of(row.phrase):
                _end(session, actor, row)


def _take_out(
    session: Session, actor: Actor, known: Vocabulary, concept: Concept, topic: str
) -> None:
    """Take away what was added that lets the concept mean the topic; take out what is left."""
    for row in _in_force(session, topic, taken_out=False):
        if concept in known.concepts_of(row.phrase):
            _end(session, actor, row)
    in_force = additions(session)
    left = vocabulary_with(in_force).by_token.get(concept.token)
    if left is None or topic not in left.topics:
        return
    _refuse_too_many(in_force)
    # A word may be taken out again and again, so its row has a key of its own.
    key = key_of(actor.person_id, secrets.token_urlsafe(16))
    row = _new(session, actor, Addition(known.name_of(concept), "", topic, taken_out=True), key)
    record(session, WordTakenOut(actor_id=actor.person_id, school_urns=(), own_word_id=row.id))


def _in_force(session: Session, topic: str, *, taken_out: bool) -> Sequence[OwnWord]:
    return session.scalars(
        sa.select(OwnWord)
        .where(
            OwnWord.topic == topic,
            OwnWord.taken_out.is_(taken_out),
            OwnWord.taken_away_at.is_(None),
        )
        .order_by(OwnWord.id)
        .with_for_update()
    ).all()


def _new(session: Session, actor: Actor, addition: Addition, key: str) -> OwnWord:
    row = OwnWord(
        phrase=addition.phrase,
        same_as=addition.same_as,
        topic=addition.topic,
        taken_out=addition.taken_out,
        added_by_id=actor.person_id,
        added_at=clock.now(),
        idempotency_key=key,
    )
    session.add(row)
    session.flush()
    forget_words_after_commit(session)
    return row


def _end(session: Session, actor: Actor, row: OwnWord) -> None:
    row.taken_away_at = clock.now()
    row.taken_away_by_id = actor.person_id
    event = WordPutBack if row.taken_out else OwnWordTakenAway
    record(session, event(actor_id=actor.person_id, school_urns=(), own_word_id=row.id))
    # What is written next may be the same phrase once more, of which one is in force.
    session.flush()
    forget_words_after_commit(session)


def _refuse_too_many(in_force: Sequence[Addition]) -> None:
    if len(in_force) >= MOST_IN_FORCE:
        raise Refusal(f"There are {MOST_IN_FORCE:,} words already. Take some away first.")


def _refuse_known(known: Vocabulary, addition: Addition) -> None:
    """Refuse what the search knows already, and what cannot mean a topic; say where it is known."""
    said, topic = addition.phrase, addition.topic
    if known.has(addition):
        meaning = (
            f"the topic “{current_topics().name_of(topic)}”"
            if topic
            else f"the same as “{addition.same_as}”"
        )
        raise Refusal(f"The search knows already that “{said}” means {meaning}.", field="phrase")
    for concept in known.concepts_of(said) if topic else ():
        if concept.phases and not concept.topics:
            phases = " and ".join(PHASES[one] for one in sorted(concept.phases))
            raise Refusal(
                f"“{said}” says for whom something is ({phases}), so it cannot mean a topic.",
                field="phrase",
            )


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
    return Addition(row.phrase, row.same_as, row.topic, row.taken_out)
