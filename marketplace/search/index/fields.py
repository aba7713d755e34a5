"""The fields of the index, and who may see a listing as values of one of them."""

from __future__ import annotations

import zlib
from functools import cache

import tantivy

from marketplace.accounts.actor import Actor
from marketplace.listings.models import Audience
from marketplace.search.words.vocabulary import FILE

LAYOUT = 2
"""Raised whenever the fields change, or how words become tokens."""

FACETS = (
    *("kind", "topics", "groups", "phases", "mode"),
    *("region", "school_phase", "size", "setting", "authority"),
)
"""The fields whose values are counted."""
FACTS = (*FACETS, "trust", "seen_by")
"""The fields that are matched whole."""
TEXTS = ("title", "topic_words", "body", "names", "surface")
"""The fields of words."""
NETWORK = "network"


@cache
def version() -> int:
    """Return what the documents depend on, as one number: the layout and the vocabulary.

    An index of another version is built anew.
    """
    return zlib.crc32(repr((LAYOUT, FILE.read_bytes())).encode())


@cache
def schema() -> tantivy.Schema:
    """Return the engine's schema."""
    builder = tantivy.SchemaBuilder()
    for number in ("id", "urn", "stamp", "updated"):
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


def seen_by(
    audience: str, urn: int, trust_id: int | None, authority: str, region: str | None
) -> list[str]:
    """Return who may see a listing of this audience, as ``seers`` names them."""
    seers = [f"school:{urn}"]
    if audience != Audience.SCHOOL:
        seers.append(NETWORK)
    if audience == Audience.NATIONAL:
        seers.append("all")
    elif audience == Audience.REGION and region is not None:
        seers.append(f"region:{region}")
    elif audience == Audience.LOCAL_AUTHORITY:
        seers.append(f"authority:{authority}")
    elif audience == Audience.TRUST and trust_id is not None:
        seers.append(f"trust:{trust_id}")
    return seers


def seers(actor: Actor) -> list[str]:
    """Return what the actor is to listings: one of these must be among those who may see it."""
    if actor.urn is None:
        return [NETWORK]
    found = ["all", f"school:{actor.urn}"]
    if actor.region is not None:
        found.append(f"region:{actor.region}")
    if actor.local_authority_code is not None:
        found.append(f"authority:{actor.local_authority_code}")
    if actor.trust_id is not None:
        found.append(f"trust:{actor.trust_id}")
    return found
