"""What a person types to find a school, as terms that are looked up in the index of words."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from marketplace.schools.name_words import (
    STOP_WORDS,
    SYNONYMS,
    WEAK_WORDS,
    plain_words,
    spelling,
    without_phrases,
)
from marketplace.schools.postcodes import parts_of_postcode

MOST_TERMS = 12

_URN = re.compile(r"[0-9]{5,7}")
_SHORTEST_SYNONYM = 3


@dataclass(frozen=True, slots=True)
class Term:
    """One word as it was typed: a school has it if it has one of ``words``, or ``prefix`` fits.

    ``weak`` terms only sort what the others find.
    """

    typed: str
    words: frozenset[str]
    prefix: str | None = None
    weak: bool = False

    def fits(self, word: str) -> bool:
        """Say whether ``word`` is what was typed, or begins with it."""
        return word in self.words or (self.prefix is not None and word.startswith(self.prefix))


@dataclass(frozen=True, slots=True)
class TypedSearch:
    """What was typed: a URN, or terms and parts of a postcode, the narrowest part first."""

    urn: int | None = None
    terms: tuple[Term, ...] = ()
    postcodes: tuple[str, ...] = field(default=())

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing in it to look for."""
        return self.urn is None and not self.terms and not self.postcodes

    @property
    def required(self) -> tuple[Term, ...]:
        """The terms that a school must have: those that are not weak, or all if all are weak."""
        if self.postcodes:
            return tuple(term for term in self.terms if not term.weak)
        return tuple(term for term in self.terms if not term.weak) or self.terms

    def joined_pairs(self) -> dict[str, TypedSearch]:
        """Return the search with two neighbours as one word, for each pair, by that word.

        “high field” may be typed for “Highfield”.
        """
        pairs = {}
        for number in range(len(self.terms) - 1):
            first, second = self.terms[number : number + 2]
            word = spelling(first.typed + second.typed)
            term = Term(first.typed + second.typed, frozenset({word}))
            terms = (*self.terms[:number], term, *self.terms[number + 2 :])
            pairs[word] = TypedSearch(terms=terms, postcodes=self.postcodes)
        return pairs


def read_search(text: str) -> TypedSearch:
    """Return what to look for; the last word may be the beginning of one, while it is typed."""
    if _URN.fullmatch(bare := text.strip()):
        return TypedSearch(urn=int(bare))
    words = plain_words(text)
    words, postcodes = _take_postcode(words)
    words = _complete_phrase(words)
    is_open = bool(words) and not re.search(r"\s$", text)
    parts = list(without_phrases(words))[:MOST_TERMS]
    terms = [
        _term(word, is_phrase, is_last=is_open and number == len(parts) and not postcodes)
        for number, (word, is_phrase) in enumerate(parts, 1)
    ]
    telling = tuple(term for term in terms if term.typed not in STOP_WORDS)
    if len(telling) == 1 and len(telling[0].typed) == 1 and not postcodes:
        telling = ()  # a single letter says nothing yet
    return TypedSearch(terms=telling, postcodes=tuple(postcodes))


def _term(word: str, is_phrase: bool, *, is_last: bool) -> Term:
    if is_phrase:
        return Term(word, frozenset({word}), weak=True)
    if len(word) == 1:
        return Term(word, frozenset({word}), prefix=word, weak=True)
    words = {spelling(word)}
    if is_last and len(word) >= _SHORTEST_SYNONYM:
        words |= {short for full, short in SYNONYMS.items() if full.startswith(word)}
    begins = {word} if is_last else set()
    weak = not words.isdisjoint(WEAK_WORDS) or any(
        weak.startswith(start) for start in begins for weak in WEAK_WORDS
    )
    return Term(word, frozenset(words), prefix=word if is_last else None, weak=weak)


def _take_postcode(words: Sequence[str]) -> tuple[list[str], list[str]]:
    """Return the words without a postcode or a part of one, and its parts, the narrowest first."""
    for start in range(len(words)):
        for length in (2, 1):
            if start + length > len(words):
                continue
            candidate = " ".join(words[start : start + length])
            if any(char.isdigit() for char in words[start]) and (
                parts := parts_of_postcode(candidate)
            ):
                return [*words[:start], *words[start + length :]], parts[::-1]
    return list(words), []


def _complete_phrase(words: list[str]) -> list[str]:
    """Complete a “church of eng” or “c of” at the end, so that the results do not jump about."""
    for length in (3, 2):
        ending = words[-length:]
        if (
            len(ending) == length
            and ending[0] in ("church", "c")
            and ending[1] == "of"
            and "england".startswith("".join(ending[2:]))
        ):
            return [*words[:-length], "c", "of", "e"]
    return words
