"""What was meant by a word that no listing has: by its letters, and by how it sounds."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache

from rapidfuzz import process
from rapidfuzz.distance import DamerauLevenshtein

SHORTEST = 4
LONG, VERY_LONG = 6, 8
"""From how many letters on vowels may be wrong, and two letters or a consonant."""
_SOUNDS: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"^kn|^gn|^pn"), "n"),
    (re.compile(r"^wr"), "r"),
    (re.compile(r"^ps"), "s"),
    (re.compile(r"ph"), "f"),
    (re.compile(r"gh(?=t)"), ""),
    (re.compile(r"sch"), "sk"),
    (re.compile(r"[cst]i(?=[aeou])"), "sh"),
    (re.compile(r"x"), "ks"),
    (re.compile(r"ck|qu|q|c(?![eiyh])"), "k"),
    (re.compile(r"c(?=[eiy])|z"), "s"),
    (re.compile(r"dg|dj|g(?=[eiy])"), "j"),
    (re.compile(r"ea|ee|ie|ei"), "e"),
    (re.compile(r"y"), "i"),
    (re.compile(r"(?<!^)h"), ""),
    (re.compile(r"(.)\1+"), r"\1"),
    (re.compile(r"(?<=[^aeiou])e$"), ""),
)
_VOWELS = re.compile(r"(?<!^)[aeiouw]+")


@lru_cache(maxsize=20_000)
def sound(word: str) -> str:
    """Return the word as it sounds: “fonix” and “phonics” are “foniks”."""
    for pattern, replacement in _SOUNDS:
        word = pattern.sub(replacement, word)
    return word


def correct(word: str, known: Mapping[str, int]) -> str | None:
    """Return the word of ``known`` that ``word`` was meant to be, or None if none is near enough.

    ``known`` has how many listings have each word: of two that are as near, the commoner is meant.
    The first letter is hardly ever wrong, unless it sounds the same; and what has other consonants
    is another word, unless it is long and almost the same.
    """
    if len(word) < SHORTEST or not word.isalpha():
        return None
    key = sound(word)
    allowed = 1 if len(word) < LONG else 2
    near = process.extract(
        word, list(known), scorer=DamerauLevenshtein.distance, score_cutoff=allowed + 2, limit=40
    )
    best: tuple[float, float, int, str] | None = None
    for candidate, distance, _place in near:
        if candidate == word or len(candidate) < SHORTEST or not candidate.isalpha():
            continue
        as_heard = DamerauLevenshtein.distance(key, sound(candidate))
        if not _is_plausible(word, candidate, distance, as_heard, allowed):
            continue
        rank = (min(distance, as_heard + 0.5), distance, -known[candidate], candidate)
        if best is None or rank < best:
            best = rank
    return best[-1] if best else None


def _is_plausible(
    word: str, candidate: str, distance: float, as_heard: float, allowed: int
) -> bool:
    if sound(word)[0] != sound(candidate)[0]:
        return False
    if as_heard == 0:
        return distance <= allowed + 1
    if distance > allowed:
        return False
    has_same_consonants = _consonants(word) == _consonants(candidate)
    if distance > 1 and as_heard > 1:
        return has_same_consonants and len(word) >= VERY_LONG
    if sorted(word) == sorted(candidate):
        return True  # two letters changed places
    if len(word) < LONG or (distance > 1 and len(word) < VERY_LONG):
        return False
    # A letter more or less is a slip; another consonant is another word, unless it is long.
    is_one_more_or_less = distance == 1 and len(word) != len(candidate)
    is_alike = has_same_consonants or len(word) >= VERY_LONG
    return is_one_more_or_less or is_alike


def _consonants(word: str) -> str:
    return re.sub(r"(.)\1+", r"\1", _VOWELS.sub("", sound(word)))
