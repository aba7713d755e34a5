"""Stemming: the same for the words of a listing and the words of a query."""

from __future__ import annotations

import re
import threading
import unicodedata
from collections.abc import Iterator

import snowballstemmer

LONGEST_TERM = 40

# Words that occur in every listing do not tell listings apart.
_STOP = """
a an and any are as at be by can do for from has have how if in into is it its more no not of on or
our so some that the their them then there these they this to up us was we what when where which
who will with would you your
"""
STOP_WORDS = frozenset(_STOP.split())

_WORD = re.compile(r"[a-z0-9]+(?:'[a-z]+)?")
_local = threading.local()


def words(text: str) -> list[str]:
    """Return the words of ``text`` in lower case, without accents."""
    plain = unicodedata.normalize("NFKD", text.replace("’", "'")).casefold()
    plain = "".join(letter for letter in plain if not unicodedata.combining(letter))
    return _WORD.findall(plain)


def stem(word: str) -> str:
    """Return the stem of one word: "coaching" and "coached" are "coach"."""
    if not hasattr(_local, "stemmer"):
        _local.stemmer = snowballstemmer.stemmer("english")
    return _local.stemmer.stemWord(word)[:LONGEST_TERM]


def terms(text: str) -> Iterator[str]:
    """Yield the stems of the words of ``text`` that say something, in order, with repetitions."""
    for word in words(text):
        bare = word.split("'")[0]
        if bare and bare not in STOP_WORDS:
            yield stem(bare)
