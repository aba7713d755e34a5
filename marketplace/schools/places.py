"""Where a place is that a person names: a postcode, a town, an authority, a region, a school."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from marketplace.schools.facts import Status
from marketplace.schools.finding import find_schools
from marketplace.schools.models import LocalAuthority, School, SchoolWord
from marketplace.schools.name_words import name_words
from marketplace.schools.positions import position_of
from marketplace.schools.postcodes import position_of_postcode
from marketplace.schools.regions import in_the, region_of
from marketplace.web.capitals import proper

LONGEST_PLACE = 100
MOST_WORDS = 6

OURS = frozenset({"our school", "us", "here", "home", "my school", "me", "school"})
OTHER_NAMES: Mapping[str, str] = {
    "barking": "barking and dagenham",
    "brighton": "brighton and hove",
    "burton": "burton-on-trent",
    "burton on trent": "burton-on-trent",
    "burton upon trent": "burton-on-trent",
    "cheltenham spa": "cheltenham",
    "county durham": "durham",
    "devonshire": "devon",
    "durham county": "durham",
    "east cheshire": "cheshire east",
    "east riding": "east riding of yorkshire",
    "east yorkshire": "east riding of yorkshire",
    "east yorks": "east riding of yorkshire",
    "greater london": "london",
    "hull": "kingston upon hull, city of",
    "kingston": "kingston upon thames",
    "mancs": "manchester",
    "newcastle": "newcastle upon tyne",
    "north riding": "north yorkshire",
    "scilly": "isles of scilly",
    "st helens": "st. helens",
    "stoke": "stoke-on-trent",
    "stoke on trent": "stoke-on-trent",
    "telford": "telford and wrekin",
    "west cheshire": "cheshire west and chester",
    "west riding": "west yorkshire",
    "weston super mare": "weston-super-mare",
    "wrekin": "telford and wrekin",
}
"""Places by a name that people use and the register does not."""
_IN_FULL = re.compile(
    r"(?:the )?(?:(?:london|royal|metropolitan) borough of|borough of|city of|county of) (.+)"
)
_WITH_KIND = re.compile(r"(.+?)(?: (?:city|county|borough|district))?(?: council)?")
_SHORT_YORKSHIRE = re.compile(r"\byorks\b")


@dataclass(frozen=True, slots=True)
class Place:
    """A place that was found: its name, and its middle as easting and northing.

    ``region`` is there if it is a whole region: near it is what is in it.
    """

    name: str
    position: tuple[int, int]
    region: str | None = None


def find_place(session: Session, text: str, ours: tuple[int, int] | None = None) -> Place | None:
    """Return the place that a person names, or None if the register knows none of the name.

    A postcode or a part of one, a region, a town or another place of an address, a local authority,
    a county, a school, or our own (at ``ours``), in this order. Of towns of one name it is the one
    with the most schools.
    """
    name = " ".join(text.split())[:LONGEST_PLACE]
    plain = re.sub(r"[^\w',&.-]+", " ", name.casefold()).strip()
    if not plain:
        return None
    if plain in OURS:
        return Place("our school", ours) if ours is not None else None
    if place := find_postcode(session, name):
        return place
    if region := region_of(plain):
        return _region(session, region)
    if place := find_town(session, plain):
        return place
    schools = find_schools(session, name, limit=5)
    for school in () if schools.is_close else schools.schools:
        position = _position(session, School.urn == school.urn)
        if position is not None:
            is_said = school.name.casefold().endswith(f", {school.place}".casefold())
            name = school.name if is_said else f"{school.name}, {school.place}"
            return Place(name, position)
    return None


def find_postcode(session: Session, text: str) -> Place | None:
    """Return where a postcode or a part of one is; None if there is no school of the register."""
    position = position_of_postcode(session, text)
    return Place(" ".join(text.upper().split()), position) if position is not None else None


def _region(session: Session, region: str) -> Place | None:
    """The region with the middle of its schools; None if the register has none there."""
    east, north = session.execute(
        sa.select(sa.func.avg(School.easting), sa.func.avg(School.northing)).where(
            School.region == region, School.status != Status.CLOSED
        )
    ).one()
    return Place(in_the(region), (round(east), round(north)), region) if east is not None else None


def find_town(session: Session, name: str) -> Place | None:
    """Return the town, the part of one, the authority or the county of the name."""
    names = _candidates(name)
    if place := _named(session, names, with_words=True):
        return place
    # After an upgrade the schools have no words yet, until a job has been there.
    if session.scalar(sa.select(SchoolWord.school_urn).limit(1)) is None:
        return _named(session, names, with_words=False)
    return None


def _candidates(name: str) -> list[str]:
    """The names of a place by which the register may know it, the likeliest first."""
    plain = " ".join(name.casefold().split())
    found = []
    for part in (plain, plain.partition(", ")[0]):  # “Camden, London”
        match = _IN_FULL.fullmatch(part)
        for spelt in (part, match[1] if match else part):
            found += [spelt, OTHER_NAMES.get(spelt, spelt)]
            found += [_SHORT_YORKSHIRE.sub("yorkshire", spelt), spelt.replace("-", " ")]
        if bare := _WITH_KIND.fullmatch(part):  # “Leicester City”, “Derby City Council”
            found += [bare[1], OTHER_NAMES.get(bare[1], bare[1])]
    return list(dict.fromkeys(found))


def _named(session: Session, names: Sequence[str], *, with_words: bool) -> Place | None:
    """The place with the first of the names that the register has; a town before an authority.

    Of places of one name, it is the one whose authority has the most schools there.
    """
    columns = (School.town, School.locality, LocalAuthority.name, School.county)
    kinds = [(name, column) for name in names for column in columns]
    rank = sa.case(
        *((sa.func.lower(column) == name, place) for place, (name, column) in enumerate(kinds)),
        else_=len(kinds),
    )
    query = (
        sa.select(
            rank,
            *(sa.func.min(column) for column in columns),
            sa.func.avg(School.easting),
            sa.func.avg(School.northing),
        )
        .join(LocalAuthority, LocalAuthority.code == School.local_authority_code)
        .where(
            sa.or_(*(sa.func.lower(column).in_(names) for column in columns)),
            School.easting.is_not(None),
            School.status != Status.CLOSED,
        )
        .group_by(rank, School.local_authority_code)
        .order_by(rank, sa.func.count().desc(), School.local_authority_code)
        .limit(1)
    )
    if with_words:
        query = query.where(sa.or_(*(_has_words_of(name) for name in names)))
    row = session.execute(query).one_or_none()
    if row is None:
        return None
    place, *spelt, easting, northing = row
    return Place(proper(str(spelt[place % len(columns)])), (round(easting), round(northing)))


def _has_words_of(name: str) -> sa.ColumnElement[bool]:
    """The condition that a school may be at a place of this name, answered by an index."""
    return sa.and_(
        sa.true(),
        *(
            School.urn.in_(sa.select(SchoolWord.school_urn).where(SchoolWord.word == word))
            for word in sorted(name_words(name)[:MOST_WORDS], key=len, reverse=True)
        ),
    )


def _position(session: Session, condition: sa.ColumnElement[bool]) -> tuple[int, int] | None:
    row = session.execute(sa.select(School.easting, School.northing).where(condition)).first()
    return position_of(row) if row is not None else None
