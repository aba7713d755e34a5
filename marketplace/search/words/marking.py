"""Which words of a text a search has hit, so that the page can mark them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from marketplace.search.words.analysis import stem, words
from marketplace.search.words.asked import Meaning
from marketplace.search.words.vocabulary import Key, Vocabulary

LONGEST_SCANNED = 1500
SEEN_ANYWHERE = 40
"""So many letters of a line the narrowest row shows."""
LONGEST_LINE = 130
BEGINNING = 2 * LONGEST_LINE
"""What is hit so early is found without looking at the rest."""
BEFORE = 16
"""About how many letters of a line stand before its first hit."""
_WRITTEN = re.compile(r"\w+(?:[.&'’]\w+)*")


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of a text, and whether it was hit."""

    text: str
    is_hit: bool


class Marker:
    """Marks what was searched for."""

    def __init__(self, meanings: Iterable[Meaning], known: Vocabulary) -> None:
        self._keys: set[Key] = set()
        for meaning in meanings:
            for token in meaning.tokens | meaning.narrower:
                self._keys.update(known.keys_of.get(token, ((token,),)))
        self._beginnings = {key[0] for key in self._keys}
        self._lengths = sorted({len(key) for key in self._keys}, reverse=True)

    def mark(self, text: str) -> list[Part]:
        """Return the text in pieces; together they are the text."""
        return _cut(text, self._hits(text), 0, len(text))

    def line(self, text: str) -> list[Part]:
        """Return one line out of a text, with its first hit near the beginning, in pieces."""
        flat = " ".join(text[:LONGEST_SCANNED].split())
        beginning = flat[:BEGINNING].rpartition(" ")[0] if len(flat) > BEGINNING else flat
        hits = self._hits(beginning)
        if beginning != flat and (not hits or hits[0][0] + LONGEST_LINE + BEFORE > len(beginning)):
            hits = self._hits(flat)
        start = 0
        if hits and hits[0][1] > SEEN_ANYWHERE:
            start = flat.find(" ", max(hits[0][0] - BEFORE, 0)) + 1
            start = min(start, hits[0][0])
        end = len(flat)
        if end - start > LONGEST_LINE:
            end = flat.rfind(" ", start, start + LONGEST_LINE)
            end = end if end > start else start + LONGEST_LINE
        parts = _cut(flat, hits, start, end)
        if start:
            parts.insert(0, Part("… ", False))
        if end < len(flat) or len(text) > LONGEST_SCANNED:
            parts.append(Part(" …", False))
        return parts

    def _hits(self, text: str) -> list[tuple[int, int]]:
        """From where to where the text has what was searched for."""
        if not self._keys:
            return []
        stems, of_word = _stems_of(text)
        if self._beginnings.isdisjoint(stems):
            return []
        spans = [match.span() for match in _WRITTEN.finditer(text)]
        hits: list[tuple[int, int]] = []
        following = 0
        for place, stemmed in enumerate(stems):
            if stemmed not in self._beginnings or place < following:
                continue
            for length in self._lengths:
                key = tuple(stems[place : place + length])
                if len(key) == length and key in self._keys:
                    following = place + length
                    hits.append((spans[of_word[place]][0], spans[of_word[following - 1]][1]))
                    break
        return hits


@lru_cache(maxsize=2_000)
def _stems_of(text: str) -> tuple[tuple[str, ...], tuple[int, ...]]:
    """The stems of a text, and the number of the word that each is of; many searches find it."""
    stems: list[str] = []
    of_word: list[int] = []
    for number, written in enumerate(_WRITTEN.findall(text)):
        for stemmed in _stems(written):
            stems.append(stemmed)
            of_word.append(number)
    return tuple(stems), tuple(of_word)


@lru_cache(maxsize=20_000)
def _stems(written: str) -> tuple[str, ...]:
    return tuple(stem(word) for word in words(written))


def _cut(text: str, hits: Sequence[tuple[int, int]], start: int, end: int) -> list[Part]:
    parts: list[Part] = []
    place = start
    for first, last in hits:
        if first < place or last > end:
            continue
        if first > place:
            parts.append(Part(text[place:first], False))
        parts.append(Part(text[first:last], True))
        place = last
    if place < end:
        parts.append(Part(text[place:end], False))
    return parts
