"""Words as the index has them: the same for the texts of listings and for what people type."""

from __future__ import annotations

import re
import threading
import unicodedata
from functools import lru_cache

import snowballstemmer

LONGEST_TERM = 40
HIGHEST_YEAR = 13

_STOP = """
a an and any are as at be by can do for from has have how i if in into is it its more no not of on
or our so some that the their them then there these they this to up us was we what when where which
who will with would you your
"""
STOP_WORDS = frozenset(_STOP.split())
"""Words that occur in every listing, and do not tell listings apart."""

_WORD = re.compile(r"[a-z0-9]+(?:&[a-z0-9]+)*(?:'[a-z]+)?")
_YEAR = re.compile(r"(?:y|yr|yrs|year|years)(\d{1,2})")
_YEAR_WORDS = frozenset({"y", "yr", "yrs", "year", "years"})
_NUMBERS = [
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
]
_WHOLE = """
buildings conversion humanities lateness news physics politics probability progression questioning
reasoning
"""
_STEMS = {
    **{word: word for word in _WHOLE.split()},
    **{
        form: word
        for word in ("experiment", "letting", "organ", "practical", "specification")
        for form in (word, f"{word}s")
    },
    **dict.fromkeys(("university", "universities"), "university"),
}
"""Words whose stem would be that of another: “physics” of “physical”, “organ” of “organise”."""
_local = threading.local()


def words(text: str) -> list[str]:
    """Return the words of ``text`` in small letters, without accents, stops and endings as ’s.

    “P.E.” is “pe”, “Year 6’s” is “year”, “6”, and “Y6” is “year”, “6” as well.
    """
    plain = unicodedata.normalize("NFKD", text.replace("’", "'")).casefold()
    plain = "".join(letter for letter in plain if not unicodedata.combining(letter))
    plain = re.sub(r"(?<=\b\w)\.(?=\w\b|\W|$)", "", plain)
    plain = re.sub(r"\b([a-z]) & ([a-z])\b", r"\1&\2", plain)
    found: list[str] = []
    for word in _WORD.findall(plain):
        bare = word.split("'")[0][:LONGEST_TERM]
        if match := _YEAR.fullmatch(bare):
            found += ["year", match[1]]
        else:
            found.append(bare)
    for place in range(len(found) - 1):
        following = found[place + 1]
        if found[place] in _YEAR_WORDS and following in _NUMBERS:
            following = found[place + 1] = str(_NUMBERS.index(following) + 1)
        if found[place] in _YEAR_WORDS and _is_year(following):
            found[place] = "year"
    return found


@lru_cache(maxsize=50_000)
def stem(word: str) -> str:
    """Return the stem of one word: “coaching” and “coached” are “coach”."""
    if word in _STEMS:
        return _STEMS[word]
    if not hasattr(_local, "stemmer"):
        _local.stemmer = snowballstemmer.stemmer("english")
    return _local.stemmer.stemWord(word)[:LONGEST_TERM]


def _is_year(word: str) -> bool:
    return word.isdecimal() and word.isascii() and 1 <= int(word) <= HIGHEST_YEAR
