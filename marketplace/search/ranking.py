"""How what a person asked for becomes a query: which listings fit, and which of them fit best."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from tantivy import Occur, Query

from marketplace.search.index.asking import together
from marketplace.search.index.fields import schema
from marketplace.search.words.asked import Meaning

TITLE, TOPIC_WORDS, BODY = 1.4, 0.7, 0.6
NARROWER, RELATED, PART = 0.4, 0.25, 0.2
"""What a narrower or a related word, or one of a phrase, counts, of what the thing itself does."""
SAID = 0.5
"""What it counts that a listing says the thing itself, however long its text is."""
SAME_TOPIC, SAME_PHASE, NAME = 2.8, 1.0, 2.0
TIE = 0.7
"""What the ways in which a listing fits one meaning count, beside the best of them."""
WEAK = 0.15
PLAIN = 0.6
"""What a word that the vocabulary does not have counts."""
FOR_WHOM = 1.0
"""What an age or a phase counts, of what the thing itself does."""
WITH_ALL = 100.0
"""More than a listing with some of the words can have."""


def all_of(meanings: Iterable[Meaning]) -> Query:
    """Return the query for listings that have every meaning; weak ones only sort them."""
    parts = [(Occur.Should if one.weak else Occur.Must, _query(one)) for one in meanings]
    return together(parts)


def some_of(meanings: Iterable[Meaning]) -> Query:
    """Return the query for listings that have at least one meaning that is not weak."""
    strong = [(Occur.Should, _query(one)) for one in meanings if not one.weak]
    return together([(Occur.Must, together(strong))]) if strong else Query.empty_query()


def all_then_some_of(meanings: Sequence[Meaning], some: Sequence[Meaning]) -> Query:
    """Return the query for listings with at least one of ``some``; those with all come first."""
    with_all = Query.const_score_query(all_of(meanings), WITH_ALL)
    weak = [(Occur.Should, _query(one)) for one in meanings if one.weak]
    return together([(Occur.Must, some_of(some)), (Occur.Should, with_all), *weak])


def _query(meaning: Meaning) -> Query:
    """A listing fits if it has any of the tokens, the topics, the phases, or the name."""
    parts = [
        *_in_text(meaning.tokens, 1.0),
        *_in_text(meaning.narrower, NARROWER),
        *_in_text(meaning.related, RELATED),
    ]
    for token in sorted(meaning.tokens):
        for name in ("title", "body"):
            parts.append(Query.const_score_query(_term(name, token), SAID))
    for name, slugs, score in (
        ("topics", meaning.topics, SAME_TOPIC),
        ("phases", meaning.phases, SAME_PHASE),
    ):
        for slug in sorted(slugs):
            fits = Query.term_query(schema(), name, slug, index_option="basic")
            parts.append(Query.const_score_query(fits, score))
    if meaning.names:
        named = together([(Occur.Must, _term("names", word)) for word in meaning.names])
        parts.append(Query.const_score_query(named, NAME))
    if meaning.name_ways:
        any_way = Query.term_set_query(schema(), "names", sorted(meaning.name_ways))
        parts.append(Query.const_score_query(any_way, NAME))
    query = Query.disjunction_max_query(parts, tie_breaker=TIE)
    if meaning.parts:
        # The words of a phrase by themselves only sort what says the thing, in whatever words.
        words = [(Occur.Should, one) for one in _in_text(meaning.parts, PART)]
        query = together([(Occur.Must, query), *words])
    return _boosted(query, _importance(meaning))


def _in_text(tokens: Iterable[str], share: float) -> list[Query]:
    return [
        _boosted(_term(name, token), weight * share)
        for token in sorted(tokens)
        for name, weight in (("title", TITLE), ("topic_words", TOPIC_WORDS), ("body", BODY))
    ]


def _importance(meaning: Meaning) -> float:
    if meaning.weak:
        return WEAK
    if not meaning.known:
        return PLAIN
    return FOR_WHOM if meaning.phases and not meaning.topics else 1.0


def _term(name: str, token: str) -> Query:
    return Query.term_query(schema(), name, token, index_option="freq")


def _boosted(query: Query, boost: float) -> Query:
    return Query.boost_query(query, boost)
