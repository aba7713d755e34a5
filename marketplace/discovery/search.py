"""Finding listings: by words, topic, phase, region, distance; the same on both databases."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import InstrumentedAttribute, Session

from marketplace.discovery.words import Group, groups
from marketplace.listings.models import (
    Listing,
    ListingPhase,
    ListingStatus,
    ListingTerm,
    ListingTopic,
)
from marketplace.listings.service import visible_to
from marketplace.people.viewer import Acting
from marketplace.schools.models import LocalAuthority, School
from marketplace.web.formats import METRES_PER_MILE

PAGE = 20
COUNT_AT_MOST = 1000


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is searched for; an empty value does not narrow. ``place`` is (easting, northing).

    ``circle`` is "trust" or "authority": only schools that share it with the one acted for.
    ``school``, ``size`` and ``setting`` are values of the register's facts.

    ``sort`` is "best", "nearest" or "newest"; what cannot be done falls back to newest.
    """

    words: str = ""
    kind: str = ""
    topic: str = ""
    phase: str = ""
    region: str = ""
    circle: str = ""
    school: str = ""
    size: str = ""
    setting: str = ""
    mode: str = ""
    place: tuple[int, int] | None = None
    within_miles: int | None = None
    sort: str = "best"


@dataclass(frozen=True, slots=True)
class Found:
    """One listing as a result shows it; ``metres`` from the place, if both are known."""

    id: int
    kind: str
    title: str
    description: str
    mode: str
    minutes: int
    audience: str
    school_urn: int
    school_name: str
    town: str | None
    local_authority: str
    metres: float | None
    topics: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Results:
    """A page of results; ``next`` is the cursor of the next page.

    ``count`` is known on the first page only, and never counts beyond ``COUNT_AT_MOST`` + 1.
    """

    found: list[Found]
    next: str | None
    count: int | None


def search(session: Session, acting: Acting, wanted: Wanted, *, after: str = "") -> Results:
    """The open listings ``acting`` may see that fit ``wanted``.

    Every word must be met, by itself or a synonym, in the title, the topics or the text.
    ``after`` is the cursor of an earlier page; one that cannot be read begins at the start.
    """
    asked = groups(wanted.words)
    if wanted.words.strip() and not asked:
        return Results([], None, 0)
    inner = _matching(acting, wanted, asked)
    count = None
    cursor = _read_cursor(after)
    if cursor is None:
        limited = inner.limit(COUNT_AT_MOST + 1).subquery()
        count = session.scalar(sa.select(sa.func.count()).select_from(limited)) or 0
    hits = inner.subquery("hits")
    rank, downwards = _rank(wanted, asked, hits)
    page = sa.select(hits.c.id, rank.label("rank"), hits.c.square_metres)
    if cursor is not None:
        last_rank, last_id = sa.literal(cursor[0], sa.BigInteger), cursor[1]
        further = rank < last_rank if downwards else rank > last_rank
        page = page.where(sa.or_(further, sa.and_(rank == last_rank, hits.c.id < last_id)))
    page = page.order_by(rank.desc() if downwards else rank.asc(), hits.c.id.desc())
    rows = session.execute(page.limit(PAGE + 1)).all()
    more = rows[PAGE - 1] if len(rows) > PAGE else None
    return Results(
        found=_details(session, {row.id: row.square_metres for row in rows[:PAGE]}),
        next=f"{more.rank}.{more.id}" if more else None,
        count=count,
    )


def latest(session: Session, limit: int, *conditions: sa.ColumnElement[bool]) -> list[Found]:
    """The newest open listings that fit ``conditions`` (which may name ``School``)."""
    ids = session.scalars(
        sa.select(Listing.id)
        .join(Listing.school)
        .where(Listing.status == ListingStatus.OPEN, *conditions)
        .order_by(Listing.id.desc())
        .limit(limit)
    ).all()
    return _details(session, dict.fromkeys(ids))


def _matching(acting: Acting, wanted: Wanted, asked: list[Group]) -> sa.Select[Any]:
    """Every hit with its score and squared distance."""
    score: sa.ColumnElement[int] = sa.literal(0)
    source = sa.join(Listing, School, School.urn == Listing.school_urn)
    for number, group in enumerate(asked):
        met = _met(group).subquery(f"met_{number}")
        source = source.join(met, met.c.listing_id == Listing.id)
        score = score + met.c.weight
    square = _square_metres(wanted.place)
    query = (
        sa.select(Listing.id, score.label("score"), square.label("square_metres"))
        .select_from(source)
        .where(Listing.status == ListingStatus.OPEN, visible_to(acting))
    )
    if wanted.kind:
        query = query.where(Listing.kind == wanted.kind)
    if wanted.mode:
        query = query.where(Listing.mode == wanted.mode)
    if wanted.region:
        query = query.where(School.region == wanted.region)
    for fact, value in (
        (School.phase, wanted.school),
        (School.size_band, wanted.size),
        (School.setting, wanted.setting),
    ):
        if value:
            query = query.where(fact == value)
    if wanted.circle == "trust":
        query = query.where(_same(School.trust_id, acting.trust_id))
    elif wanted.circle == "authority":
        query = query.where(_same(School.local_authority_code, acting.local_authority_code))
    if wanted.topic:
        query = query.where(
            sa.exists().where(
                ListingTopic.listing_id == Listing.id, ListingTopic.topic == wanted.topic
            )
        )
    if wanted.phase:
        query = query.where(
            sa.exists().where(
                ListingPhase.listing_id == Listing.id, ListingPhase.phase == wanted.phase
            )
        )
    if wanted.place is not None and wanted.within_miles is not None:
        reach = math.ceil(wanted.within_miles * METRES_PER_MILE)
        east, north = wanted.place
        query = query.where(
            School.easting.between(east - reach, east + reach),
            School.northing.between(north - reach, north + reach),
            square <= reach * reach,
        )
    return query


def _same(fact: InstrumentedAttribute[Any], ours: object) -> sa.ColumnElement[bool]:
    """Whether another school shares ``fact`` with ours; a school without it shares it with none."""
    return sa.false() if ours is None else fact == ours


def _met(group: Group) -> sa.Select[Any]:
    """The listings that have any phrase of ``group``, with the best weight."""
    parts = []
    for phrase in sorted(group):
        wanted = sorted(set(phrase))
        parts.append(
            sa.select(ListingTerm.listing_id, sa.func.max(ListingTerm.weight).label("weight"))
            .where(ListingTerm.term.in_(wanted))
            .group_by(ListingTerm.listing_id)
            .having(sa.func.count() == len(wanted))
        )
    either = sa.union_all(*parts).subquery()
    return sa.select(either.c.listing_id, sa.func.max(either.c.weight).label("weight")).group_by(
        either.c.listing_id
    )


def _square_metres(place: tuple[int, int] | None) -> sa.ColumnElement[Any]:
    """Pythagoras on the National Grid: true to a part in a thousand within England."""
    if place is None:
        return sa.cast(sa.null(), sa.BigInteger)
    east = sa.cast(School.easting, sa.BigInteger) - place[0]
    north = sa.cast(School.northing, sa.BigInteger) - place[1]
    return east * east + north * north


def _rank(
    wanted: Wanted, asked: list[Group], hits: sa.Subquery
) -> tuple[sa.ColumnElement[Any], bool]:
    """What the results are ordered by, and whether the highest comes first."""
    if wanted.sort == "nearest" and wanted.place is not None:
        # Schools without a position come last, not never.
        return sa.func.coalesce(hits.c.square_metres, 2**62), False
    if wanted.sort == "best" and asked:
        return hits.c.score, True
    return sa.cast(sa.literal(0), sa.BigInteger), True


def _read_cursor(text: str) -> tuple[int, int] | None:
    rank, _, last_id = text.partition(".")
    if not (rank.isascii() and rank.isdecimal() and last_id.isascii() and last_id.isdecimal()):
        return None
    if len(rank) > 19 or int(rank) >= 2**63 or len(last_id) > 9:
        return None
    return int(rank), int(last_id)


def _details(session: Session, square_metres: dict[int, int | None]) -> list[Found]:
    if not square_metres:
        return []
    rows = session.execute(
        sa.select(Listing, School, LocalAuthority.name)
        .join(School, School.urn == Listing.school_urn)
        .join(LocalAuthority, LocalAuthority.code == School.local_authority_code)
        .where(Listing.id.in_(square_metres))
    ).all()
    topics: dict[int, list[str]] = {}
    for listing_id, topic in session.execute(
        sa.select(ListingTopic.listing_id, ListingTopic.topic)
        .where(ListingTopic.listing_id.in_(square_metres))
        .order_by(ListingTopic.topic)
    ):
        topics.setdefault(listing_id, []).append(topic)
    by_id = {}
    for listing, school, authority in rows:
        square = square_metres[listing.id]
        by_id[listing.id] = Found(
            id=listing.id,
            kind=listing.kind,
            title=listing.title,
            description=listing.description,
            mode=listing.mode,
            minutes=listing.minutes,
            audience=listing.audience,
            school_urn=school.urn,
            school_name=school.name,
            town=school.town,
            local_authority=authority,
            metres=math.sqrt(square) if square is not None else None,
            topics=tuple(topics.get(listing.id, ())),
        )
    return [by_id[listing_id] for listing_id in square_metres]
