"""Listings of the database as documents of the index."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import astuple, dataclass, replace
from datetime import date, datetime
from functools import lru_cache

import sqlalchemy as sa
import tantivy
from sqlalchemy.orm import Session

from marketplace.audiences.audience import Audience, Reach
from marketplace.audiences.models import GroupMember, MemberState
from marketplace.calendar.queries import told_days
from marketplace.clock import today
from marketplace.listings.detail_models import ListingDetails, ListingHalfTerm
from marketplace.listings.free_days import first_free_day
from marketplace.listings.models import Kind, Listing, ListingPhase, ListingStatus, ListingTopic
from marketplace.listings.topics import current_topics, groups_of
from marketplace.schools.models import LocalAuthority, School, Trust
from marketplace.schools.name_words import name_words
from marketplace.schools.traits import Trait
from marketplace.search.index.audiences import Owner, seen_by
from marketplace.search.index.fields import (
    ANY_TIME,
    COSTS,
    COUNTED,
    FACETS,
    NO_VALUE,
    cell_of,
    version,
)
from marketplace.search.words.analysis import STOP_WORDS, words
from marketplace.search.words.vocabulary import Vocabulary, vocabulary
from marketplace.term_clock.queries import ask_again_on

BATCH = 500
SHORTEST_SURFACE = 3


@dataclass(frozen=True, slots=True)
class Facts:
    """What the index has of one listing, out of the database."""

    id: int
    kind: str
    title: str
    description: str
    mode: str
    minutes: int
    topics: tuple[str, ...]
    phases: tuple[str, ...]
    seen_by: tuple[str, ...]
    only: str | None
    miles: int | None
    urn: int
    school: str
    trust_name: str | None
    trust_id: int | None
    authority: str
    authority_name: str
    town: str | None
    region: str | None
    school_phase: str | None
    size: str | None
    setting: str | None
    easting: int | None
    northing: int | None
    updated_at: datetime
    format: str | None = None
    free: tuple[str, ...] = (ANY_TIME,)
    asked_again: str | None = None
    """Of an offer of a school that said not now: the day from which it may be asked again."""
    free_on: int | None = None
    """The first day, as an ordinal, on which it can be had, as known today; it ages."""

    @property
    def cost(self) -> tuple[str, ...]:
        """Which of the amounts that people choose from are enough for it, in minutes."""
        return tuple(str(most) for most in COSTS if self.minutes <= most)

    @property
    def stamp(self) -> int:
        """A number that changes with any of these facts, but not with what only ages."""
        lasting = replace(self, free_on=None)
        return zlib.crc32(repr((version(), astuple(lasting))).encode())


def read_facts(session: Session, listing_ids: Sequence[int]) -> dict[int, Facts]:
    """Return the facts of those of the listings that are open, by number."""
    rows = session.execute(
        sa.select(
            Listing.id,
            Listing.kind,
            Listing.title,
            Listing.description,
            Listing.mode,
            Listing.minutes,
            ListingDetails.format,
            ListingDetails.weekdays,
            ask_again_on(School.urn).label("ask_again_on"),
            Listing.audience,
            Listing.audience_group_id,
            Listing.audience_second_group_id,
            Listing.audience_miles,
            Listing.audience_only,
            _owner_is_in(Listing.audience_group_id).label("in_first"),
            _owner_is_in(Listing.audience_second_group_id).label("in_second"),
            School.urn,
            School.name.label("school"),
            School.trust_id,
            Trust.name.label("trust_name"),
            School.local_authority_code.label("authority"),
            LocalAuthority.name.label("authority_name"),
            School.town,
            School.region,
            School.phase.label("school_phase"),
            School.size_band.label("size"),
            School.setting,
            School.easting,
            School.northing,
            Listing.updated_at,
        )
        .join(School, School.urn == Listing.school_urn)
        .join(LocalAuthority, LocalAuthority.code == School.local_authority_code)
        .outerjoin(ListingDetails, ListingDetails.listing_id == Listing.id)
        .outerjoin(Trust, Trust.id == School.trust_id)
        .where(Listing.id.in_(listing_ids), is_indexed())
    ).all()
    topics = _values(session, ListingTopic.listing_id, ListingTopic.topic, listing_ids)
    phases = _values(session, ListingPhase.listing_id, ListingPhase.phase, listing_ids)
    half_terms = _values(
        session, ListingHalfTerm.listing_id, ListingHalfTerm.half_term, listing_ids
    )
    told = told_days(session, {row.urn: row.authority for row in rows})
    found = {}
    for row in rows:
        facts = dict(row._mapping)
        weekdays, ask_again = facts.pop("weekdays") or 0, facts.pop("ask_again_on")
        asked_again = ask_again if row.kind == Kind.OFFER else None
        free_on = first_free_day(
            told[row.urn],
            tuple(day for day in range(5) if weekdays >> day & 1),
            half_terms.get(row.id, ()),
            max(today(), asked_again or date.min),
        )
        audience = Audience(
            Reach(facts.pop("audience")),
            facts.pop("audience_group_id"),
            facts.pop("audience_miles"),
            Trait(facts.pop("audience_only")),
            second_group_id=facts.pop("audience_second_group_id"),
        )
        in_groups = (
            (audience.group_id, facts.pop("in_first")),
            (audience.second_group_id, facts.pop("in_second")),
        )
        groups = frozenset(number for number, is_in in in_groups if is_in and number is not None)
        owner = Owner(row.urn, row.trust_id, row.authority, row.region, groups)
        found[row.id] = Facts(
            **facts,
            only=str(int(audience.only)) if audience.only else None,
            miles=audience.miles,
            topics=topics.get(row.id, ()),
            phases=phases.get(row.id, ()),
            free=half_terms.get(row.id, (ANY_TIME,)),
            seen_by=tuple(seen_by(audience, owner)),
            asked_again=asked_again.isoformat() if asked_again else None,
            free_on=free_on.toordinal() if free_on else None,
        )
    return found


def open_listings(session: Session) -> Iterator[list[Facts]]:
    """Yield the facts of every open listing, in batches, in the order of their numbers."""
    last = 0
    while listing_ids := session.scalars(
        sa.select(Listing.id)
        .where(Listing.id > last, is_indexed())
        .order_by(Listing.id)
        .limit(BATCH)
    ).all():
        last = listing_ids[-1]
        yield list(read_facts(session, listing_ids).values())


def document(facts: Facts, known: Vocabulary | None = None) -> tantivy.Document:
    """Return the document of one listing, in the words of ``known`` or the product's own."""
    known = known or vocabulary()
    made = tantivy.Document()
    made.add_unsigned("id", facts.id)
    made.add_unsigned("urn", facts.urn)
    made.add_unsigned("stamp", facts.stamp)
    made.add_unsigned("updated", microseconds(facts.updated_at))
    if facts.miles is not None:
        made.add_unsigned("miles", facts.miles)
    if facts.free_on is not None:
        made.add_unsigned("free_on", facts.free_on)
    if facts.easting is not None and facts.northing is not None:
        made.add_integer("easting", facts.easting)
        made.add_integer("northing", facts.northing)
        made.add_integer("to_north_east", facts.easting + facts.northing)
        made.add_integer("to_south_east", facts.easting - facts.northing)
        made.add_unsigned("cell", cell_of(facts.easting, facts.northing))
    whole = {
        "kind": (facts.kind,),
        "topics": facts.topics,
        "groups": groups_of(facts.topics),
        "phases": facts.phases,
        "mode": (facts.mode,),
        "format": (facts.format,),
        "cost": facts.cost,
        "free": facts.free,
        "region": (facts.region,),
        "school_phase": (facts.school_phase,),
        "size": (facts.size,),
        "setting": (facts.setting,),
        "authority": (facts.authority,),
        "trust": (str(facts.trust_id) if facts.trust_id is not None else None,),
        "seen_by": facts.seen_by,
        "only": (facts.only,),
        "asked_again": (facts.asked_again,),
    }
    for name, values in whole.items():
        for value in values:
            if value is not None:
                made.add_text(name, value)
    for name in FACETS:
        for column, counted in _counted(name, [one for one in whole[name] if one is not None]):
            made.add_text(column, counted)
    topic_names = " . ".join(current_topics().name_of(topic) for topic in facts.topics)
    made.add_text("title", _tokens(known, facts.title))
    made.add_text("topic_words", _tokens(known, topic_names))
    made.add_text("body", _tokens(known, facts.description))
    made.add_text("surface", _surface(facts.title, facts.description))
    places = (facts.school, facts.trust_name, facts.town, facts.authority_name)
    made.add_text("names", _names(*(place for place in places if place)))
    return made


def _counted(name: str, values: Sequence[str]) -> Iterator[tuple[str, str]]:
    """What stands in the fields that a facet is counted in; exactly one value in each."""
    columns = COUNTED[name]
    if columns == (name,):
        if not values:
            yield name, NO_VALUE
    elif len(columns) == 1:
        yield columns[0], " ".join(sorted(values)) or NO_VALUE
    else:
        for number, column in enumerate(columns):
            yield column, values[number] if number < len(values) else NO_VALUE


def is_indexed() -> sa.ColumnElement[bool]:
    """Whether a listing is in the index: what is confidential is not, not even for its school.

    The index also knows the words of all listings, for what people mistype.
    """
    return sa.and_(Listing.status == ListingStatus.OPEN, Listing.audience != Reach.CONFIDENTIAL)


def _owner_is_in(
    group_id: sa.orm.InstrumentedAttribute[int | None],
) -> sa.ColumnElement[bool]:
    return sa.exists().where(
        GroupMember.group_id == group_id,
        GroupMember.school_urn == Listing.school_urn,
        GroupMember.state == MemberState.MEMBER,
    )


def microseconds(instant: datetime) -> int:
    """Return an instant as the index has it."""
    return round(instant.timestamp() * 1_000_000)


@lru_cache(maxsize=4096)
def _tokens(known: Vocabulary, text: str) -> str:
    return " ".join(known.tokens(text))


@lru_cache(maxsize=4096)
def _surface(*texts: str) -> str:
    """The words as they are written, for the beginnings of words and for slips."""
    found = {word for text in texts for word in words(text)} - STOP_WORDS
    return " ".join(
        sorted(word for word in found if len(word) >= SHORTEST_SURFACE and not word.isdecimal())
    )


@lru_cache(maxsize=4096)
def _names(*names: str) -> str:
    found: Iterable[str] = (word for name in names for word in name_words(name))
    return " ".join(dict.fromkeys(found))


def _values(
    session: Session,
    listing_id: sa.orm.InstrumentedAttribute[int],
    value: sa.orm.InstrumentedAttribute[str],
    listing_ids: Sequence[int],
) -> dict[int, tuple[str, ...]]:
    values: dict[int, tuple[str, ...]] = {}
    for number, one in session.execute(
        sa.select(listing_id, value).where(listing_id.in_(listing_ids)).order_by(value)
    ):
        values[number] = (*values.get(number, ()), one)
    return values
