"""Names that the register shouts, written as their owners would write them."""

from __future__ import annotations

import re

_SMALL_WORDS = frozenset(
    {"a", "an", "and", "at", "by", "for", "in", "le", "of", "on", "the", "to", "upon", "with"}
)

# Words that are spelled out letter by letter although they have a vowel. They come from the names
# of the register's trusts; a word without a vowel needs no entry.
_ACRONYMS = frozenset(
    {
        "ACE", "AP", "ASD", "BMAT", "CAST", "CE", "CIC", "CIO", "DYRMS", "EBN",
        "EBS", "EPA", "E-ACT", "GEMS", "GORSE", "HCAT", "HISP", "INMAT", "LEO", "LET",
        "LIPA", "MAST", "MAT", "NAS", "NEAT", "NET", "PA", "PACT", "PET", "PRU",
        "QE", "QED", "QEGS", "QEGSMAT", "QEHC", "RMET", "RNIB", "RSA", "SCITT", "SDBE",
        "SEMH", "SEN", "SEND", "SENDAT", "SFAET", "STEM", "TBAP", "TCAT", "TVI", "UCL",
        "UK", "UTC", "UTS", "VA", "WAC",
    }
)  # fmt: skip
_NO_ACRONYMS = frozenset({"CS", "DR", "LTD", "MR", "MRS", "ST"})
_ROMAN = re.compile(r"(?=..)X{0,3}(IX|IV|V?I{0,3})")
_VOWEL = re.compile(r"[^BCDFGHJKLMNPQRSTVWXZ]")

_WORD = re.compile(r"[^\W_]+(?:['’][^\W\d_]+)?")
_TOKEN = re.compile(r"\S+")


def proper(name: str) -> str:
    """Return a name that is all in capitals as it would be written: "The Oak Trust".

    Acronyms ("GLF", "MAT", "E-ACT"), initials and Roman numerals keep their capitals; a name that
    has small letters is returned as it is.
    """
    if not name.isupper():
        return name
    name = " ".join(name.split())

    def written(match: re.Match[str]) -> str:
        token = match[0]
        before = name[: match.start()].rstrip()
        begins = not before or before.endswith(("-", "–", ":"))
        if token.strip("(),.:;") in _ACRONYMS:
            return token
        return _WORD.sub(lambda word: _word(word, begins=begins), token)

    return _TOKEN.sub(written, name)


def _word(match: re.Match[str], *, begins: bool) -> str:
    """A word of a token; ``begins`` says whether the token begins the name or a part of it."""
    word, before = match[0], match.string[: match.start()]
    if word in _ACRONYMS or _ROMAN.fullmatch(word):
        return word
    if not _VOWEL.search(word) and word not in _NO_ACRONYMS and len(word) > 1:
        return word
    if word[0].isdigit():  # "21st"; but "A14" begins with a letter
        return word.lower()
    joined = before[-1:] in ("-", "/")
    if word.lower() in _SMALL_WORDS and not (begins and not before) and before[-1:] != "(":
        alone = match.end() == len(match.string) or match.string[match.end()] in "-,)"
        return word.lower() if alone else word
    if joined and before[:-1].rpartition("(")[2] in ("CO", "PRE"):
        return word.lower()
    initial, apostrophe, rest = word.partition("’" if "’" in word else "'")
    if len(initial) == 1 and apostrophe:  # "D'Arcy"
        return initial + apostrophe + rest.capitalize()
    return word[0] + word[1:].lower()
