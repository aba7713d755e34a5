"""Which new listings fit a saved search: each asks an index in memory of what is new."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import sqlalchemy as sa
import tantivy
from sqlalchemy.orm import Session
from tantivy import Query

from marketplace.audiences.audience import Audience, Belonging, may_see
from marketplace.listings.models import Listing
from marketplace.saved_searches.criteria import SavedCriteria
from marketplace.saved_searches.queries import groups_by_school
from marketplace.schools.models import School
from marketplace.search.criteria import Tab
from marketplace.search.index.documents import BATCH, Facts, document, is_indexed, read_facts
from marketplace.search.index.fields import schema
from marketplace.search.own_topics.queries import said_of_words
from marketplace.search.queries import INDEX_FIELDS
from marketplace.search.ranking import all_of
from marketplace.search.words.asked import meanings
from marketplace.search.words.vocabulary import vocabulary_with
from marketplace.web.formats import METRES_PER_MILE

MOST_NEW = 20_000
"""How many new listings are looked at together, the newest; a week has fewer."""
MOST_TOLD = 20
"""How many listings one alert tells of; more are told by the next one."""
HEAP = 15_000_000

_NOTHING: frozenset[int] = frozenset()


class NewListings:
    """The open listings after a number, as the database has them now.

    The words of searches are asked of a small index of them, once for all searches of the same
    words; what else narrows a search are sets of numbers. Who may see what is decided by the rule
    of audiences in plain Python, for each search and each listing.
    """

    def __init__(self, session: Session, after: int) -> None:
        ids = session.scalars(
            sa.select(Listing.id)
            .where(Listing.id > after, is_indexed())
            .order_by(Listing.id.desc())
            .limit(MOST_NEW)
        ).all()
        self._shown: dict[int, tuple[Belonging, Audience, int]] = {}
        self._with_value: dict[tuple[str, str], set[int]] = {}
        self._with_words: dict[str, frozenset[int]] = {}
        self._known = vocabulary_with(said_of_words(session))
        index = tantivy.Index(schema())
        writer = index.writer(heap_size=HEAP, num_threads=1)
        for start in range(0, len(ids), BATCH):
            part = ids[start : start + BATCH]
            self._read(session, part)
            for facts in read_facts(session, part).values():
                writer.add_document(document(facts, self._known))
                for key in _values(facts):
                    self._with_value.setdefault(key, set()).add(facts.id)
        writer.commit()
        writer.wait_merging_threads()
        index.reload()
        self._searcher = index.searcher()

    def __len__(self) -> int:
        return len(self._shown)

    def fitting(
        self, criteria: SavedCriteria, viewer: Belonging, person_id: int, after: int
    ) -> list[int]:
        """Return the listings after the number ``after`` that fit and that ``viewer`` may see.

        They are the oldest ``MOST_TOLD``. None of them is of the viewer’s own school, unless what
        the own school and its trust have is asked for: then none is by the person. All words must
        be there: what the search page adds where few listings have them is no news.
        """
        is_ours = criteria.kind == Tab.OURS
        found: list[int] = []
        for number in sorted(self._narrowed(criteria, viewer)):
            owner, audience, author_id = self._shown[number]
            if (
                number > after
                and (author_id != person_id if is_ours else owner.urn != viewer.urn)
                and _is_near_enough(criteria, viewer, owner)
                and may_see(viewer, owner, audience)
            ):
                found.append(number)
            if len(found) == MOST_TOLD:
                break
        return found

    def _narrowed(self, criteria: SavedCriteria, viewer: Belonging) -> set[int]:
        fitting = set(self._of_words(criteria.words))
        if criteria.kind == Tab.OURS:
            ours = self._any("trust", [str(viewer.trust_id)])
            fitting &= ours | self._any("urn", [str(viewer.urn)])
        else:
            fitting &= self._any("kind", [criteria.kind])
        for name, chosen in criteria.values.items():
            fitting &= self._any(INDEX_FIELDS[name], chosen)
        if criteria.circle == "trust":
            fitting &= self._any("trust", [str(viewer.trust_id)])
        elif criteria.circle == "authority":
            fitting &= self._any("authority", [str(viewer.local_authority_code)])
        return fitting

    def _any(self, name: str, values: Iterable[str]) -> set[int]:
        return set().union(*(self._with_value.get((name, value), _NOTHING) for value in values))

    def _of_words(self, words: str) -> frozenset[int]:
        known = self._with_words.get(words)
        if known is None:
            typed = meanings(f"{words} ", self._known)
            query = all_of(typed) if typed else Query.all_query()
            hits = self._searcher.search(query, limit=max(len(self), 1), count=False).hits
            addresses = [address for _score, address in hits]
            numbers: list[Any] = self._searcher.fast_field_values("id", addresses)
            known = frozenset(numbers)
            self._with_words[words] = known
        return known

    def _read(self, session: Session, ids: Iterable[int]) -> None:
        rows = session.execute(
            sa.select(Listing, School)
            .join(School, School.urn == Listing.school_urn)
            .where(Listing.id.in_(list(ids)))
        ).all()
        groups = groups_by_school(session, {school.urn for _listing, school in rows})
        for listing, school in rows:
            owner = Belonging.of_school(school, groups.get(school.urn, _NOTHING))
            self._shown[listing.id] = (owner, listing.seen_by, listing.author_id)


def _values(facts: Facts) -> Iterator[tuple[str, str]]:
    """What a listing has of each field that narrows a search."""
    yield "kind", facts.kind
    for field in INDEX_FIELDS.values():
        value = getattr(facts, field)
        for one in value if isinstance(value, tuple) else (value,):
            if one is not None:
                yield field, one
    yield "authority", facts.authority
    yield "urn", str(facts.urn)
    if facts.trust_id is not None:
        yield "trust", str(facts.trust_id)


def _is_near_enough(criteria: SavedCriteria, viewer: Belonging, owner: Belonging) -> bool:
    position = criteria.position or viewer.position
    if criteria.within_miles is None or position is None:
        return True
    if owner.position is None:
        return False
    square = (criteria.within_miles * METRES_PER_MILE) ** 2
    east, north = owner.position[0] - position[0], owner.position[1] - position[1]
    return east**2 + north**2 <= square
