"""Misspelt words of a search for a school: what words of the register they may be."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

import sqlalchemy as sa
from rapidfuzz import process
from rapidfuzz.distance import OSA
from sqlalchemy.orm import Session

from marketplace.schools.models import SchoolWord, begins_with
from marketplace.schools.name_words import WEAK_WORDS, spelling
from marketplace.schools.typed_words import Term

SHORTEST = 4
"""Words shorter than this are not taken for misspelt: too many others are one letter away."""

MOST_WORDS = 8
_LONG = 7


def respell(session: Session, terms: Sequence[Term]) -> tuple[Term, ...]:
    """Return the terms, with words of the register for those that no school has.

    Two words may have been typed as one (“broadoak”), or a letter or two may be wrong, missing or
    in the wrong place.
    """
    known = _known_words(session, terms)
    respelt: list[Term] = []
    for term in terms:
        is_known = not term.words.isdisjoint(known) or term.prefix in known
        respelt += [term] if is_known else _respelt(session, term)
    return tuple(respelt)


def known_words(session: Session, words: Iterable[str]) -> set[str]:
    """Return those of ``words`` that some school has."""
    query = sa.select(SchoolWord.word).where(SchoolWord.word.in_(sorted(words))).distinct()
    return set(session.scalars(query))


def _respelt(session: Session, term: Term) -> list[Term]:
    """The term as words that are close to it, or as two words."""
    typed, word = term.typed, spelling(term.typed)
    halves = [(spelling(typed[:cut]), spelling(typed[cut:])) for cut in range(3, len(typed) - 2)]
    known = known_words(session, {half for pair in halves for half in pair})
    words: frozenset[str] = frozenset()
    vocabulary: Sequence[str] = ()
    if len(typed) >= SHORTEST:
        # The first letter is seldom wrong; it may have changed places with the second.
        vocabulary = _vocabulary(session, {word[0], word[1]})
        words = _close(word, vocabulary, 1)
    if not words:
        for pair in halves:
            if known.issuperset(pair):
                return [Term(half, frozenset({half}), weak=term.weak) for half in pair]
    if not words and len(typed) >= _LONG:
        words = _close(word, vocabulary, 2)
    if not words:
        return [term]
    return [replace(term, words=words, prefix=None, weak=not words.isdisjoint(WEAK_WORDS))]


def _close(word: str, vocabulary: Sequence[str], wrong: int) -> frozenset[str]:
    """The words that are ``word`` but for at most ``wrong`` letters."""
    close = process.extract(
        word, vocabulary, scorer=OSA.distance, score_cutoff=wrong, limit=MOST_WORDS
    )
    return frozenset(other for other, _, _ in close)


def _known_words(session: Session, terms: Sequence[Term]) -> set[str]:
    """The words and the beginnings of words among ``terms`` that some school has."""
    known = known_words(session, {word for term in terms for word in term.words})
    for prefix in {term.prefix for term in terms if term.prefix}:
        query = sa.select(SchoolWord.word).where(begins_with(prefix)).limit(1)
        if session.scalar(query) is not None:
            known.add(prefix)
    return known


def _vocabulary(session: Session, first_letters: set[str]) -> Sequence[str]:
    """Every word of some school that begins with one of these letters."""
    begins = sa.or_(*(begins_with(letter) for letter in sorted(first_letters)))
    return session.scalars(sa.select(SchoolWord.word).where(begins).distinct()).all()
