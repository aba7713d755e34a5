"""What a person asked for: the words of a search as meanings that the index can be asked for."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from marketplace.schools.name_words import STOP_WORDS as NAME_STOP_WORDS
from marketplace.schools.name_words import spelling
from marketplace.search.words.analysis import STOP_WORDS, stem, words
from marketplace.search.words.vocabulary import Concept, Vocabulary, vocabulary

MOST_MEANINGS = 12
LONGEST_QUERY = 200


@dataclass(frozen=True, slots=True)
class Meaning:
    """One word or phrase of a search: a listing fits if it has any of what is here."""

    typed: str
    tokens: frozenset[str]
    """Tokens of the text, any of which says it."""
    narrower: frozenset[str] = frozenset()
    broader: frozenset[str] = frozenset()
    related: frozenset[str] = frozenset()
    parts: frozenset[str] = frozenset()
    """The words of a phrase by themselves."""
    topics: frozenset[str] = frozenset()
    phases: frozenset[str] = frozenset()
    named_phases: frozenset[str] = frozenset()
    """Those of ``phases`` that it is a name of: “KS1”, “Year 6”, “Reception”, “aged 7”."""
    names: tuple[str, ...] = ()
    """Words of the name or place of a school, all of which say it."""
    name_ways: frozenset[str] = frozenset()
    """Words of names and places of schools, any of which says it."""
    weak: bool = False
    """Whether it only sorts results: “help”, “someone”."""
    known: bool = False
    """Whether the vocabulary has it."""
    last: bool = False
    """Whether it may be the beginning of a word, because nothing was typed after it."""


def meanings(text: str, known: Vocabulary | None = None) -> list[Meaning]:
    """Return the meanings of what was typed; none if it has only words that say nothing.

    The longest phrase that the vocabulary (``known``, or the product's own) has is taken first.
    Where all words are weak, they are taken for what is looked for.
    """
    known = known or vocabulary()
    typed = words(_with_capitals(text[:LONGEST_QUERY]))
    stems = [stem(word) for word in typed]
    found: dict[frozenset[str], Meaning] = {}
    place = 0
    while place < len(typed) and len(found) < MOST_MEANINGS:
        for length in range(min(max(known.longest, 2), len(typed) - place), 0, -1):
            phrase = " ".join(typed[place : place + length])
            concepts = known.by_key.get(tuple(stems[place : place + length]))
            if length == 2 and concepts is None:
                concepts = _as_one_word(typed[place : place + 2], known)
            if concepts and not (length == 1 and phrase in STOP_WORDS):
                meaning = _of_concepts(phrase, concepts, known)
                break
        else:
            length, phrase = 1, typed[place]
            meaning = of_word(phrase, known)
        place += length
        if phrase not in STOP_WORDS:
            is_last = place == len(typed) and not re.search(r"\s$", text)
            found.setdefault(meaning.tokens, _marked(meaning, last=is_last))
    if found and all(meaning.weak for meaning in found.values()):
        return [_marked(meaning, weak=False, last=meaning.last) for meaning in found.values()]
    return list(found.values())


def of_word(word: str, known: Vocabulary | None = None) -> Meaning:
    """Return the meaning of one word."""
    known = known or vocabulary()
    if concepts := known.by_key.get((stem(word),)):
        return _of_concepts(word, concepts, known)
    weak = known.is_filler(word)
    return Meaning(word, frozenset({stem(word)}), names=_names(word), weak=weak)


def _of_concepts(phrase: str, concepts: list[Concept], known: Vocabulary) -> Meaning:
    def joined(name: str) -> frozenset[str]:
        return frozenset(item for concept in concepts for item in getattr(concept, name))

    return Meaning(
        phrase,
        frozenset(concept.token for concept in concepts),
        narrower=joined("narrower"),
        broader=joined("broader"),
        related=joined("related"),
        parts=_parts(phrase, known),
        topics=joined("topics")
        or _of(joined("related") or joined("broader"), "topics", known) - joined("taken_out"),
        phases=joined("phases") or _of(joined("related"), "phases", known),
        named_phases=joined("phases"),
        names=_names(phrase),
        known=True,
    )


def _as_one_word(pair: Sequence[str], known: Vocabulary) -> list[Concept] | None:
    """The concepts of one word that was typed as two: “play ground”, “hand writing”."""
    if not STOP_WORDS.isdisjoint(pair) or any(word.isdecimal() for word in pair):
        return None
    return known.by_key.get((stem("".join(pair)),))


def _of(tokens: frozenset[str], name: str, known: Vocabulary) -> frozenset[str]:
    return frozenset(slug for token in tokens for slug in getattr(known.by_token[token], name))


def _parts(phrase: str, known: Vocabulary) -> frozenset[str]:
    if " " not in phrase:
        return frozenset()
    stems = {stem(word) for word in phrase.split() if word not in STOP_WORDS}
    return frozenset(one for one in stems if one not in known.filler and not one.isdecimal())


def _names(phrase: str) -> tuple[str, ...]:
    return tuple(
        spelling(word) for word in phrase.split() if word not in NAME_STOP_WORDS | STOP_WORDS
    )


def _marked(meaning: Meaning, *, last: bool, weak: bool | None = None) -> Meaning:
    return replace(meaning, last=last, weak=meaning.weak if weak is None else weak)


def _with_capitals(text: str) -> str:
    """Read “IT”, and “ARE” in capitals, as what schools mean by it, not as “it” and “are”.

    “IT” is so alone, too, in small letters; where all is in capitals, they say nothing.
    """
    if text.strip().casefold() in {"it", "i.t.", "i.t"}:
        return "ict"
    if text != text.upper():
        text = re.sub(r"\bI\.?T\b\.?", "ict", text)
    if text != text.upper() or text.strip() == "ARE":
        text = re.sub(r"\bARE\b", "age related expectations", text)
    return text
