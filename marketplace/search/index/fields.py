"""The fields of the index."""

from __future__ import annotations

import zlib
from functools import cache

import tantivy

from marketplace.listings.service import MOST_TOPICS
from marketplace.search.words.vocabulary import FILES

_CELLS_ASIDE = 1_000
"""Keeps numbers of cells west and south of the grid above zero."""
LAYOUT = 6
"""Raised whenever the fields change, or how words become tokens."""

FACETS = (
    *("kind", "topics", "groups", "phases", "mode", "format", "cost", "free"),
    *("region", "school_phase", "size", "setting", "authority"),
)
"""The fields whose values are counted."""
FACTS = (*FACETS, "trust", "seen_by", "only", "asked_again")
"""The fields that are matched whole."""
TOPIC_COLUMNS = tuple(f"topic_{number}" for number in range(1, MOST_TOPICS + 1))
COUNTED = {
    **{name: (name,) for name in FACETS},
    "topics": TOPIC_COLUMNS,
    "groups": ("group_set",),
    "phases": ("phase_set",),
    "free": ("free_set",),
    "cost": ("cost_set",),
}
"""Of each facet, the fields that its values are counted in.

The engine counts a field with just one value in each document many times quicker than one with
none or several. So what has several is counted in fields of its own: topics in one for each, and
what has few combinations as the whole set of values.
"""
COLUMNS = tuple(name for columns in COUNTED.values() for name in columns)
NO_VALUE = "-"
"""What stands in a counted field that has no value."""
CELL_METRES = 5_000
"""The side of a cell of the grid: a listing has the number of that which its school is in."""
TEXTS = ("title", "topic_words", "body", "names", "surface")
"""The fields of words."""
ANY_TIME = "any"
"""In ``free``: of a listing that names no half-term. The others have the keys of theirs."""


COSTS = (60, 120, 180, 360)
"""In ``cost``: each of these amounts, in minutes, that a listing costs at most."""


@cache
def version() -> int:
    """Return what the documents depend on, as one number: the layout and the vocabulary.

    An index of another version is built anew.
    """
    return zlib.crc32(repr((LAYOUT, *(file.read_bytes() for file in FILES))).encode())


def cell_of(easting: int, northing: int) -> int:
    """Return the number of the cell of the grid that a position is in."""
    return cell_number(easting // CELL_METRES, northing // CELL_METRES)


def cell_number(column: int, row: int) -> int:
    """Return the number of the cell in this column, from the west, and row, from the south."""
    return (column + _CELLS_ASIDE) * 10_000 + row + _CELLS_ASIDE


@cache
def schema() -> tantivy.Schema:
    """Return the engine's schema."""
    builder = tantivy.SchemaBuilder()
    for number in ("id", "urn", "stamp", "updated", "miles", "free_on"):
        builder.add_unsigned_field(number, indexed=True, fast=True)
    builder.add_unsigned_field("cell", indexed=True)
    for number in ("easting", "northing", "to_north_east", "to_south_east"):
        builder.add_integer_field(number, fast=True)
    for name in dict.fromkeys((*FACTS, *COLUMNS)):
        builder.add_text_field(
            name, fast=name in COLUMNS, tokenizer_name="raw", index_option="basic"
        )
    for name in TEXTS:
        builder.add_text_field(name, tokenizer_name="whitespace", index_option="freq")
    return builder.build()
