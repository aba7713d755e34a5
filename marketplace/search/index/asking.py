"""Parts of queries to the engine."""

from __future__ import annotations

import math
from collections.abc import Sequence

import tantivy
from tantivy import Occur, Query

from marketplace.clock import today
from marketplace.search.index.fields import schema

MOST_TERMS = 60
LATEST = 2**31
"""Later than every day, as an ordinal."""


def any_of(name: str, values: Sequence[str | int]) -> Query:
    """A listing fits if the field has any of the values, none of which counts for the rank."""
    if not values:
        return Query.empty_query()
    if len(values) > MOST_TERMS:
        return silent(Query.term_set_query(schema(), name, list(values)))
    return one_by_one(name, values)


def one_by_one(name: str, values: Sequence[str | int]) -> Query:
    """Return the query as ``any_of`` does, for values that few of the other conditions leave.

    The engine looks through terms only where the other conditions fit, and through sets at once.
    """
    terms = [(Occur.Should, Query.term_query(schema(), name, value)) for value in values]
    return silent(together(terms) if len(terms) > 1 else terms[0][1])


def at_least(name: str, value: int) -> Query:
    """A listing fits if the number in the field is not less; it does not count for the rank."""
    return silent(Query.range_query(schema(), name, tantivy.FieldType.Unsigned, value, None))


def between(name: str, first: int, last: int) -> Query:
    """A listing fits if its place in this direction is between; it does not count for the rank."""
    number = tantivy.FieldType.Integer
    return silent(Query.range_query(schema(), name, number, first, last))


def silent(query: Query) -> Query:
    """The query as a condition, which does not count for the rank."""
    return Query.const_score_query(query, 0.0)


def together(parts: Sequence[tuple[Occur, Query]]) -> Query:
    """The query of several parts, some of which must or must not fit."""
    # The engine finds nothing where every part may be missing and none is there.
    if parts and all(occur is Occur.Should for occur, _part in parts):
        return Query.boolean_query(list(parts), minimum_number_should_match=1)
    return Query.boolean_query(list(parts))


def from_today() -> Query:
    """What can be had on a day that is known and has not passed."""
    days = (today().toordinal(), LATEST)
    return silent(Query.range_query(schema(), "free_on", tantivy.FieldType.Unsigned, *days))


def not_now(searcher: tantivy.Searcher) -> Query | None:
    """The offers of schools that said not now and may not be asked yet; None if there are none.

    They may be asked again from the first day of a half-term, so there are few such days.
    """
    now = today().isoformat()
    days = [day for day, _count in searcher.terms_with_prefix("asked_again", "") if day > now]
    return any_of("asked_again", days) if days else None


def box(position: tuple[int, int], metres: int) -> list[tuple[Occur, Query]]:
    """The conditions that the school is in the square with this middle and half this side."""
    return [
        (Occur.Must, between(name, math.floor(middle - metres), math.ceil(middle + metres)))
        for name, middle in zip(("easting", "northing"), position, strict=True)
    ]
