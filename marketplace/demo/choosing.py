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
TRUST_SCHOOLS = 5
"""How many schools of one trust the demo's sign-ins are about."""
_USUAL_PUPILS = (200, 450)

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

    The schools of one real trust are always among them, as far as ``count`` allows.

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
    count = min(max(count, 2), len(urns))
    together = _schools_of_a_trust(session)[: count // 2]
    others = [urn for urn in urns if urn not in together]
    sample = sorted([*together, *rng.sample(others, count - len(together))])
    schools: list[School] = []
    for start in range(0, len(sample), BATCH):
        schools += session.scalars(
            sa.select(School)
            .where(School.urn.in_(sample[start : start + BATCH]))
            .order_by(School.urn)
        ).all()
    return schools


def main_schools(schools: Sequence[School]) -> list[School]:
    """Return primaries of ordinary size and of one trust, for the demo's sign-ins.

    They are two at least, the first two neighbours; of a trust that has more of them here, up to
    ``TRUST_SCHOOLS``.
    """
    usual = [school for school in schools if _is_usual(school)] or list(schools)
    by_trust: dict[int | None, list[School]] = {}
    for school in usual:
        by_trust.setdefault(school.trust_id, []).append(school)
    by_trust.pop(None, None)
    colleagues = max(by_trust.values(), key=len, default=[])
    if len(colleagues) < 3:
        colleagues = usual
    first = colleagues[len(colleagues) // 3]
    others = [school for school in colleagues if school.urn != first.urn] or [
        school for school in schools if school.urn != first.urn
    ]
    others.sort(key=lambda school: (distance(first, school), school.urn))
    if colleagues is usual:
        return [first, others[0]]
    return [first, *others[: TRUST_SCHOOLS - 1]]


def _is_usual(school: School) -> bool:
    least, most = _USUAL_PUPILS
    return (
        school.phase == "primary"
        and school.easting is not None
        and school.pupils is not None
        and least <= school.pupils <= most
        and school.trust_id is not None
    )


def _schools_of_a_trust(session: Session) -> list[int]:
    """The ordinary primaries of the trust that has the most of them, by URN."""
    is_usual = sa.and_(
        School.status == "open",
        School.type_name.in_(SCHOOL_TYPES),
        School.phase == "primary",
        School.easting.is_not(None),
        School.pupils.between(*_USUAL_PUPILS),
    )
    trust_id = session.scalar(
        sa.select(School.trust_id)
        .where(is_usual, School.trust_id.is_not(None))
        .group_by(School.trust_id)
        .having(sa.func.count() >= 3)
        .order_by(sa.func.count().desc(), sa.func.min(School.urn))
        .limit(1)
    )
    if trust_id is None:
        return []
    return list(
        session.scalars(
            sa.select(School.urn)
            .where(is_usual, School.trust_id == trust_id)
            .order_by(School.urn)
            .limit(TRUST_SCHOOLS)
        )
    )


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
