"""Names of schools as people type them: the register's name, mangled by chance."""

from __future__ import annotations

import random
import re
from collections.abc import Callable

ABBREVIATED = {
    "Primary": ["Pri", "Prim", "primary"],
    "Infant": ["Inf", "infants"],
    "Infants": ["Inf", "infant"],
    "Junior": ["Jnr", "Jun", "juniors"],
    "Nursery": ["Nur", "nursery"],
    "School": ["Sch", "", "school"],
    "Academy": ["acad", "Academy"],
    "Community": ["comm", "Community"],
    "CofE": ["C of E", "CE", "C.E.", "Church of England", "C. of E.", "cofe"],
    "Catholic": ["RC", "R.C.", "Roman Catholic", "catholic"],
    "St": ["St.", "Saint", "st", "SS"],
    "Saint": ["St", "St."],
    "and": ["&", "and", ""],
    "&": ["and", "&", ""],
}
LEFT_OUT = {"School", "The", "Voluntary", "Aided", "Controlled", "CofE", "Catholic", "Community"}


def _abbreviated(words: list[str], chance: random.Random) -> list[str]:
    return [chance.choice(ABBREVIATED.get(word, [word])) for word in words]


def _left_out(words: list[str], chance: random.Random) -> list[str]:
    shorter = [word for word in words if word not in LEFT_OUT or chance.random() < 0.5]
    return shorter if any(len(word) > 3 for word in shorter) else words


def _shuffled(words: list[str], chance: random.Random) -> list[str]:
    return chance.sample(words, len(words)) if chance.random() < 0.3 else words


MANGLINGS: list[Callable[[list[str], random.Random], list[str]]] = [
    _left_out,
    _shuffled,
    _abbreviated,
]


def mangled(name: str, town: str | None, chance: random.Random, *, typo: bool = False) -> str:
    """The school's name as somebody may type it, with the town; ``typo`` misspells one word."""
    words = name.split()
    for mangle in MANGLINGS:
        words = mangle(words, chance)
    if typo:
        words = _misspelt(words, chance)
    text = " ".join(word for word in (*words, town or "") if word)
    if chance.random() < 0.5:
        text = re.sub(r"['’`]", "", text)
    if chance.random() < 0.3:
        text = text.replace("-", " ")
    return chance.choice([str.lower, str.upper, str])(text)


def _misspelt(words: list[str], chance: random.Random) -> list[str]:
    """The words with two letters swapped, one left out or one doubled, in one long word."""
    long = [number for number, word in enumerate(words) if len(word) >= 6 and word.isalpha()]
    if not long:
        return words
    number = chance.choice(long)
    word = words[number]
    at = chance.randrange(1, len(word) - 2)
    changed = chance.choice(
        [
            word[:at] + word[at + 1] + word[at] + word[at + 2 :],
            word[:at] + word[at + 1 :],
            word[:at] + word[at] + word[at:],
        ]
    )
    return [*words[:number], changed, *words[number + 1 :]]
