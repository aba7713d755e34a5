"""Which schools of the register the demo is made of."""

from __future__ import annotations

import math
import random
from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.orm import Session

from marketplace.demo.texts import SchoolPhase
from marketplace.errors import Refusal
from marketplace.schools.models import School

BATCH = 2000

SCHOOL_TYPES = frozenset(
    {
        "Academy 16 to 19 sponsor led",
        "Academy 16-19 converter",
        "Academy alternative provision converter",
        "Academy alternative provision sponsor led",
        "Academy converter",
        "Academy special converter",
        "Academy special sponsor led",
        "Academy sponsor led",
        "City technology college",
        "Community school",
        "Community special school",
        "Foundation school",
        "Foundation special school",
        "Free schools",
        "Free schools 16 to 19",
        "Free schools alternative provision",
        "Free schools special",
        "Local authority nursery school",
        "Non-maintained special school",
        "Other independent school",
        "Other independent special school",
        "Pupil referral unit",
        "Sixth form centres",
        "Studio schools",
        "University technical college",
        "Voluntary aided school",
        "Voluntary controlled school",
    }
)
"""The register's types of schools for pupils from 2 to 19 in England.

It also lists universities, colleges for adults, children's centres and secure units, which would
be odd company, and Welsh schools and schools abroad, of which it knows next to nothing.
"""

_PHASES: dict[str, SchoolPhase] = {
    "nursery": "nursery",
    "primary": "primary",
    "middle-primary": "primary",
    "secondary": "secondary",
    "middle-secondary": "secondary",
    "all-through": "all-through",
    "16-plus": "16 plus",
}
# The register has no phase for these, although they are not special schools: use their ages.
_BY_AGES = frozenset({"Other independent school", "City technology college", "Sixth form centres"})


def choose_schools(session: Session, count: int, rng: random.Random) -> list[School]:
    """Return ``count`` open schools of the register, or all if there are fewer, by URN.

    Raises:
        Refusal: if there are fewer than two.
    """
    urns = session.scalars(
        sa.select(School.urn)
        .where(School.status == "open", School.type_name.in_(SCHOOL_TYPES))
        .order_by(School.urn)
    ).all()
    if len(urns) < 2:
        raise Refusal("The register has no two open schools: import it first.")
    sample = sorted(rng.sample(urns, min(max(count, 2), len(urns))))
    schools: list[School] = []
    for start in range(0, len(sample), BATCH):
        schools += session.scalars(
            sa.select(School)
            .where(School.urn.in_(sample[start : start + BATCH]))
            .order_by(School.urn)
        ).all()
    return schools


def main_schools(schools: Sequence[School]) -> tuple[School, School]:
    """Return two neighbouring primaries of ordinary size, for the demo's sign-ins."""
    usual = [
        school
        for school in schools
        if school.phase == "primary"
        and school.easting is not None
        and 200 <= (school.pupils or 0) <= 450
        and school.trust_id is not None
    ] or list(schools)
    first = usual[len(usual) // 3]
    others = [school for school in usual if school.urn != first.urn] or [
        school for school in schools if school.urn != first.urn
    ]
    return first, min(others, key=lambda school: (distance(first, school), school.urn))


def distance(school: School, other: School) -> float:
    """Return the metres between two schools; one without a position is far from everywhere."""
    if school.easting is None or other.easting is None:
        return 1e9
    return math.hypot(
        school.easting - other.easting, (school.northing or 0) - (other.northing or 0)
    )


def school_phase(school: School) -> SchoolPhase:
    """Return the kind of school, as the listing texts name it."""
    if school.phase in _PHASES:
        return _PHASES[school.phase]
    if school.type_name not in _BY_AGES:
        return "special"
    low, high = school.age_low or 0, school.age_high or 19
    if low >= 16:
        return "16 plus"
    if high <= 5:
        return "nursery"
    if low >= 10:
        return "secondary"
    return "primary" if high <= 13 else "all-through"
