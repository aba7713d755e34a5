"""From what was typed to a query that finds something: beginnings of words, slips, fewer words."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from tantivy import Query

from marketplace.schools.places import Place
from marketplace.search.engine import Engine, Filters, all_of, all_then_some_of, some_of
from marketplace.search.words.asked import Meaning, meanings, of_word
from marketplace.search.words.correcting import correct
from marketplace.search.words.vocabulary import Vocabulary, vocabulary

SHORTEST_BEGINNING = 3
MOST_ENDINGS = 20
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
) -> Understood:
    """Return a query for what was typed.

    Only where no listing has all the words, whatever the filters, the last one may be the beginning
    of a word, words that nobody has may be places (``place_of`` says where) or slips, and what they
    still are not is left out. ``exactly`` takes no word for a slip.
    """
    found = _understand(engine, text, exactly, place_of)
    return replace(found, vocabulary=engine.vocabulary)


def _understand(
    engine: Engine, text: str, exactly: bool, place_of: Callable[[str], Place | None]
) -> Understood:
    known = engine.vocabulary
    typed = meanings(text, known)
    if not typed:
        return Understood(Query.all_query(), says_nothing=bool(text.strip()))
    everything = Filters()
    if engine.count(all_of(typed), everything):
        return replace(_with_some(engine, typed), typed=tuple(typed), searched=tuple(typed))
    kept, corrected, widened, ignored = [], [], [], []
    near = None
    for meaning in typed:
        if meaning.weak or engine.count(all_of([meaning]), everything):
            kept.append(meaning)
        elif not meaning.known and near is None and (place := place_of(meaning.typed)):
            near = place
        elif ended := _ended(engine, meaning):
            kept.append(ended)
        elif not exactly and (right := _corrected(engine, meaning)):
            kept.append(right)
            corrected.append((meaning.typed, right.typed))
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


def _with_some(engine: Engine, typed: Sequence[Meaning]) -> Understood:
    """The query for listings with all the words, and where these are few, for some of them, too."""
    with_all = all_of(typed)
    if sum(not meaning.weak for meaning in typed) < 2:
        return Understood(with_all)
    count = engine.count(with_all, Filters())
    if count >= FEW:
        return Understood(with_all)
    # The name of a place says where and an age for whom, not what: that alone is no answer.
    what = [one for one in typed if one.weak or _says_what(engine, one)]
    if all(one.weak for one in what):
        what = list(typed)
    query = all_then_some_of(typed, what) if count else some_of(what)
    return Understood(query, with_all=with_all)


def _says_what(engine: Engine, meaning: Meaning) -> bool:
    if meaning.phases and not meaning.topics:
        return False
    return engine.count(all_of([replace(meaning, names=())]), Filters()) > 0


def _ended(engine: Engine, meaning: Meaning) -> Meaning | None:
    """The meanings of the words that begin with a last word that may not be typed to its end."""
    word = meaning.typed
    if not meaning.last or " " in word or len(word) < SHORTEST_BEGINNING:
        return None
    known = engine.vocabulary
    ends = [of_word(end, known) for end in engine.words_beginning(word, MOST_ENDINGS)]
    ends += [of_word(end, known) for end in sorted(known.surface) if end.startswith(word)]
    if not ends:
        return None
    whole = replace(
        meaning,
        tokens=frozenset(token for end in ends for token in end.tokens),
        narrower=frozenset(token for end in ends for token in end.narrower),
        topics=frozenset(topic for end in ends for topic in end.topics),
        weak=False,
    )
    return whole if engine.count(all_of([whole]), Filters()) else None


def _corrected(engine: Engine, meaning: Meaning) -> Meaning | None:
    """What was meant by a word that no listing has."""
    if meaning.known:
        return None
    # What schools call things is likelier to be meant than a word of one listing.
    known = dict.fromkeys(engine.vocabulary.surface, 1000)
    for word, count in engine.words_known().items():
        known[word] = known.get(word, 0) + count
    while (meant := correct(meaning.typed, known)) is not None:
        right = of_word(meant, engine.vocabulary)
        if engine.count(all_of([right]), Filters()):
            return replace(right, last=False, weak=False)
        del known[meant]
    return None


def _widened(engine: Engine, meaning: Meaning) -> Meaning | None:
    """The broader thing, for one that the vocabulary knows and no listing has."""
    if not meaning.broader:
        return None
    wider = replace(meaning, tokens=meaning.broader, narrower=frozenset(), broader=frozenset())
    return wider if engine.count(all_of([wider]), Filters()) else None
