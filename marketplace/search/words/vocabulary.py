"""The vocabulary of schools: which phrases are one thing, what is narrower, which topics they say.

It is read from ``vocabulary.toml``. A *concept* is one thing in all its spellings; the index and a
search both know it by one token, so that “KS2” and “key stage 2” find the same.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cache, lru_cache
from pathlib import Path

from marketplace.search.words.analysis import HIGHEST_YEAR, STOP_WORDS, stem, words

FILE = Path(__file__).with_name("vocabulary.toml")

Key = tuple[str, ...]


@dataclass(slots=True)
class Concept:
    """One thing, in all its spellings."""

    token: str
    """How the index knows it: no word of a text begins with “~”."""
    narrower: set[str] = field(default_factory=set)
    """The tokens of narrower concepts."""
    broader: set[str] = field(default_factory=set)
    """The tokens of broader concepts."""
    topics: set[str] = field(default_factory=set)
    phases: set[str] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class Addition:
    """A phrase that the operator added: it means the same as another one, or a topic."""

    phrase: str
    same_as: str
    topic: str


class Vocabulary:
    """The concepts, by the stems of their phrases and by their tokens."""

    def __init__(
        self,
        same: Iterable[Sequence[str]],
        narrower: dict[str, list[str]],
        topics: dict[str, list[str]],
        phases: dict[str, list[str]],
        filler: Iterable[str],
    ) -> None:
        self.by_key: dict[Key, list[Concept]] = {}
        self.by_token: dict[str, Concept] = {}
        self.keys_of: dict[str, list[Key]] = {}
        """The stems of the phrases of each concept, by its token."""
        self.phrases_of: dict[str, list[str]] = {}
        """The same phrases as they are written."""
        self.longest = 1
        self.surface: set[str] = set()
        self.filler = frozenset(stem(word) for word in filler)
        for phrases in same:
            concept = self._new(phrases[0])
            for phrase in phrases:
                self._add(phrase, concept)
        for year in range(1, HIGHEST_YEAR + 1):
            self._concepts(f"year {year}")
        for broad, narrow in narrower.items():
            for wide in self._concepts(broad):
                for concept in (one for phrase in narrow for one in self._concepts(phrase)):
                    if concept is not wide:
                        wide.narrower.add(concept.token)
                        concept.broader.add(wide.token)
        for slug, phrases in topics.items():
            for phrase in phrases:
                for concept in self._concepts(phrase):
                    concept.topics.add(slug)
        for slug, phrases in phases.items():
            for phrase in phrases:
                for concept in self._concepts(phrase):
                    concept.phases.add(slug)

    def add(self, addition: Addition) -> None:
        """Let a phrase mean the same as another one, or a topic."""
        if addition.same_as:
            for concept in list(self._concepts(addition.same_as)):
                self._add(addition.phrase, concept)
        else:
            for concept in self._concepts(addition.phrase):
                concept.topics.add(addition.topic)

    def has(self, addition: Addition) -> bool:
        """Say whether a phrase has this meaning already."""
        concepts = self.by_key.get(key_of(addition.phrase), [])
        if not addition.same_as:
            return any(addition.topic in concept.topics for concept in concepts)
        others = self.by_key.get(key_of(addition.same_as), [])
        return bool(others) and all(other in concepts for other in others)

    def tokens(self, text: str) -> list[str]:
        """Return the tokens of ``text``: the stems of its words, and every concept in it."""
        found = words(text)
        stems = [stem(word) for word in found]
        tokens = [one for one, word in zip(stems, found, strict=True) if word not in STOP_WORDS]
        for start in range(len(stems)):
            for length in range(1, min(self.longest, len(stems) - start) + 1):
                for concept in self.by_key.get(tuple(stems[start : start + length]), ()):
                    tokens.append(concept.token)
        return tokens

    def _concepts(self, phrase: str) -> list[Concept]:
        key = key_of(phrase)
        if key not in self.by_key:
            self._add(phrase, self._new(phrase))
        return self.by_key[key]

    def _new(self, phrase: str) -> Concept:
        concept = Concept("~" + "-".join(words(phrase)))
        return self.by_token.setdefault(concept.token, concept)

    def _add(self, phrase: str, concept: Concept) -> None:
        key = key_of(phrase)
        concepts = self.by_key.setdefault(key, [])
        if concept not in concepts:
            concepts.append(concept)
            self.keys_of.setdefault(concept.token, []).append(key)
            self.phrases_of.setdefault(concept.token, []).append(phrase)
        self.longest = max(self.longest, len(key))
        self.surface.update(word for word in words(phrase) if word not in STOP_WORDS)


def key_of(phrase: str) -> Key:
    """Return the stems of a phrase, its stop words included."""
    return tuple(stem(word) for word in words(phrase))


@cache
def vocabulary() -> Vocabulary:
    """Return the vocabulary of the product."""
    return _read()


@lru_cache(maxsize=4)
def vocabulary_with(additions: tuple[Addition, ...]) -> Vocabulary:
    """Return the vocabulary of the product with what the operator added, in this order."""
    if not additions:
        return vocabulary()
    known = _read()
    for addition in additions:
        known.add(addition)
    return known


def _read() -> Vocabulary:
    data = tomllib.loads(FILE.read_text(encoding="utf-8"))
    return Vocabulary(
        data["same"],
        data["narrower"],
        data["topics"],
        data["phases"],
        data["filler"],
    )
