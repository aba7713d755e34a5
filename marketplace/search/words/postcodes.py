"""Postcodes, and parts of them, among the words of a search: “phonics NG2 6FF”, “LE11”."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from marketplace.search.words.analysis import words
from marketplace.search.words.vocabulary import Vocabulary, key_of

_DISTRICT = r"[a-z]{1,2}[0-9][0-9a-z]?"
_UNIT = "[abd-hjlnp-uw-z]"
"""The letters that stand at the end of a postcode."""
_POSTCODE = re.compile(
    rf"(?<![\w-])(?P<district>{_DISTRICT})"
    rf"(?P<rest>\s*[0-9]{_UNIT}{{2}}|\s+[0-9]{_UNIT}?|(?<=[0-9a-z]{{3}})[0-9]{_UNIT}?)?(?![\w-])",
    re.IGNORECASE,
)
_AREAS = """
AB AL B BA BB BD BH BL BN BR BS BT CA CB CF CH CM CO CR CT CV CW DA DD DE DG DH DL DN DT DY E EC EH
EN EX FK FY G GL GU HA HD HG HP HR HS HU HX IG IP IV KA KT KW KY L LA LD LE LL LN LS LU M ME MK ML N
NE NG NN NP NR NW OL OX PA PE PH PL PO PR RG RH RM S SA SE SG SK SL SM SN SO SP SR SS ST SW SY TA TD
TF TN TQ TR TS TW UB W WA WC WD WF WN WR WS WV YO ZE
"""
"""The letters that postcodes begin with: a part of one that begins otherwise is a word."""
_KNOWN_AREAS = frozenset(_AREAS.split())
_SHORTEST_TELLING = 3
"""A shorter part, such as “S1” or “L2”, is as well something that listings speak of."""


@dataclass(frozen=True, slots=True)
class TypedPostcode:
    """What may be a postcode among the words of a search.

    ``is_district`` says that it is only the first half, and ``may_be_word`` that it is so short
    that a listing may have it as a word.
    """

    text: str
    rest: str
    """The other words."""
    is_district: bool
    may_be_word: bool


def typed_postcodes(text: str, known: Vocabulary) -> Iterator[TypedPostcode]:
    """Yield what may be a postcode, in the order of the words.

    “KS2”, “Y6” and whatever else the vocabulary knows is none, nor is what no postcode begins with.
    """
    for match in _POSTCODE.finditer(text):
        district, rest = match["district"], match["rest"] or ""
        if key_of(district) in known.by_key or len(words(district)) > 1:
            continue
        is_whole = len(rest.strip()) > 2
        if not is_whole and re.split("[0-9]", district.upper())[0] not in _KNOWN_AREAS:
            continue
        whole = " ".join(part for part in (district, rest.strip()) if part).upper()
        yield TypedPostcode(
            whole,
            f"{text[: match.start()]} {text[match.end() :]}",
            is_district=not rest,
            may_be_word=not rest and len(district) < _SHORTEST_TELLING,
        )
