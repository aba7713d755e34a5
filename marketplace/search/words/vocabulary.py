"""The vocabulary of schools: which phrases are one thing, what is narrower, which topics they say.

It is read from the TOML files beside this module. A *concept* is one thing in all its spellings;
the index and a search both know it by one token, so that “KS2” and “key stage 2” find the same.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from copy import copy
from dataclasses import dataclass, field
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from marketplace.search.words.ages import ages
from marketplace.search.words.analysis import HIGHEST_YEAR, STOP_WORDS, stem, words

FILES = tuple(
    Path(__file__).with_name(f"{name}.toml")
    for name in (
        "vocabulary",
        "subjects",
        "pupils",
        "running",
        "everyday",
        "programmes",
        "wider",
        "abbreviations",
        "english",
    )
)
"""Each may have any of the sections; what they say of one thing is put together."""
SHORTEST_JOINED = 6
"""Phrases of fewer letters are not recognised when they are written as one word."""

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
    related: set[str] = field(default_factory=set)
    """The tokens of concepts that are worth finding, too, after the concept itself."""
    topics: set[str] = field(default_factory=set)
    phases: set[str] = field(default_factory=set)
    taken_out: set[str] = field(default_factory=set)
    """The topics that it does not mean any more, not even by what is broader or related."""

    def copy(self) -> Concept:
        """Return another one that has the same."""
        return Concept(
            self.token,
            *map(set, (self.narrower, self.broader, self.related)),
            *map(set, (self.topics, self.phases, self.taken_out)),
        )


@dataclass(frozen=True, slots=True)
class Addition:
    """What the operator said of a phrase: it means the same as another one, or a topic."""

    phrase: str
    same_as: str
    topic: str
    taken_out: bool = False
    """Whether it means the topic no more, in any of its spellings."""
    instead_of: str = ""
    """The retired topic that ``phrase`` is the name of: what means it means ``topic`` as well."""


class Vocabulary:
    """The concepts, by the stems of their phrases and by their tokens."""

    def __init__(
        self,
        same: Iterable[Sequence[str]],
        narrower: Mapping[str, Sequence[str]],
        topics: Mapping[str, Sequence[str]],
        phases: Mapping[str, Sequence[str]],
        filler: Iterable[str],
        related: Mapping[str, Sequence[str]] | None = None,
        ordinary: Iterable[str] = (),
    ) -> None:
        self.by_key: dict[Key, list[Concept]] = {}
        self.by_token: dict[str, Concept] = {}
        self.keys_of: dict[str, list[Key]] = {}
        """The stems of the phrases of each concept, by its token."""
        self.phrases_of: dict[str, list[str]] = {}
        """The same phrases as they are written, but for those that are written as one word."""
        self.longest = 1
        self.surface: set[str] = set()
        self.filler = frozenset(stem(word) for word in filler)
        for phrases in same:
            concept = self._new(phrases[0])
            for phrase in phrases:
                self._add(phrase, concept)
        for year in range(1, HIGHEST_YEAR + 1):
            self._concepts(f"year {year}")
        for wide, narrow in self._pairs(narrower):
            wide.narrower.add(narrow.token)
            narrow.broader.add(wide.token)
        for concept, other in self._pairs({**ages(), **(related or {})}):
            concept.related.add(other.token)
        for slug, phrases in topics.items():
            for concept in self._all(phrases):
                concept.topics.add(slug)
        for slug, phrases in phases.items():
            for concept in self._all(phrases):
                concept.phases.add(slug)
        for concept, other in self._pairs(ages()):
            concept.phases |= other.phases
        for token, phrases in self.phrases_of.items():
            for phrase in phrases:
                self._add_joined(phrase, self.by_token[token])
        self._real = frozenset(
            {stem(word) for word in (*self.surface, *ordinary)} | self.filler | STOP_WORDS
        )

    def copy(self) -> Vocabulary:
        """Return another one that knows the same, to be added to; it takes a tenth of the time."""
        made = copy(self)
        made.by_token = {token: concept.copy() for token, concept in self.by_token.items()}
        made.by_key = {
            key: [made.by_token[concept.token] for concept in concepts]
            for key, concepts in self.by_key.items()
        }
        made.keys_of = {token: list(keys) for token, keys in self.keys_of.items()}
        made.phrases_of = {token: list(phrases) for token, phrases in self.phrases_of.items()}
        made.surface = set(self.surface)
        return made

    def is_filler(self, word: str) -> bool:
        """Say whether it says nothing about what is looked for."""
        if word in STOP_WORDS:
            return True
        return stem(word) in self.filler and (stem(word),) not in self.by_key

    def is_real(self, word: str) -> bool:
        """Say whether it is a word, and so no slip for another one."""
        return stem(word) in self._real or word in self.surface

    def add(self, addition: Addition) -> None:
        """Let a phrase mean the same as another one, or a topic, or a topic no more."""
        if addition.taken_out:
            for concept in self.concepts_of(addition.phrase):
                concept.topics.discard(addition.topic)
                concept.taken_out.add(addition.topic)
            return
        if addition.same_as:
            for concept in list(self._concepts(addition.same_as)):
                self._add(addition.phrase, concept)
        elif addition.instead_of:
            self._lead(addition)
        else:
            for concept in self._concepts(addition.phrase):
                concept.topics.add(addition.topic)
                concept.taken_out.discard(addition.topic)
        for concept in self.by_key[key_of(addition.phrase)]:
            self._add_joined(addition.phrase, concept)

    def concepts_of(self, phrase: str) -> list[Concept]:
        """Return what a phrase is known as: the one that it names, else all that have it."""
        named = self.by_token.get(_token_of(phrase))
        return [named] if named is not None else list(self.by_key.get(key_of(phrase), ()))

    def name_of(self, concept: Concept) -> str:
        """Return the phrase that names a concept: the first of its spellings."""
        return self.phrases_of[concept.token][0]

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

    def _pairs(self, table: Mapping[str, Sequence[str]]) -> Iterator[tuple[Concept, Concept]]:
        """Each concept of a table with each of those that stand behind it.

        Several phrases before one list are parted by commas.
        """
        for phrases, others in table.items():
            for concept in self._all(phrases.split(", ")):
                for other in self._all(others):
                    if other is not concept:
                        yield concept, other

    def _all(self, phrases: Iterable[str]) -> list[Concept]:
        return [concept for phrase in phrases for concept in self._concepts(phrase)]

    def _concepts(self, phrase: str) -> list[Concept]:
        key = key_of(phrase)
        if key not in self.by_key:
            self._add(phrase, self._new(phrase))
        return self.by_key[key]

    def _lead(self, addition: Addition) -> None:
        """Let the name of a retired topic, and all that means it, mean its successor as well."""
        named = self._concepts(addition.phrase)
        for concept in self.by_token.values():
            if addition.instead_of in concept.topics:
                concept.topics.add(addition.topic)
        for concept in named:
            concept.topics.update((addition.instead_of, addition.topic))

    def _new(self, phrase: str) -> Concept:
        concept = Concept(_token_of(phrase))
        return self.by_token.setdefault(concept.token, concept)

    def _add(self, phrase: str, concept: Concept) -> None:
        if self._add_spelling(phrase, concept):
            self.phrases_of.setdefault(concept.token, []).append(phrase)

    def _add_joined(self, phrase: str, concept: Concept) -> None:
        """Let a phrase be written as one word, too: “deescalation”, “coteaching”."""
        joined = "".join(_words_of(phrase))
        is_long = joined != phrase and len(joined) >= SHORTEST_JOINED
        if is_long and key_of(joined) not in self.by_key:
            self._add_spelling(joined, concept)

    def _add_spelling(self, phrase: str, concept: Concept) -> bool:
        """Let the concept be known by a phrase; say whether it was not yet."""
        key = key_of(phrase)
        concepts = self.by_key.setdefault(key, [])
        is_new = concept not in concepts
        if is_new:
            concepts.append(concept)
            self.keys_of.setdefault(concept.token, []).append(key)
        self.longest = max(self.longest, len(key))
        self.surface.update(word for word in _words_of(phrase) if word not in STOP_WORDS)
        return is_new


def key_of(phrase: str) -> Key:
    """Return the stems of a phrase, its stop words included."""
    return tuple(stem(word) for word in _words_of(phrase))


def _token_of(phrase: str) -> str:
    return "~" + "-".join(_words_of(phrase))


@lru_cache(maxsize=20_000)
def _words_of(phrase: str) -> tuple[str, ...]:
    return tuple(words(phrase))


@cache
def vocabulary() -> Vocabulary:
    """Return the vocabulary of the product."""
    return _read()


@lru_cache(maxsize=4)
def vocabulary_with(additions: tuple[Addition, ...]) -> Vocabulary:
    """Return the vocabulary of the product with what the operator added, in this order."""
    if not additions:
        return vocabulary()
    known = vocabulary().copy()
    for addition in additions:
        known.add(addition)
    return known


def _read() -> Vocabulary:
    tables: dict[str, dict[str, list[str]]] = {}
    lists: dict[str, list[Any]] = {}
    for file in FILES:
        for name, section in tomllib.loads(file.read_text(encoding="utf-8")).items():
            if isinstance(section, dict):
                table = tables.setdefault(name, {})
                for phrase, others in section.items():
                    table.setdefault(phrase, []).extend(others)
            else:
                lists.setdefault(name, []).extend(section)
    return Vocabulary(
        lists["same"],
        tables["narrower"],
        tables["topics"],
        tables["phases"],
        lists["filler"],
        tables["related"],
        lists["ordinary"],
    )
