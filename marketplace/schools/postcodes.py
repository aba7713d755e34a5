"""Where a postcode is, according to the schools of the register."""

from __future__ import annotations

import re

import sqlalchemy as sa
from sqlalchemy.orm import Session

from marketplace.schools.models import School, SchoolWord

_DISTRICT = r"[A-Z]{1,2}[0-9][0-9A-Z]?"
# Without the space, "M60" is the district M60 and "B771" can only be the sector B77 1.
_POSTCODE = re.compile(rf"({_DISTRICT}) ?([0-9])([A-Z]{{2}})")
_SECTOR = re.compile(rf"({_DISTRICT}) ([0-9])[A-Z]?|([A-Z]{{1,2}}[0-9][0-9A-Z])([0-9])[A-Z]?")
_LETTERS = re.compile(r"[A-Z]{1,2}")


def position_of_postcode(session: Session, postcode: str) -> tuple[int, int] | None:
    """Return the middle (easting, northing) of the schools at a postcode or a part of one.

    A postcode ("M6 8QQ") at which there is no school counts as its sector ("M6 8"), and a sector
    without a school as its district ("M6"). The letters that a postcode begins with ("NG") are a
    part, too. None if there is no school in the district, or if ``postcode`` is not a postcode or
    a part of one.
    """
    if _LETTERS.fullmatch(letters := postcode.strip().upper()):
        return _middle_of_letters(session, letters)
    areas = _areas(postcode)
    if not areas:
        return None
    rank = sa.case(
        *((School.postcode.like(f"{start}%"), place) for place, start in enumerate(areas)),
        else_=len(areas),
    )
    # The narrowest area that has a school; a district alone is answered by the index of words.
    query = (
        sa.select(sa.func.avg(School.easting), sa.func.avg(School.northing))
        .where(School.postcode.like(f"{areas[-1]}%"), School.easting.is_not(None))
        .group_by(rank)
        .order_by(rank)
        .limit(1)
    )
    district = areas[-1].strip().casefold()
    has_word = sa.select(SchoolWord.school_urn).where(SchoolWord.word == district)
    row = session.execute(query.where(School.urn.in_(has_word))).one_or_none()
    if row is None:
        row = session.execute(query).one_or_none()
    return (round(row[0]), round(row[1])) if row is not None else None


def _middle_of_letters(session: Session, letters: str) -> tuple[int, int] | None:
    """The middle of the schools whose postcode begins with these letters and a figure."""
    begins = sa.or_(*(School.postcode.like(f"{letters}{figure}%") for figure in range(10)))
    easting, northing = session.execute(
        sa.select(sa.func.avg(School.easting), sa.func.avg(School.northing)).where(begins)
    ).one()
    return (round(easting), round(northing)) if easting is not None else None


def _areas(postcode: str) -> list[str]:
    """The beginnings of postcodes in the area of ``postcode``, the narrowest area first."""
    text = " ".join(re.findall(r"[0-9A-Z]+", postcode.upper()))
    if match := _POSTCODE.fullmatch(text):
        district, sector, unit = match.groups()
        return [f"{district} {sector}{unit}", f"{district} {sector}", f"{district} "]
    if re.fullmatch(_DISTRICT, text):
        return [f"{text} "]
    if match := _SECTOR.fullmatch(text):
        district, sector = match[1] or match[3], match[2] or match[4]
        return [f"{district} {sector}", f"{district} "]
    return []


def parts_of_postcode(postcode: str) -> list[str]:
    """Return a postcode's parts in small letters: “m6”, “m6 8” and “m6 8qq”; none if it is not one.

    A part of a postcode has the parts of itself.
    """
    areas = [area.strip().casefold() for area in _areas(postcode)]
    return list(dict.fromkeys(reversed(areas)))
