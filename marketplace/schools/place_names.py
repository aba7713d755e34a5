"""Names of places while one types: postcodes, regions, towns, authorities, schools."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from marketplace.schools.facts import Status
from marketplace.schools.finding import find_schools
from marketplace.schools.models import LocalAuthority, School, SchoolWord, begins_with
from marketplace.schools.name_words import name_words
from marketplace.schools.places import LONGEST_PLACE
from marketplace.schools.postcodes import parts_of_postcode
from marketplace.schools.regions import REGIONS
from marketplace.web.capitals import proper

SHORTEST = 2
MOST_TOWNS, MOST_SCHOOLS = 6, 4


@dataclass(frozen=True, slots=True)
class PlaceName:
    """A name that ``find_place`` knows, and what it is; ``urn`` tells schools of one name apart."""

    name: str
    kind: str
    urn: int | None = None


def place_names(session: Session, typed: str) -> list[PlaceName]:
    """Return a few places whose names begin so; of towns, those with the most schools first."""
    text = " ".join(typed.split())[:LONGEST_PLACE]
    words = name_words(text)
    if len(text) < SHORTEST or not words:
        return []
    if parts_of_postcode(text):
        return _postcodes(session, text)
    places = [PlaceName(name, "Region") for name in REGIONS if _begins(name, text)]
    places += _towns(session, text, words[0])
    schools = find_schools(session, text, limit=MOST_SCHOOLS)
    if not schools.is_close:
        places += [
            PlaceName(school.name, f"School, {school.place}", school.urn)
            for school in schools.schools
        ]
    return places


def _begins(region: str, text: str) -> bool:
    """Whether what was typed is the beginning of a region’s name; “London” alone is the town."""
    typed = text.casefold().replace("-", " ").removeprefix("the ")
    return region != "London" and region.casefold().startswith(typed)


def _postcodes(session: Session, text: str) -> list[PlaceName]:
    beginning = parts_of_postcode(text)[-1]
    found = session.scalars(
        sa.select(SchoolWord.word)
        .where(begins_with(beginning))
        .distinct()
        .order_by(SchoolWord.word)
        .limit(MOST_TOWNS)
    )
    return [PlaceName(word.upper(), "Postcode") for word in found]


def _towns(session: Session, text: str, first_word: str) -> list[PlaceName]:
    """Towns and authorities; a town is looked for among the schools that have its first word."""
    pattern = text.casefold().replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"
    town = sa.func.lower(School.town)
    has_word = sa.select(SchoolWord.school_urn).where(begins_with(first_word))
    count = sa.func.count()
    towns = (
        sa.select(sa.func.min(School.town).label("name"), count.label("number"))
        .where(
            School.urn.in_(has_word),
            School.status != Status.CLOSED,
            town.like(pattern, escape="\\"),
        )
        .group_by(town)
        .order_by(count.desc(), town)
        .limit(MOST_TOWNS)
        .subquery()
    )
    authorities = sa.select(LocalAuthority.name, sa.literal(0)).where(
        sa.func.lower(LocalAuthority.name).like(pattern, escape="\\")
    )
    rows = session.execute(sa.union_all(sa.select(towns.c.name, towns.c.number), authorities))
    found: dict[str, PlaceName] = {}
    for name, number in sorted(rows, key=lambda row: (-row[1], row[0])):
        kind = (
            f"Place with {number:,} school{'' if number == 1 else 's'}" if number else "Authority"
        )
        found.setdefault(name.casefold(), PlaceName(proper(name), kind))
    return list(found.values())[: 2 * MOST_TOWNS]
