"""What a school has just posted, before the worker has brought it into the index."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any

import sqlalchemy as sa
import tantivy
from sqlalchemy.orm import Session

from marketplace import clock
from marketplace.accounts.actor import Actor
from marketplace.audiences.models import GroupMember, MemberState
from marketplace.database import UtcDateTime
from marketplace.listings.models import Listing
from marketplace.search.index.documents import document, is_indexed, microseconds, read_facts
from marketplace.search.index.fields import schema
from marketplace.search.index.writing import HEAP
from marketplace.search.words.vocabulary import Vocabulary

FRESH_FOR = timedelta(hours=1)
MOST_FRESH = 50


@dataclass(frozen=True, slots=True)
class Changed:
    """What a school has posted, changed or withdrawn lately, and the groups that it is in."""

    listings: dict[int, datetime]
    """When each was changed."""
    to_be_indexed: frozenset[int]
    group_ids: frozenset[int]


def read_changed(session: Session, actor: Actor) -> Changed:
    """Return what the school of the actor has just changed, and its groups, in one statement."""
    if actor.urn is None:
        return Changed({}, frozenset(), frozenset())
    since = clock.now() - FRESH_FOR
    asked = {"urn": actor.urn, "since": since, "most": MOST_FRESH}
    rows = session.execute(_changed(), asked).all()
    listings = [row for row in rows if row.updated_at is not None]
    return Changed(
        {row.number: row.updated_at for row in listings},
        frozenset(row.number for row in listings if row.is_indexed),
        frozenset(row.number for row in rows if row.updated_at is None),
    )


@cache
def _changed() -> sa.CompoundSelect[Any]:
    """The listings of the school ``urn`` changed after ``since``, so many; groups have no time."""
    urn: Any = sa.bindparam("urn", type_=sa.Integer)
    since: Any = sa.bindparam("since", type_=UtcDateTime())
    listings = (
        sa.select(Listing.id.label("number"), Listing.updated_at, is_indexed().label("is_indexed"))
        .where(Listing.school_urn == urn, Listing.updated_at > since)
        .order_by(Listing.updated_at.desc())
        .limit(sa.bindparam("most", type_=sa.Integer))
        .subquery()
    )
    groups = sa.select(
        GroupMember.group_id, sa.cast(sa.null(), UtcDateTime()), sa.cast(sa.null(), sa.Boolean)
    ).where(GroupMember.school_urn == urn, GroupMember.state == MemberState.MEMBER)
    return sa.union_all(sa.select(listings), groups)


def fresh_listings(
    session: Session, changed_lately: Changed, searcher: tantivy.Searcher, known: Vocabulary
) -> tuple[tantivy.Searcher | None, list[int]]:
    """Return an index in memory of a school's own listings that are not in the index as they are.

    It is written in the words of ``known``. With it come their numbers, and those of their
    withdrawn ones. It is for who has posted or changed a listing and looks for it at once; later,
    the worker has done it.
    """
    changed, to_be_indexed = changed_lately.listings, changed_lately.to_be_indexed
    if not changed:
        return None, []
    query = tantivy.Query.term_set_query(schema(), "id", list(changed))
    hits = [address for _score, address in searcher.search(query, limit=MOST_FRESH).hits]
    numbers, instants = (searcher.fast_field_values(name, hits) for name in ("id", "updated"))
    indexed = dict(zip(numbers, instants, strict=True))
    stale = [
        number
        for number, updated_at in changed.items()
        if indexed.get(number) != microseconds(updated_at)
        and (number in indexed or number in to_be_indexed)
    ]
    if not stale:
        return None, []
    facts = read_facts(session, stale)
    if not facts:
        return None, stale
    index = tantivy.Index(schema())
    writer = index.writer(heap_size=HEAP, num_threads=1)
    for one in facts.values():
        writer.add_document(document(one, known))
    writer.commit()
    writer.wait_merging_threads()
    index.reload()
    return index.searcher(), stale
