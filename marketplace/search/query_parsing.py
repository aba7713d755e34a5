"""Parse a query into groups of phrases: a listing must match any one phrase of every group."""

from __future__ import annotations

from functools import cache

from marketplace.listings.stemming import STOP_WORDS, stem, words
from marketplace.search.synonyms import ONE_WAY, TWO_WAY

Phrase = tuple[str, ...]
Group = frozenset[Phrase]
MOST_GROUPS = 12


def groups(query: str) -> list[Group]:
    """Return the groups of stemmed phrases in ``query``; empty if it has only stop words.

    The longest phrase that has synonyms is taken first: "modern foreign languages" is one phrase.
    """
    synonyms, longest = _synonyms()
    bare = [word.split("'")[0] for word in words(query)]
    groups_found: list[Group] = []
    position = 0
    while position < len(bare) and len(groups_found) < MOST_GROUPS:
        for length in range(min(longest, len(bare) - position), 0, -1):
            phrase = _stemmed(" ".join(bare[position : position + length]))
            if phrase in synonyms:
                groups_found.append(synonyms[phrase] | {phrase})
                position += length
                break
        else:
            word = bare[position]
            if word and word not in STOP_WORDS:
                groups_found.append(frozenset({(stem(word),)}))
            position += 1
    return list(dict.fromkeys(groups_found))


def _stemmed(phrase: str) -> Phrase:
    bare = (word.split("'")[0] for word in words(phrase))
    return tuple(stem(word) for word in bare if word and word not in STOP_WORDS)


@cache
def _synonyms() -> tuple[dict[Phrase, Group], int]:
    """Every phrase that has synonyms, with them; and the most words a phrase has."""
    synonyms: dict[Phrase, Group] = {}
    longest = 1
    for equals in TWO_WAY:
        phrases = frozenset(_stemmed(phrase) for phrase in equals) - {()}
        for phrase in phrases:
            synonyms[phrase] = synonyms.get(phrase, frozenset()) | phrases
        longest = max(longest, *(len(phrase.split()) for phrase in equals))
    for broad, narrower in ONE_WAY.items():
        key = _stemmed(broad)
        phrases = frozenset(_stemmed(other) for other in narrower) - {()}
        synonyms[key] = synonyms.get(key, frozenset()) | phrases
        longest = max(longest, len(broad.split()))
    synonyms.pop((), None)
    return synonyms, longest
