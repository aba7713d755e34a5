"""From what was typed to a query that finds something: beginnings of words, slips, fewer words."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from tantivy import Query

from marketplace.schools.places import Place
from marketplace.search.engine import Engine
from marketplace.search.filters import Filters
from marketplace.search.nearest_words import corrected, ended, halves, has, rare_slip, widened
from marketplace.search.ranking import all_of, all_then_some_of, some_of
from marketplace.search.typed_names import with_names
from marketplace.search.words.asked import LONGEST_QUERY, Meaning, meanings, of_word
from marketplace.search.words.distance import read_distance
from marketplace.search.words.phrases import mended
from marketplace.search.words.postcodes import typed_postcodes
from marketplace.search.words.vocabulary import Vocabulary, vocabulary

LONGEST_PLACE = 3
"""The name of a place has so many words at most."""
FEW = 10
"""Where fewer listings have all the words, those with some of them follow."""


@dataclass(frozen=True, slots=True)
class Understood:
    """A query, and what the person should know about how it came from what was typed."""

    query: Query
    corrected: tuple[tuple[str, str], ...] = ()
    """Words that were taken for slips, each with what was looked for instead."""
    widened: tuple[str, ...] = ()
    """Words that no listing has, for which wider ones or topics were looked for."""
    ignored: tuple[str, ...] = ()
    """Words that no listing has and that were left out."""
    with_all: Query | None = None
    """Where few listings have all the words: the query for these; ``query`` has some of them."""
    near: Place | None = None
    """A place among the words in which nobody has a listing, so that the nearest to it come."""
    around: Place | None = None
    """A place that was asked for: “near Mansfield”, “near us”."""
    within_miles: int | None = None
    """How far from there, if the words say so and anything is so near."""
    postcode: str = ""
    """The postcode, or the part of one, among the words that ``around`` is the place of."""
    unknown_postcode: str = ""
    """A postcode among the words in whose district there is no school."""
    says_nothing: bool = False
    """Whether words were typed of which none says anything."""
    typed: tuple[Meaning, ...] = ()
    """What each word and phrase was taken for."""
    searched: tuple[Meaning, ...] = ()
    """What was searched for, after slips were put right."""
    vocabulary: Vocabulary = field(default_factory=vocabulary)


def understand(
    engine: Engine,
    text: str,
    *,
    exactly: bool = False,
    place_of: Callable[[str], Place | None] = lambda _word: None,
    postcode_of: Callable[[str], Place | None] = lambda _postcode: None,
    is_name: Callable[[str], bool] = lambda _word: False,
    ours: tuple[int, int] | None = None,
) -> Understood:
    """Return a query for what was typed.

    Only where no listing has all the words, whatever the filters, the last one may be the beginning
    of a word, words that nobody has may be places (``place_of`` says where) or slips, and what they
    still are not is left out. A postcode is a place wherever it stands; ``postcode_of`` says where.
    ``exactly`` takes no word for a slip or a postcode, and one that ``is_name`` knows from the name
    of a school is never a slip. ``ours`` is where “near us” is.
    """
    text, around, miles = _where(
        text[:LONGEST_QUERY], lambda name: postcode_of(name) or place_of(name), ours
    )
    postcode = unknown = ""
    if around is None and not exactly:
        text, around, typed = _postcode(engine, text, postcode_of)
        postcode, unknown = (typed, "") if around else ("", typed)

    def may_be_slip(word: str) -> bool:
        return not exactly and not is_name(word)

    found = _understand(engine, text, may_be_slip, place_of)
    return replace(
        found,
        around=around,
        within_miles=miles,
        postcode=postcode,
        unknown_postcode=unknown,
        says_nothing=found.says_nothing and around is None and not unknown,
        vocabulary=engine.vocabulary,
    )


def _where(
    text: str, place_of: Callable[[str], Place | None], ours: tuple[int, int] | None
) -> tuple[str, Place | None, int | None]:
    """What is left of the words without the place and the distance in them, and these."""
    distance = read_distance(text)
    if distance.near_us:
        here = Place("our school", ours) if ours is not None else None
        return distance.rest, here, distance.miles
    named = distance.place.split()
    for length in range(min(LONGEST_PLACE, len(named)), 0, -1):
        if place := place_of(" ".join(named[:length]).strip(",.?!")):
            rest = f"{distance.rest} {' '.join(named[length:])}"
            return rest, place, distance.miles
    if distance.miles is not None:
        return f"{distance.rest} {distance.place}", None, distance.miles
    return text, None, None


def _postcode(
    engine: Engine, text: str, postcode_of: Callable[[str], Place | None]
) -> tuple[str, Place | None, str]:
    """What is left of the words without a postcode in them, where it is, and itself."""
    unknown: tuple[str, Place | None, str] = text, None, ""
    for typed in typed_postcodes(text, engine.vocabulary):
        is_word = typed.is_district and has(engine, [of_word(typed.text.casefold())])
        if is_word and typed.may_be_word:
            continue
        if place := postcode_of(typed.text):
            return typed.rest, place, typed.text
        if not is_word and not typed.may_be_word:
            unknown = typed.rest, None, typed.text
    return unknown


def _understand(
    engine: Engine,
    text: str,
    may_be_slip: Callable[[str], bool],
    place_of: Callable[[str], Place | None],
    *,
    may_mend: bool = True,
) -> Understood:
    known = engine.vocabulary
    typed = meanings(text, known)
    if not typed:
        return Understood(Query.all_query(), says_nothing=bool(text.strip()))
    meant, slips = _without_rare_slips(engine, typed, may_be_slip)
    if has(engine, meant):
        found = replace(_with_some(engine, meant), searched=tuple(meant))
    elif may_mend and (right := mended(text, known, may_be_slip)):
        found = _understand(engine, right.text, may_be_slip, place_of, may_mend=False)
        slips = right.slips
    elif named := with_names(
        engine, meant, lambda word: may_be_slip(word) and place_of(word) is None
    ):
        found = replace(_with_some(engine, named[0]), corrected=named[1], searched=tuple(named[0]))
    else:
        found = _with_nearest(engine, meant, may_be_slip, place_of)
    return replace(found, corrected=slips + found.corrected, typed=tuple(typed))


def _without_rare_slips(
    engine: Engine, typed: Sequence[Meaning], may_be_slip: Callable[[str], bool]
) -> tuple[list[Meaning], tuple[tuple[str, str], ...]]:
    """What was typed, with slips that hardly any listing has put right, and these."""
    meant: list[Meaning] = []
    slips: list[tuple[str, str]] = []
    for meaning in typed:
        right = rare_slip(engine, meaning)
        if right is not None and may_be_slip(meaning.typed):
            slips.append((meaning.typed, right.typed))
            meant.append(right)
        else:
            meant.append(meaning)
    return meant, tuple(slips)


def _with_nearest(
    engine: Engine,
    typed: Sequence[Meaning],
    may_be_slip: Callable[[str], bool],
    place_of: Callable[[str], Place | None],
) -> Understood:
    """The query for the words that listings have, and for what is nearest to the others."""
    kept: list[Meaning] = []
    slips: list[tuple[str, str]] = []
    wide: list[str] = []
    ignored: list[str] = []
    near = None
    for meaning in typed:
        word = meaning.typed
        if meaning.weak or has(engine, [meaning]):
            kept.append(meaning)
        elif not meaning.known and near is None and (place := place_of(word)):
            near = place
        elif whole := ended(engine, meaning):
            kept.append(whole)
        elif (right := corrected(engine, meaning)) and may_be_slip(word):
            slips.append((word, right.typed))
            if has(engine, [right]):
                kept.append(right)
            elif wider := widened(engine, right):
                kept.append(wider)
                wide.append(right.typed)
            else:
                ignored.append(right.typed)
        elif parts := halves(engine, meaning):
            kept += parts
        elif wider := widened(engine, meaning):
            kept.append(wider)
            wide.append(word)
        else:
            ignored.append(word)
    if all(meaning.weak for meaning in kept):
        found = Query.all_query() if near and not ignored else Query.empty_query()
        return Understood(
            found,
            corrected=tuple(slips),
            ignored=tuple(ignored),
            near=near,
        )
    return replace(
        _with_some(engine, kept),
        corrected=tuple(slips),
        widened=tuple(wide),
        ignored=tuple(ignored),
        near=near,
        searched=tuple(kept),
    )


def _with_some(engine: Engine, typed: Sequence[Meaning]) -> Understood:
    """The query for listings with all the words, and where these are few, for some of them, too."""
    with_all = all_of(typed)
    if sum(not meaning.weak for meaning in typed) < 2 or has(engine, typed, FEW):
        return Understood(with_all)
    count = engine.count(with_all, Filters())
    # The name of a place says where and an age for whom, not what: that alone is no answer.
    what = [one for one in typed if one.weak or _says_what(engine, one)]
    if all(one.weak for one in what):
        what = list(typed)
    query = all_then_some_of(typed, what) if count else some_of(what)
    return Understood(query, with_all=with_all)


def _says_what(engine: Engine, meaning: Meaning) -> bool:
    if meaning.phases and not meaning.topics:
        return False
    return has(engine, [replace(meaning, names=(), name_ways=frozenset())])
