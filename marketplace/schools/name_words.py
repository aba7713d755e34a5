"""The words of a school's name in one spelling, however the register or a person writes them.

“St. Mary's C of E (VA) Pri. Sch.” and “Saint Marys Church of England Voluntary Aided Primary
School” have the same words. The words are of small letters and figures only, so that both databases
put them in the same order.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence

LONGEST_WORD = 40

STOP_WORDS = frozenset({"a", "an", "and", "at", "for", "in", "of", "on", "the", "with", "y"})
"""Words that people leave out as they like; nothing is found by them."""

WEAK_WORDS = (
    frozenset({"academy", "centre", "college", "pru", "school", "trust", "unit", "ysgol"})
    | {"first", "high", "infant", "junior", "lower", "middle", "nursery", "preparatory", "primary"}
    | {"secondary", "upper", "sixth", "form", "comprehensive", "grammar", "special", "education"}
    | {"ce", "church", "england", "rc", "st", "va", "vc", "voluntary", "endowed", "foundation"}
    | {"boy", "girl", "mixed", "community", "county", "cp", "independent", "ltd"}
)
"""Words that many names share and that people leave out or mistake: they only sort results."""

_PHRASES: dict[tuple[str, ...], str] = {
    ("church", "of", "england"): "ce",
    ("church", "england"): "ce",
    ("c", "of", "england"): "ce",
    ("c", "of", "e"): "ce",
    ("cof", "e"): "ce",
    ("c", "e"): "ce",
    ("roman", "catholic"): "rc",
    ("r", "c"): "rc",
    ("voluntary", "aided"): "va",
    ("v", "a"): "va",
    ("voluntary", "controlled"): "vc",
    ("v", "c"): "vc",
    ("pupil", "referral", "unit"): "pru",
}
_LONGEST_PHRASE = 3

SYNONYMS: dict[str, str] = {
    "acad": "academy",
    "aided": "va",
    "ave": "avenue",
    "cath": "rc",
    "catholic": "rc",
    "center": "centre",
    "cofe": "ce",
    "coll": "college",
    "comm": "community",
    "controlled": "vc",
    "ctr": "centre",
    "gram": "grammar",
    "hse": "house",
    "inf": "infant",
    "infts": "infant",
    "jnr": "junior",
    "jr": "junior",
    "jun": "junior",
    "ln": "lane",
    "mt": "mount",
    "nur": "nursery",
    "nurs": "nursery",
    "prep": "preparatory",
    "pri": "primary",
    "prim": "primary",
    "rd": "road",
    "saint": "st",
    "saints": "st",
    "sch": "school",
    "schl": "school",
    "sec": "secondary",
    "spec": "special",
    "ss": "st",
    "sts": "st",
    "tech": "technology",
    "6th": "sixth",
}
"""What a word stands for: abbreviations, and words that are one to whoever looks for a school."""


def plain_words(text: str) -> list[str]:
    """Return the words of ``text`` in small letters, without accents, apostrophes or dots."""
    plain = "".join(
        char for char in unicodedata.normalize("NFKD", text) if not unicodedata.combining(char)
    )
    # “C.E.” is one word, “St.Mary's” two.
    plain = re.sub(r"['’‘`´]|(?<=\b\w)\.", "", plain.casefold())
    return [word[:LONGEST_WORD] for word in re.findall(r"[a-z0-9]+", plain)]


def spelling(word: str) -> str:
    """Return the one spelling of a single word: “pri” and “primary”, “mary” and “marys”."""
    word = SYNONYMS.get(word, word)
    return word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith("ss") else word


def without_phrases(words: Sequence[str]) -> Iterator[tuple[str, bool]]:
    """Yield ``words`` with each phrase as one word, and whether it was a phrase."""
    start = 0
    while start < len(words):
        for length in range(_LONGEST_PHRASE, 1, -1):
            phrase = _PHRASES.get(tuple(words[start : start + length]))
            if phrase is not None and start + length <= len(words):
                yield phrase, True
                start += length
                break
        else:
            yield words[start], False
            start += 1


def name_words(name: str) -> list[str]:
    """Return the words of a school's name in their one spelling and in their order.

    Stop words are left out, unless the name has no other words.
    """
    words = [
        word if is_phrase else spelling(word)
        for word, is_phrase in without_phrases(plain_words(name))
    ]
    return [word for word in words if word not in STOP_WORDS] or words


def joined_initials(words: Sequence[str]) -> Iterator[str]:
    """Yield each run of single letters as one word: “j h godwin” is also looked for as “jh”."""
    for match in re.finditer(r"\b[a-z](?: [a-z]\b)+", " ".join(words)):
        yield match[0].replace(" ", "")
