"""From what was typed to a query that finds something: beginnings of words, slips, fewer words."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from tantivy import Query

from marketplace.schools.places import Place
from marketplace.search.engine import Engine
from marketplace.search.filters import Filters
from marketplace.search.ranking import all_of, all_then_some_of, some_of
from marketplace.search.words.asked import LONGEST_QUERY, Meaning, meanings, of_word
from marketplace.search.words.correcting import correct
from marketplace.search.words.distance import read_distance
from marketplace.search.words.postcodes import typed_postcodes
from marketplace.search.words.vocabulary import Vocabulary, vocabulary

SHORTEST_BEGINNING = 3
MOST_ENDINGS = 20
LONGEST_PLACE = 3
"""The name of a place has so many words at most."""
SHORTEST_HALF = 3
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
        is_word = typed.is_district and _has(engine, [of_word(typed.text.casefold())])
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
) -> Understood:
    known = engine.vocabulary
    typed = meanings(text, known)
    if not typed:
        return Understood(Query.all_query(), says_nothing=bool(text.strip()))
    if _has(engine, typed):
        return replace(_with_some(engine, typed), typed=tuple(typed), searched=tuple(typed))
    kept, corrected, widened, ignored = [], [], [], []
    near = None
    for meaning in typed:
        if meaning.weak or _has(engine, [meaning]):
            kept.append(meaning)
        elif not meaning.known and near is None and (place := place_of(meaning.typed)):
            near = place
        elif ended := _ended(engine, meaning):
            kept.append(ended)
        elif (right := _corrected(engine, meaning)) and may_be_slip(meaning.typed):
            kept.append(right)
            corrected.append((meaning.typed, right.typed))
        elif halves := _halves(engine, meaning):
            kept += halves
        elif wider := _widened(engine, meaning):
            kept.append(wider)
            widened.append(meaning.typed)
        else:
            ignored.append(meaning.typed)
    if all(meaning.weak for meaning in kept):
        found = Query.all_query() if near and not ignored else Query.empty_query()
        return Understood(found, ignored=tuple(ignored), near=near, typed=tuple(typed))
    return replace(
        _with_some(engine, kept),
        corrected=tuple(corrected),
        widened=tuple(widened),
        ignored=tuple(ignored),
        near=near,
        typed=tuple(typed),
        searched=tuple(kept),
    )


def _has(engine: Engine, meanings: Sequence[Meaning], least: int = 1) -> bool:
    """Whether so many listings have all of these, whatever the filters."""
    return engine.has(tuple(meanings), all_of(meanings), least)


def _with_some(engine: Engine, typed: Sequence[Meaning]) -> Understood:
    """The query for listings with all the words, and where these are few, for some of them, too."""
    with_all = all_of(typed)
    if sum(not meaning.weak for meaning in typed) < 2 or _has(engine, typed, FEW):
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
    return _has(engine, [replace(meaning, names=())])


def _ended(engine: Engine, meaning: Meaning) -> Meaning | None:
    """The meanings of the words that begin with a last word that may not be typed to its end."""
    word = meaning.typed
    if not meaning.last or " " in word or len(word) < SHORTEST_BEGINNING:
        return None
    known = engine.vocabulary

    ends = [of_word(end, known) for end in engine.words_beginning(word, MOST_ENDINGS)]
    ends += [of_word(end, known) for end in sorted(_beginning(word, known.surface))]
    if not ends:
        return None
    whole = replace(
        meaning,
        tokens=frozenset(token for end in ends for token in end.tokens),
        narrower=frozenset(token for end in ends for token in end.narrower),
        topics=frozenset(topic for end in ends for topic in end.topics),
        weak=False,
    )
    return whole if _has(engine, [whole]) else None


def _beginning(word: str, known: Iterable[str]) -> list[str]:
    return [one for one in known if one.startswith(word)]


def _corrected(engine: Engine, meaning: Meaning) -> Meaning | None:
    """What was meant by a word that no listing has."""
    if meaning.known or engine.vocabulary.is_real(meaning.typed):
        return None
    for meant in _meant(engine, meaning.typed):
        right = of_word(meant, engine.vocabulary)
        if not right.weak and _has(engine, [right]):
            return replace(right, last=False, weak=False)
    return None


def _meant(engine: Engine, word: str) -> Iterator[str]:
    """The words that it may have been meant to be, the likeliest first."""
    known = engine.recall("likely words", lambda: _likely_words(engine))
    meant = engine.recall(("meant", word), lambda: correct(word, known))
    if meant is not None:
        yield meant
        left = dict(known)
        del left[meant]
        while (meant := correct(word, left)) is not None:
            yield meant
            del left[meant]


def _likely_words(engine: Engine) -> dict[str, int]:
    """How likely each word is meant: what schools call things is likelier than a listing’s own."""
    known = dict.fromkeys(engine.vocabulary.surface, 1000)
    for word, count in engine.words_known().items():
        known[word] = known.get(word, 0) + count
    return known


def _halves(engine: Engine, meaning: Meaning) -> list[Meaning]:
    """The two words that were typed as one: “artroom”."""
    word = meaning.typed
    if meaning.known or engine.vocabulary.is_real(word):
        return []
    known = engine.vocabulary.surface | engine.words_known().keys()
    for cut in range(len(word) - SHORTEST_HALF, SHORTEST_HALF - 1, -1):
        if {word[:cut], word[cut:]} <= known:
            halves = [of_word(half, engine.vocabulary) for half in (word[:cut], word[cut:])]
            if all(_has(engine, [half]) for half in halves):
                return halves
    return []


def _widened(engine: Engine, meaning: Meaning) -> Meaning | None:
    """The broader thing, or the words of the phrase, for a thing that no listing has."""
    for tokens in (meaning.broader, meaning.parts):
        wider = replace(
            meaning,
            tokens=tokens,
            narrower=frozenset(),
            broader=frozenset(),
            parts=frozenset(),
        )
        if tokens and _has(engine, [wider]):
            return wider
    return None
