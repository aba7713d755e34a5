"""How what a person asked for becomes a query: which listings fit, and which of them fit best."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from tantivy import Occur, Query

from marketplace.search.index.asking import any_of, together
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
NAMED_PHASE = 50.0
"""What it counts that a listing is for a phase that was named: more than the words do. Whom it is
for its school said; that its text has “year one” in it may mean anything."""
WHOLE_SCHOOL = "whole-school"
"""The phase of what is for every year group."""
WITH_ALL = 200.0
"""More than a listing with some of the words can have."""


def all_of(meanings: Sequence[Meaning]) -> Query:
    """Return the query for listings that have every meaning; weak ones only sort them.

    What is about the rest for the whole school has every phase and year group, too.
    """
    query = _all_of(meanings)
    if named := _named_phases(meanings):
        first = [_any("phases", named), _for_whole_school(meanings)]
        query = together([(Occur.Must, query), (Occur.Should, _one_of(first, NAMED_PHASE))])
    return query


def some_of(meanings: Iterable[Meaning]) -> Query:
    """Return the query for listings that have at least one meaning that is not weak."""
    strong = [(Occur.Should, _query(one)) for one in meanings if not one.weak]
    return together([(Occur.Must, together(strong))]) if strong else Query.empty_query()


def all_then_some_of(meanings: Sequence[Meaning], some: Sequence[Meaning]) -> Query:
    """Return the query for listings with at least one of ``some``; those with all come first."""
    has_all = _all_of(meanings)
    parts = [(Occur.Must, some_of(some))]
    parts.append((Occur.Should, Query.const_score_query(has_all, WITH_ALL)))
    parts += [(Occur.Should, _query(one)) for one in meanings if one.weak]
    if named := _named_phases(meanings):
        # Of those with some of the words, what only mentions the rest is not better for its phase.
        about = _one_of([has_all, _about(meanings)], 0)
        fits = together([(Occur.Must, about), (Occur.Must, _any("phases", named))])
        first = _one_of([fits, _for_whole_school(meanings)], NAMED_PHASE)
        parts.append((Occur.Should, first))
    return together(parts)


def _all_of(meanings: Sequence[Meaning]) -> Query:
    parts = []
    for one in meanings:
        query = _query(one)
        if one.named_phases and not one.weak:
            whole = Query.const_score_query(_for_whole_school(meanings), SAME_PHASE)
            query = Query.disjunction_max_query([query, whole])
        parts.append((Occur.Should if one.weak else Occur.Must, query))
    return together(parts)


def _named_phases(meanings: Iterable[Meaning]) -> set[str]:
    return {slug for one in meanings for slug in one.named_phases if not one.weak}


def _for_whole_school(meanings: Iterable[Meaning]) -> Query:
    """The query for what is for the whole school, and about a topic of what is looked for."""
    whole = (Occur.Must, _any("phases", [WHOLE_SCHOOL]))
    return together([(Occur.Must, _about(meanings)), whole])


def _about(meanings: Iterable[Meaning]) -> Query:
    topics = {slug for one in meanings for slug in one.topics if not one.named_phases}
    return _any("topics", topics)


def _any(name: str, slugs: Iterable[str]) -> Query:
    return any_of(name, sorted(slugs))


def _one_of(queries: Iterable[Query], score: float) -> Query:
    found = together([(Occur.Should, query) for query in queries])
    return Query.const_score_query(found, score)


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
