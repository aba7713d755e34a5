"""The fields of the index."""

from __future__ import annotations

import zlib
from functools import cache

import tantivy

from marketplace.search.words.vocabulary import FILES

LAYOUT = 5
"""Raised whenever the fields change, or how words become tokens."""

FACETS = (
    *("kind", "topics", "groups", "phases", "mode", "format", "cost", "free"),
    *("region", "school_phase", "size", "setting", "authority"),
)
"""The fields whose values are counted."""
FACTS = (*FACETS, "trust", "seen_by", "only", "asked_again")
"""The fields that are matched whole."""
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


@cache
def schema() -> tantivy.Schema:
    """Return the engine's schema."""
    builder = tantivy.SchemaBuilder()
    for number in ("id", "urn", "stamp", "updated", "miles", "free_on"):
        builder.add_unsigned_field(number, indexed=True, fast=True)
    for number in ("easting", "northing"):
        builder.add_integer_field(number, fast=True)
    for name in FACTS:
        builder.add_text_field(
            name, fast=name in FACETS, tokenizer_name="raw", index_option="basic"
        )
    for name in TEXTS:
        builder.add_text_field(name, tokenizer_name="whitespace", index_option="freq")
    return builder.build()
