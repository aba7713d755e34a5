"""Where a place is that a person names: a postcode, a town, an authority, a school, our own."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from marketplace.schools.facts import Status
from marketplace.schools.finding import find_schools
from marketplace.schools.models import LocalAuthority, School
from marketplace.schools.postcodes import position_of_postcode

LONGEST_PLACE = 100

OURS = frozenset({"our school", "us", "here", "home", "my school", "me", "school"})
OTHER_NAMES: Mapping[str, str] = {
    "brighton": "brighton and hove",
    "burton": "burton-on-trent",
    "burton on trent": "burton-on-trent",
    "county durham": "durham",
    "east yorkshire": "east riding of yorkshire",
    "hull": "kingston upon hull, city of",
    "mancs": "manchester",
    "newcastle": "newcastle upon tyne",
    "st helens": "st. helens",
    "stoke": "stoke-on-trent",
    "stoke on trent": "stoke-on-trent",
    "telford": "telford and wrekin",
    "weston super mare": "weston-super-mare",
}
"""Places by a name that people use and the register does not."""


@dataclass(frozen=True, slots=True)
class Place:
    """A place that was found: its name, and its middle as easting and northing."""

    name: str
    position: tuple[int, int]


def find_place(session: Session, text: str, ours: tuple[int, int] | None = None) -> Place | None:
    """Return the place that a person names, or None if the register knows none of the name.

    A postcode or a part of one, a town or another place of an address, a local authority, a county,
    a school, or our own (at ``ours``), in this order. Of towns of one name it is the one with the
    most schools.
    """
    name = " ".join(text.split())[:LONGEST_PLACE]
    plain = re.sub(r"[^\w',&.-]+", " ", name.casefold()).strip()
    if not plain:
        return None
    if plain in OURS:
        return Place("our school", ours) if ours is not None else None
    if position := position_of_postcode(session, name):
        return Place(name.upper(), position)
    if place := find_town(session, plain):
        return place
    schools = find_schools(session, name, limit=5)
    for school in () if schools.is_close else schools.schools:
        position = _position(session, School.urn == school.urn)
        if position is not None:
            return Place(f"{school.name}, {school.place}", position)
    return None


def find_town(session: Session, name: str) -> Place | None:
    """Return the town, the part of one, the authority or the county of the name."""
    plain = name.casefold()
    for candidate in dict.fromkeys((plain, OTHER_NAMES.get(plain, plain))):
        if place := _named(session, candidate):
            return place
    return None


def _named(session: Session, name: str) -> Place | None:
    for column in (School.town, School.locality, LocalAuthority.name, School.county):
        # Of places of one name, the one whose authority has the most schools there.
        row = session.execute(
            sa.select(
                sa.func.min(column),
                sa.func.avg(School.easting),
                sa.func.avg(School.northing),
            )
            .join(LocalAuthority, LocalAuthority.code == School.local_authority_code)
            .where(
                sa.func.lower(column) == name,
                School.easting.is_not(None),
                School.status != Status.CLOSED,
            )
            .group_by(School.local_authority_code)
            .order_by(sa.func.count().desc(), School.local_authority_code)
            .limit(1)
        ).one_or_none()
        if row is not None:
            found, easting, northing = row
            return Place(str(found), (round(easting), round(northing)))
    return None


def _position(session: Session, condition: sa.ColumnElement[bool]) -> tuple[int, int] | None:
    row = session.execute(sa.select(School.easting, School.northing).where(condition)).first()
    if row is None or row.easting is None or row.northing is None:
        return None
    return row.easting, row.northing
