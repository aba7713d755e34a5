"""Names and places of schools with a slip in them, or whose last word is not typed to its end.

That one word may be a part of a name is only told by the others: “Arnold Mil” is Arnold Mill, as a
school of that name has a listing.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import islice, product

from rapidfuzz import process
from rapidfuzz.distance import OSA

from marketplace.search.engine import Engine
from marketplace.search.nearest_words import SHORTEST_BEGINNING, corrected, has
from marketplace.search.words.asked import Meaning, of_word

SHORTEST_SLIP, LONG = 4, 7
"""From how many letters on one letter may be wrong, and two."""
MOST_CLOSE = 6
MOST_TRIED = 12

Way = tuple[Meaning, tuple[tuple[str, str], ...]]
"""What a word may mean, and the slip that it then is."""


def with_names(
    engine: Engine, typed: Sequence[Meaning], may_be_slip: Callable[[str], bool]
) -> tuple[list[Meaning], tuple[tuple[str, str], ...]] | None:
    """Return the meanings that some listing has all of, with the slips that are put right in them.

    None if it has nothing to do with names, or there is no such listing.
    """
    if sum(not one.weak for one in typed) < 2:
        return None
    ways = [_ways(engine, one, may_be_slip) for one in typed]
    for choice in islice(product(*ways), MOST_TRIED):
        meant = [meaning for meaning, _slips in choice]
        if meant != list(typed) and has(engine, meant):
            return meant, tuple(slip for _meaning, slips in choice for slip in slips)
    return None


def _ways(engine: Engine, meaning: Meaning, may_be_slip: Callable[[str], bool]) -> list[Way]:
    """What a word may mean, the likeliest first."""
    word, names = meaning.typed, engine.names_known()
    as_typed: Way = meaning, ()
    if meaning.known or meaning.weak or " " in word:
        return [as_typed]
    if meaning.last and len(word) >= SHORTEST_BEGINNING:
        endings = frozenset(one for one in names if one.startswith(word))
        if endings:
            return [(replace(meaning, name_ways=endings), ())]
    if word in names or has(engine, [meaning]) or not may_be_slip(word):
        return [as_typed]
    right = corrected(engine, meaning)
    meant = [right.typed] if right else []
    meant += [one for one in _close(word, list(names)) if one not in meant]
    known = engine.vocabulary
    return [(of_word(one, known), ((word, one),)) for one in meant] or [as_typed]


def _close(word: str, names: Sequence[str]) -> list[str]:
    """The words of names that differ in a letter or two, but not in the first."""
    if len(word) < SHORTEST_SLIP or not word.isalpha():
        return []
    wrong = 1 if len(word) < LONG else 2
    close = process.extract(word, names, scorer=OSA.distance, score_cutoff=wrong, limit=None)
    found = [(distance, name) for name, distance, _place in close if name[0] == word[0]]
    return [name for _distance, name in sorted(found)[:MOST_CLOSE]]
