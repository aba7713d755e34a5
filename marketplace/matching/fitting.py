"""Which listings fit one of our own, by the index, and why, by the database."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, replace

import sqlalchemy as sa
from flask import current_app
from sqlalchemy.orm import Session
from tantivy import Occur, Query

from marketplace.accounts.actor import Actor
from marketplace.audiences.queries import visible_to
from marketplace.conversations.models import Enquiry
from marketplace.credits.room import BANDS, band_of
from marketplace.listings.details import NOTHING_SHOWN, read_details
from marketplace.listings.models import (
    Kind,
    Listing,
    ListingPhase,
    ListingStatus,
    ListingTopic,
    Mode,
)
from marketplace.listings.topics import PHASES
from marketplace.schools.models import School
from marketplace.schools.positions import metres_between, position_of
from marketplace.search.balance import ABOUT_EQUAL
from marketplace.search.engine import Engine
from marketplace.search.filters import Filters
from marketplace.search.index.asking import box, silent, together
from marketplace.search.index.fields import schema
from marketplace.search.index.folder import BROKEN
from marketplace.search.index.reading import reader_of
from marketplace.search.queries import engine_for
from marketplace.settings import current_policy
from marketplace.term_clock.queries import may_be_asked
from marketplace.web.formats import METRES_PER_MILE

MILES = 30
"""How far away help in person may be; help online may be anywhere."""
FARTHER = (60, 120)
"""How far, in miles, one may look instead where nothing fits; and then everywhere."""
EVERYWHERE = 0
WHOLE_SCHOOL = "whole-school"
MOST_LOOKED_AT = 100
"""How many of the best, and of the nearest, are compared."""
MOST_SHOWN = 20
AT_THE_SAME_TIME = 0.5
"""What it speaks for a listing that both name a weekday, or a half-term."""


@dataclass(frozen=True, slots=True)
class Fit:
    """A listing of another school that fits one of ours, and what speaks for it."""

    listing_id: int
    title: str
    kind: str
    mode: str
    minutes: int
    school_urn: int
    school_name: str
    topics: tuple[str, ...]
    """The topics that both have."""
    phases: tuple[str, ...]
    """The phases that both have; none where just one of them is for the whole school."""
    metres: float | None
    same_trust: bool
    same_authority: bool
    needs_ours: bool
    """Whether the school also looks for, or offers, what we give or need elsewhere."""
    enquiry_id: int | None
    """Our conversation about it, if there is one."""
    weekdays: tuple[int, ...] = ()
    """The weekdays that both name, from 0 (Monday) to 4."""
    half_terms: tuple[str, ...] = ()
    """The half-terms that both name."""
    band: int = 0
    """How much room a school that gives help has to earn; for the order only, never shown."""
    has_room: bool = False
    """Whether it stands before one that fits about equally because of that."""

    @property
    def weight(self) -> float:
        """How much speaks for it; the more, the earlier it stands."""
        near = 0.0 if self.metres is None else 2 / (1 + self.metres / METRES_PER_MILE / 10)
        good = 3 * len(self.topics) + min(len(self.phases), 3) + near + 2 * self.needs_ours
        same_time = AT_THE_SAME_TIME * (bool(self.weekdays) + bool(self.half_terms))
        return good + self.same_trust + same_time


def count_fits(session: Session, actor: Actor, listing: Listing) -> int | None:
    """Return how many listings fit ``listing`` (with topics and phases); None without an index."""
    try:
        engine = engine_for(session, actor)
        return engine.count(_query(listing, actor), _kind(listing))
    except BROKEN:
        reader_of(current_app).close()
        return None


def count_farther(session: Session, actor: Actor, listing: Listing) -> list[tuple[int, int]]:
    """Return how many fit within greater distances, in miles, wherever it is more than before.

    The last distance may be ``EVERYWHERE``. It is for a listing that nothing nearer fits.
    """
    found: list[tuple[int, int]] = []
    if actor.position is None:
        return found
    try:
        engine = engine_for(session, actor)
        for within in (*FARTHER, EVERYWHERE):
            count = engine.count(_query(listing, actor, within), _kind(listing))
            if count > (found[-1][1] if found else 0):
                found.append((within, count))
    except BROKEN:
        reader_of(current_app).close()
    return found


def find_fits(
    session: Session, actor: Actor, listing: Listing, within: int = MILES
) -> list[Fit] | None:
    """Return what fits ``listing`` best, what speaks most for it first; None without an index.

    A listing fits that is about one of its topics, for one of its phases or for the whole school,
    and within so many miles (``EVERYWHERE`` for any distance) or online. What is shown is read
    from the database, under the rule of audiences.
    """
    try:
        engine = engine_for(session, actor)
        numbers = _candidates(engine, actor, listing, within)
    except BROKEN:
        reader_of(current_app).close()
        return None
    return in_order(_read(session, actor, listing, numbers))[:MOST_SHOWN]


def in_order(fits: list[Fit]) -> list[Fit]:
    """Return fits in their order; those that room has moved up say so, as in a search."""

    def without_room(fit: Fit) -> tuple[float, int]:
        return -fit.weight, -fit.listing_id

    def with_room(fit: Fit) -> tuple[float, int]:
        return -fit.weight * (1 + ABOUT_EQUAL * fit.band / BANDS), -fit.listing_id

    before = {fit.listing_id: place for place, fit in enumerate(sorted(fits, key=without_room))}
    return [
        replace(fit, has_room=place < before[fit.listing_id])
        for place, fit in enumerate(sorted(fits, key=with_room))
    ]


def _candidates(engine: Engine, actor: Actor, listing: Listing, within: int) -> set[int]:
    query, filters = _query(listing, actor, within), _kind(listing)
    hits = engine.best(query, filters)[:MOST_LOOKED_AT]
    if actor.position is not None:
        hits += engine.nearest(query, filters, actor.position, MOST_LOOKED_AT)
    return {hit.id for hit in hits}


def _query(listing: Listing, actor: Actor, within: int = MILES) -> Query:
    """What fits the listing: the more topics both have, the better."""
    topics = [
        (Occur.Should, Query.const_score_query(_any("topics", [topic.topic]), 1.0))
        for topic in listing.topics
    ]
    own = Query.term_set_query(schema(), "urn", [actor.school()])
    parts = [
        (Occur.Must, together(topics)),
        (
            Occur.Must,
            silent(_any("phases", fitting_phases(phase.phase for phase in listing.phases))),
        ),
        (Occur.MustNot, own),
    ]
    if actor.position is not None and within != EVERYWHERE:
        near = together(box(actor.position, math.ceil(within * METRES_PER_MILE)))
        online = silent(_any("mode", [Mode.ONLINE.value]))
        parts.append((Occur.Must, together([(Occur.Should, near), (Occur.Should, online)])))
    return together(parts)


def _kind(listing: Listing) -> Filters:
    """What is of the other kind, but for offers of schools that said not now."""
    return Filters({"kind": (opposite(listing.kind),)}, may_be_asked=True)


def fitting_phases(phases: Iterable[str]) -> list[str]:
    """Return the phases that fit these: what is for the whole school is for each of them."""
    ours = set(phases)
    return list(PHASES) if WHOLE_SCHOOL in ours else sorted(ours | {WHOLE_SCHOOL})


def opposite(kind: str) -> str:
    """Return what answers a listing of this kind."""
    return (Kind.REQUEST if kind == Kind.OFFER else Kind.OFFER).value


def _any(name: str, values: list[str]) -> Query:
    return Query.term_set_query(schema(), name, values)


def _read(session: Session, actor: Actor, listing: Listing, numbers: set[int]) -> list[Fit]:
    """What the database shows of these, with what speaks for each; five statements."""
    our_topics = {topic.topic for topic in listing.topics}
    our_phases = {phase.phase for phase in listing.phases}
    rows = session.execute(
        sa.select(
            Listing.id,
            Listing.title,
            Listing.kind,
            Listing.mode,
            Listing.minutes,
            School,
            band_of(Listing.school_urn, current_policy()),
            Enquiry.id,
        )
        .join(School, School.urn == Listing.school_urn)
        .outerjoin(
            Enquiry, sa.and_(Enquiry.listing_id == Listing.id, Enquiry.asking_urn == actor.urn)
        )
        .where(
            Listing.id.in_(numbers),
            Listing.status == ListingStatus.OPEN,
            Listing.school_urn != actor.urn,
            School.paused_at.is_(None),
            sa.or_(Listing.kind != Kind.OFFER, may_be_asked(Listing.school_urn)),
            visible_to(actor, Listing),
        )
    ).all()
    topics = _values(session, ListingTopic.listing_id, ListingTopic.topic, numbers)
    phases = _values(session, ListingPhase.listing_id, ListingPhase.phase, numbers)
    details = read_details(session, {listing.id, *numbers})
    ours = details.get(listing.id, NOTHING_SHOWN).details
    mutual = _mutual(session, actor, listing, {row[5].urn for row in rows})
    fits = []
    for number, title, kind, mode, minutes, school, band, enquiry_id in rows:
        both = tuple(sorted(our_topics & topics.get(number, set())))
        their_phases = phases.get(number, set())
        for_both = tuple(sorted(our_phases & their_phases))
        if not both or their_phases.isdisjoint(fitting_phases(our_phases)):
            continue  # it has been changed since the index was written
        theirs = details.get(number, NOTHING_SHOWN).details
        fits.append(
            Fit(
                listing_id=number,
                title=title,
                kind=kind,
                mode=mode,
                minutes=minutes,
                school_urn=school.urn,
                school_name=school.name,
                topics=both,
                phases=for_both,
                metres=metres_between(actor.position, position_of(school)),
                same_trust=actor.trust_id is not None and school.trust_id == actor.trust_id,
                same_authority=school.local_authority_code == actor.local_authority_code,
                needs_ours=school.urn in mutual,
                enquiry_id=enquiry_id,
                weekdays=tuple(day for day in ours.weekdays if day in theirs.weekdays),
                half_terms=tuple(key for key in ours.half_terms if key in theirs.half_terms),
                band=(band or 0) if kind == Kind.OFFER else 0,
            )
        )
    return fits


def _mutual(session: Session, actor: Actor, listing: Listing, urns: set[int]) -> set[int]:
    """The schools with an open listing of the same kind as ours that another one of ours answers.

    A school that offers what we need, and needs what we offer, is likelier to agree.
    """
    ours = (
        sa.select(ListingTopic.topic)
        .join(Listing, Listing.id == ListingTopic.listing_id)
        .where(
            Listing.school_urn == actor.urn,
            Listing.status == ListingStatus.OPEN,
            Listing.kind == opposite(listing.kind),
        )
    )
    return set(
        session.scalars(
            sa.select(Listing.school_urn)
            .join(School, School.urn == Listing.school_urn)
            .join(ListingTopic, ListingTopic.listing_id == Listing.id)
            .where(
                Listing.school_urn.in_(urns),
                Listing.status == ListingStatus.OPEN,
                Listing.kind == listing.kind,
                ListingTopic.topic.in_(ours),
                visible_to(actor, Listing),
            )
            .distinct()
        )
    )


def _values(
    session: Session,
    listing_id: sa.orm.InstrumentedAttribute[int],
    value: sa.orm.InstrumentedAttribute[str],
    numbers: set[int],
) -> dict[int, set[str]]:
    values: dict[int, set[str]] = {}
    for number, one in session.execute(sa.select(listing_id, value).where(listing_id.in_(numbers))):
        values.setdefault(number, set()).add(one)
    return values
