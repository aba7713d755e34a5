"""What was meant by a word that no listing has: by its letters, and by how it sounds."""

from __future__ import annotations

import re
from collections.abc import Mapping

from rapidfuzz import process
from rapidfuzz.distance import DamerauLevenshtein

SHORTEST = 4
_SOUNDS: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"^kn|^gn|^pn"), "n"),
    (re.compile(r"^wr"), "r"),
    (re.compile(r"^ps"), "s"),
    (re.compile(r"ph"), "f"),
    (re.compile(r"gh(?=t)"), ""),
    (re.compile(r"sch"), "sk"),
    (re.compile(r"[ct]i(?=[aeou])"), "sh"),
    (re.compile(r"ck|qu|q|c(?![eiyh])"), "k"),
    (re.compile(r"c(?=[eiy])|z"), "s"),
    (re.compile(r"x"), "ks"),
    (re.compile(r"dge?|g(?=[eiy])"), "j"),
    (re.compile(r"(?<!^)[aeiouyhw]+"), ""),
    (re.compile(r"(.)\1+"), r"\1"),
)


def sound(word: str) -> str:
    """Return a key that words which sound alike share: “fonix” and “phonics” are “fnks”."""
    for pattern, replacement in _SOUNDS:
        word = pattern.sub(replacement, word)
    return word


def correct(word: str, known: Mapping[str, int]) -> str | None:
    """Return the word of ``known`` that ``word`` was meant to be, or None if none is near enough.

    ``known`` has how many listings have each word: of two that are as near, the commoner is meant.
    """
    if len(word) < SHORTEST or word.isdecimal():
        return None
    allowed = 1 if len(word) < 6 else 2 if len(word) < 9 else 3
    key = sound(word)
    near = process.extract(
        word, list(known), scorer=DamerauLevenshtein.distance, score_cutoff=allowed + 2, limit=40
    )
    best: tuple[float, int, str] | None = None
    for candidate, distance, _place in near:
        alike = sound(candidate) == key
        if candidate == word or len(candidate) < SHORTEST - 1:
            continue
        if not alike and (distance > allowed or candidate[0] != word[0]):
            continue
        rank = (distance - (2 if alike else 0), -known[candidate], candidate)
        if best is None or rank < best:
            best = rank
    return best[2] if best else None
