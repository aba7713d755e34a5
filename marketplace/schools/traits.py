"""What kind of school one is: its traits, out of the register's facts, in Python and in SQL.

A trait is one bit. A school's traits are one number, and so is what an audience is narrowed to, so
that both databases compare them in one step. The bits are stored: none may ever be another trait's.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import IntFlag
from functools import reduce
from operator import add, or_
from typing import Any, Protocol

import sqlalchemy as sa

from marketplace.schools.facts import Phase, SizeBand, UrbanRural
from marketplace.schools.models import School


class Trait(IntFlag):
    """Something that a school is, by which an audience can be narrowed."""

    NURSERY = 1 << 0
    PRIMARY = 1 << 1
    SECONDARY = 1 << 2
    SIXTEEN_PLUS = 1 << 3
    VERY_SMALL = 1 << 4
    SMALL = 1 << 5
    MEDIUM = 1 << 6
    LARGE = 1 << 7
    VERY_LARGE = 1 << 8
    MAINTAINED = 1 << 9
    ACADEMY = 1 << 10
    INDEPENDENT = 1 << 11
    COLLEGE = 1 << 12
    MAINSTREAM = 1 << 13
    SPECIAL = 1 << 14
    ALTERNATIVE = 1 << 15
    URBAN = 1 << 16
    RURAL = 1 << 17
    FAITH = 1 << 18
    NOT_FAITH = 1 << 19


NO_TRAITS = Trait(0)
EVERY_TRAIT = reduce(or_, Trait)

PHASES = Trait.NURSERY | Trait.PRIMARY | Trait.SECONDARY | Trait.SIXTEEN_PLUS
SIZES = Trait.VERY_SMALL | Trait.SMALL | Trait.MEDIUM | Trait.LARGE | Trait.VERY_LARGE
TYPES = Trait.MAINTAINED | Trait.ACADEMY | Trait.INDEPENDENT | Trait.COLLEGE
KINDS = Trait.MAINSTREAM | Trait.SPECIAL | Trait.ALTERNATIVE
PLACES = Trait.URBAN | Trait.RURAL
FAITHS = Trait.FAITH | Trait.NOT_FAITH
DIMENSIONS: tuple[Trait, ...] = (PHASES, SIZES, TYPES, KINDS, PLACES, FAITHS)
"""Traits of one dimension are alternatives; those of several must each be met."""
LABELS: dict[Trait, str] = {
    Trait.NURSERY: "Nursery",
    Trait.PRIMARY: "Primary",
    Trait.SECONDARY: "Secondary",
    Trait.SIXTEEN_PLUS: "16 plus",
    **{trait: band.label for trait, band in zip(SIZES, SizeBand, strict=True)},
    Trait.MAINTAINED: "Maintained by the authority",
    Trait.ACADEMY: "Academy or free school",
    Trait.INDEPENDENT: "Independent",
    Trait.COLLEGE: "College",
    Trait.MAINSTREAM: "Mainstream",
    Trait.SPECIAL: "Special",
    Trait.ALTERNATIVE: "Alternative provision",
    Trait.URBAN: "Urban",
    Trait.RURAL: "Rural",
    Trait.FAITH: "With a religious character",
    Trait.NOT_FAITH: "Without a religious character",
}

DIMENSION_LABELS: dict[Trait, str] = {
    PHASES: "Phase",
    SIZES: "Size",
    KINDS: "Kind",
    TYPES: "Run as",
    PLACES: "Town or country",
    FAITHS: "Faith",
}

_PHASES: dict[str | None, Trait] = {
    Phase.NURSERY: Trait.NURSERY,
    Phase.PRIMARY: Trait.PRIMARY,
    Phase.MIDDLE_PRIMARY: Trait.PRIMARY,
    Phase.MIDDLE_SECONDARY: Trait.SECONDARY,
    Phase.SECONDARY: Trait.SECONDARY,
    Phase.ALL_THROUGH: Trait.PRIMARY | Trait.SECONDARY,
    Phase.SIXTEEN_PLUS: Trait.SIXTEEN_PLUS,
}
# Where the register gives no phase, as to special schools: (youngest below, oldest above).
_AGES = ((Trait.PRIMARY, 11, 6), (Trait.SECONDARY, 16, 12))
_SIZES: dict[str | None, Trait] = dict(zip(SizeBand, SIZES, strict=True))
_PLACES: dict[str | None, Trait] = {
    UrbanRural.URBAN: Trait.URBAN,
    UrbanRural.RURAL: Trait.RURAL,
}
# Words in the register's types; the first that is there decides.
_TYPES = (
    (Trait.ACADEMY, ("academy", "free school", "studio school", "technical", "technology")),
    (Trait.INDEPENDENT, ("independent",)),
    (Trait.COLLEGE, ("further education", "sixth form", "post 16", "higher education")),
    (Trait.MAINTAINED, ("community", "foundation", "voluntary", "authority", "referral")),
)
_KINDS = ((Trait.SPECIAL, ("special",)), (Trait.ALTERNATIVE, ("alternative", "referral")))
_NO_FAITH = ("", "None", "Does not apply")


class HasFacts(Protocol):
    """A school, or a row with these of its columns."""

    phase: Any
    age_low: Any
    age_high: Any
    size_band: Any
    type_name: Any
    setting: Any
    religious_character: Any


COLUMNS = (
    School.phase,
    School.age_low,
    School.age_high,
    School.size_band,
    School.type_name,
    School.setting,
    School.religious_character,
)
"""The columns that ``traits_of`` reads."""


def traits_of(school: HasFacts) -> Trait:
    """Return the traits of a school; what the register does not say of it is not among them."""
    traits = _PHASES.get(school.phase, NO_TRAITS)
    if school.phase is None and school.age_low is not None and school.age_high is not None:
        for trait, below, above in _AGES:
            if school.age_low < below and school.age_high >= above:
                traits |= trait
    traits |= _SIZES.get(school.size_band, NO_TRAITS) | _PLACES.get(school.setting, NO_TRAITS)
    kind = school.type_name.lower()
    traits |= _first(_TYPES, kind, NO_TRAITS) | _first(_KINDS, kind, Trait.MAINSTREAM)
    if school.religious_character is not None:
        has_none = school.religious_character in _NO_FAITH
        traits |= Trait.NOT_FAITH if has_none else Trait.FAITH
    return traits


def fits(traits: Trait, narrowed_to: Trait) -> bool:
    """Say whether a school of these traits is among those that an audience is narrowed to."""
    return all(
        not narrowed_to & dimension or bool(narrowed_to & traits & dimension)
        for dimension in DIMENSIONS
    )


def fits_in_sql(narrowed_to: Trait, school: Any = School) -> sa.ColumnElement[bool]:
    """Return the condition that a school (or an alias of it) is among those narrowed to."""
    parts = [
        in_sql(school).bitwise_and(sa.literal(int(narrowed_to & dimension))) != 0
        for dimension, in_sql in _IN_SQL.items()
        if narrowed_to & dimension
    ]
    return sa.and_(sa.true(), *parts)


def traits_alike(traits: Trait) -> Trait:
    """Return what an audience is narrowed to that is for schools like one of these traits."""
    return traits & (PHASES | SIZES | KINDS)


def _phases_in_sql(school: Any) -> sa.ColumnElement[int]:
    by_ages = [
        sa.case(
            (
                sa.and_(school.phase.is_(None), school.age_low < below, school.age_high >= above),
                int(trait),
            ),
            else_=0,
        )
        for trait, below, above in _AGES
    ]
    return reduce(add, by_ages, _by_value(school.phase, _PHASES))


def _faith_in_sql(school: Any) -> sa.ColumnElement[int]:
    return sa.case(
        (school.religious_character.is_(None), 0),
        (school.religious_character.in_(_NO_FAITH), int(Trait.NOT_FAITH)),
        else_=int(Trait.FAITH),
    )


def _first(rules: tuple[tuple[Trait, tuple[str, ...]], ...], kind: str, otherwise: Trait) -> Trait:
    return next((trait for trait, words in rules if any(word in kind for word in words)), otherwise)


def _by_value(
    column: sa.ColumnElement[Any], traits: dict[str | None, Trait]
) -> sa.ColumnElement[int]:
    return sa.case(
        *((column == str(value), int(trait)) for value, trait in traits.items()), else_=0
    )


def _by_words(
    type_name: sa.ColumnElement[str],
    rules: tuple[tuple[Trait, tuple[str, ...]], ...],
    otherwise: Trait,
) -> sa.ColumnElement[int]:
    return sa.case(
        *(
            (sa.or_(*(sa.func.lower(type_name).contains(word) for word in words)), int(trait))
            for trait, words in rules
        ),
        else_=int(otherwise),
    )


_IN_SQL: dict[Trait, Callable[[Any], sa.ColumnElement[int]]] = {
    PHASES: _phases_in_sql,
    SIZES: lambda school: _by_value(school.size_band, _SIZES),
    TYPES: lambda school: _by_words(school.type_name, _TYPES, NO_TRAITS),
    KINDS: lambda school: _by_words(school.type_name, _KINDS, Trait.MAINSTREAM),
    PLACES: lambda school: _by_value(school.setting, _PLACES),
    FAITHS: _faith_in_sql,
}
