"""Phrases of the vocabulary with a slip in one of their words: “read rite inc”."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import repeat

from rapidfuzz.distance import OSA

from marketplace.search.words.analysis import words
from marketplace.search.words.correcting import sound
from marketplace.search.words.vocabulary import Vocabulary, key_of

Phrases = Mapping[tuple[int, str], Sequence[tuple[tuple[str, ...], tuple[str, ...]]]]
"""The words of phrases and how they sound, by how many they are and with what they begin."""
SHORTEST_SLIP, LONG = 4, 8
"""From how many letters on one letter of a word may be wrong, and two."""


@dataclass(frozen=True, slots=True)
class Mended:
    """A text in which phrases were put right, and each of these as it was typed and is meant."""

    text: str
    slips: tuple[tuple[str, str], ...]


def mended(
    text: str, known: Vocabulary, may_be_slip: Callable[[str], bool] = lambda _phrase: True
) -> Mended | None:
    """Return the text with the phrases put right that have slips in them; None without any.

    The words of such a phrase sound the same, or differ in a letter or two; a word of plain English
    is no slip for one that sounds otherwise.
    """
    typed = words(text)
    done: list[str] = []
    slips: list[tuple[str, str]] = []
    while typed:
        length, meant = _phrase_at_start(typed, known)
        phrase = " ".join(typed[:length])
        if meant != phrase and may_be_slip(phrase):
            slips.append((phrase, meant))
            done.append(meant)
        else:
            done.append(phrase)
        typed = typed[length:]
    return Mended(" ".join(done), tuple(slips)) if slips else None


def _phrase_at_start(typed: Sequence[str], known: Vocabulary) -> tuple[int, str]:
    """How many words the longest phrase at the start has, and what is meant; else one word."""
    phrases = _phrases(known)
    heard = [sound(word) for word in typed[: known.longest]]
    for length in range(len(heard), 1, -1):
        phrase = " ".join(typed[:length])
        if key_of(phrase) in known.by_key:
            return length, phrase
        for meant, as_heard in phrases.get((length, heard[0][:1]), ()):
            if all(map(_is_near, typed, heard, meant, as_heard, repeat(known))):
                return length, " ".join(meant)
    return 1, typed[0]


@lru_cache(maxsize=4)
def _phrases(known: Vocabulary) -> Phrases:
    """The phrases of two and more words."""
    found: dict[tuple[int, str], list[tuple[tuple[str, ...], tuple[str, ...]]]] = {}
    for phrase in dict.fromkeys(one for some in known.phrases_of.values() for one in some):
        written = tuple(phrase.replace("-", " ").split())
        if len(written) > 1:
            heard = tuple(sound(word) for word in written)
            found.setdefault((len(written), heard[0][:1]), []).append((written, heard))
    return found


def _is_near(typed: str, sounds: str, meant: str, as_heard: str, known: Vocabulary) -> bool:
    if typed == meant or sounds == as_heard:
        return True
    if typed[0] != meant[0] or min(len(typed), len(meant)) < SHORTEST_SLIP:
        return False
    if not typed.isalpha() or known.is_real(typed):
        return False
    return OSA.distance(typed, meant) <= (1 if len(meant) < LONG else 2)
