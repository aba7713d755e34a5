"""Which new listings fit a saved search: each asks an index in memory of what is new."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import sqlalchemy as sa
import tantivy
from sqlalchemy.orm import Session
from tantivy import Occur, Query

from marketplace.accounts.actor import Actor
from marketplace.audiences.audience import Audience, Belonging, may_see
from marketplace.listings.models import Listing
from marketplace.saved_searches.criteria import SavedCriteria
from marketplace.saved_searches.queries import groups_by_school
from marketplace.schools.models import School
from marketplace.search.engine import Engine, Filters, all_of
from marketplace.search.index.asking import silent, together
from marketplace.search.index.documents import BATCH, document, is_indexed, read_facts
from marketplace.search.index.fields import schema
from marketplace.search.queries import INDEX_FIELDS
from marketplace.search.words.asked import meanings
from marketplace.web.formats import METRES_PER_MILE

MOST_NEW = 20_000
"""How many new listings are looked at together, the newest; a week has fewer."""
MOST_TOLD = 20
"""How many listings one alert tells of; more are told by the next one."""
HEAP = 15_000_000


@dataclass(frozen=True, slots=True)
class _New:
    """A new listing: whose it is, and who may see it."""

    owner: Belonging
    audience: Audience


class NewListings:
    """The open listings after a number, as the database has them now.

    Searches are held against a small index of them, in the way that the page searches, and what
    it proposes is checked by the rule of audiences in plain Python.
    """

    def __init__(self, session: Session, after: int) -> None:
        ids = session.scalars(
            sa.select(Listing.id)
            .where(Listing.id > after, is_indexed())
            .order_by(Listing.id.desc())
            .limit(MOST_NEW)
        ).all()
        self._new: dict[int, _New] = {}
        index = tantivy.Index(schema())
        writer = index.writer(heap_size=HEAP, num_threads=1)
        for start in range(0, len(ids), BATCH):
            part = ids[start : start + BATCH]
            self._read(session, part)
            for facts in read_facts(session, part).values():
                writer.add_document(document(facts))
        writer.commit()
        writer.wait_merging_threads()
        index.reload()
        self._searcher = index.searcher()
        self._positions = {one.owner.urn: one.owner.position for one in self._new.values()}

    def __len__(self) -> int:
        return len(self._new)

    def fitting(
        self, criteria: SavedCriteria, actor: Actor, viewer: Belonging, after: int
    ) -> list[int]:
        """Return the listings after the number ``after`` that fit and that ``viewer`` may see.

        They are the oldest ``MOST_TOLD``, none of them the viewer’s own. All words must be there:
        what the search page adds where few listings have them is no news.
        """
        later = Query.range_query(
            schema(), "id", tantivy.FieldType.Unsigned, after, 2**62, include_lower=False
        )
        words = together([(Occur.Must, _query_of(criteria.words)), (Occur.Must, silent(later))])
        engine = Engine(self._searcher, actor, group_ids=viewer.group_ids)
        hits = engine.newest(words, self._filters(criteria, viewer), None, MOST_NEW)
        return sorted(
            hit.id
            for hit in hits
            if (new := self._new.get(hit.id)) is not None
            and new.owner.urn != viewer.urn
            and may_see(viewer, new.owner, new.audience)
        )[:MOST_TOLD]

    def _read(self, session: Session, ids: Iterable[int]) -> None:
        rows = session.execute(
            sa.select(Listing, School)
            .join(School, School.urn == Listing.school_urn)
            .where(Listing.id.in_(list(ids)))
        ).all()
        groups = groups_by_school(session, {school.urn for _listing, school in rows})
        for listing, school in rows:
            owner = Belonging.of_school(school, groups.get(school.urn, frozenset()))
            self._new[listing.id] = _New(owner, listing.seen_by)

    def _filters(self, criteria: SavedCriteria, viewer: Belonging) -> Filters:
        values: dict[str, Sequence[str]] = {"kind": (criteria.kind,)}
        for name, chosen in criteria.values.items():
            values[INDEX_FIELDS[name]] = chosen
        own: Mapping[str, object] = {
            "trust": viewer.trust_id,
            "authority": viewer.local_authority_code,
        }
        if criteria.circle:
            shared = own[criteria.circle]
            values[criteria.circle] = (str(shared),) if shared is not None else ()
        return Filters(values, self._schools_within(criteria, viewer))

    def _schools_within(self, criteria: SavedCriteria, viewer: Belonging) -> list[int] | None:
        position = criteria.position or viewer.position
        if criteria.within_miles is None or position is None:
            return None
        square = (criteria.within_miles * METRES_PER_MILE) ** 2
        return [
            urn
            for urn, place in self._positions.items()
            if place is not None
            and (place[0] - position[0]) ** 2 + (place[1] - position[1]) ** 2 <= square
        ]


@lru_cache(maxsize=4096)
def _query_of(words: str) -> Query:
    typed = meanings(f"{words} ")
    return all_of(typed) if typed else Query.all_query()
