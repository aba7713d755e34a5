"""What was meant by a word that no listing has: its endings, a slip, two words, a wider thing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from marketplace.search.engine import Engine
from marketplace.search.ranking import all_of
from marketplace.search.words.asked import Meaning, of_word
from marketplace.search.words.correcting import correct

SHORTEST_BEGINNING = 2
SHORTEST_OF_NAME = 3
"""So many letters alone may be the beginning of a word of a school's name or place."""
MOST_ENDINGS = 20
SHORTEST_HALF = 3
TIMES_RARER = 3
"""So many times as many listings have what is meant as have a slip for it."""


def has(engine: Engine, meanings: Sequence[Meaning], least: int = 1) -> bool:
    """Say whether so many listings have all of these, whatever the filters."""
    return engine.has(tuple(meanings), all_of(meanings), least)


def ended(engine: Engine, meaning: Meaning) -> Meaning | None:
    """Return the meanings of the words that begin with a last word not typed to its end."""
    word = meaning.typed
    if not meaning.last or " " in word or len(word) < SHORTEST_BEGINNING:
        return None
    known = engine.vocabulary

    is_short = len(word) < SHORTEST_OF_NAME
    written = [of_word(end, known) for end in engine.words_beginning(word, MOST_ENDINGS)]
    ends = written + [of_word(end, known) for end in sorted(_beginning(word, known.surface))]
    names = [] if is_short else _beginning(word, engine.names_known())
    # With two letters begin so many words that the search would be slow with all of them.
    said = written if is_short else ends
    if not ends and not names:
        return None
    whole = replace(
        meaning,
        tokens=frozenset(token for end in said for token in end.tokens),
        narrower=frozenset(token for end in said for token in end.narrower),
        topics=frozenset(topic for end in ends for topic in end.topics),
        name_ways=frozenset(names),
        weak=False,
    )
    return whole if has(engine, [whole]) else None


def _beginning(word: str, known: Iterable[str]) -> list[str]:
    return [one for one in known if one.startswith(word)]


def corrected(engine: Engine, meaning: Meaning) -> Meaning | None:
    """Return what was meant by a slip; where no listing has that either, what schools call so."""
    if meaning.known or engine.vocabulary.is_real(meaning.typed):
        return None
    nowhere = None
    for meant in _meant(engine, meaning.typed):
        right = of_word(meant, engine.vocabulary)
        if right.weak:
            continue
        right = replace(right, last=False, weak=False)
        if has(engine, [right]):
            return right
        nowhere = nowhere or right
    return nowhere


def rare_slip(engine: Engine, meaning: Meaning) -> Meaning | None:
    """Return what was meant by a slip that a few listings have, too, together with the slip.

    It is a slip where it is no word, and many times as many listings have what schools call so.
    """
    number = engine.words_known()[meaning.typed]
    if not number or " " in meaning.typed or meaning.weak:
        return None
    right = corrected(engine, meaning)
    if right is None or not right.known or not has(engine, [right], number * TIMES_RARER):
        return None
    return replace(right, tokens=right.tokens | meaning.tokens)


def _meant(engine: Engine, word: str) -> Iterator[str]:
    """The words that it may have been meant to be, the likeliest first."""
    known = engine.recall("likely words", lambda: _likely_words(engine))
    meant = engine.recall(("meant", word), lambda: correct(word, known))
    if meant is not None:
        yield meant
        left = dict(known)
        del left[meant]
        while (meant := correct(word, left)) is not None:
            yield meant
            del left[meant]


def _likely_words(engine: Engine) -> dict[str, int]:
    """How likely each word is meant: what schools call things is likelier than a listing’s own."""
    known = dict.fromkeys(engine.vocabulary.surface, 1000)
    for word, count in engine.words_known().items():
        known[word] = known.get(word, 0) + count
    return known


def halves(engine: Engine, meaning: Meaning) -> list[Meaning]:
    """Return the two words that were typed as one: “artroom”."""
    word = meaning.typed
    if meaning.known or engine.vocabulary.is_real(word):
        return []
    known = engine.vocabulary.surface | engine.words_known().keys()
    for cut in range(len(word) - SHORTEST_HALF, SHORTEST_HALF - 1, -1):
        if {word[:cut], word[cut:]} <= known:
            both = [of_word(half, engine.vocabulary) for half in (word[:cut], word[cut:])]
            if all(has(engine, [half]) for half in both):
                return both
    return []


def widened(engine: Engine, meaning: Meaning) -> Meaning | None:
    """Return the broader thing, or the words of the phrase, for what no listing has."""
    for tokens in (meaning.broader, meaning.parts):
        wider = replace(
            meaning,
            tokens=tokens,
            narrower=frozenset(),
            broader=frozenset(),
            parts=frozenset(),
        )
        if tokens and has(engine, [wider]):
            return wider
    return None
