"""Reading the register's schools."""

from __future__ import annotations

from functools import cache

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from marketplace.errors import NotFound
from marketplace.schools.models import School


def get_school(session: Session, urn: int) -> School:
    """Return the school with its local authority, trust and successors.

    Raises:
        NotFound: if the register has no such school.
    """
    school = session.scalar(_one_school(), {"urn": urn})
    if school is None:
        raise NotFound("The register has no school with this number.")
    return school


@cache
def _one_school() -> sa.Select[School]:
    """The school ``urn`` with what its page needs; made once."""
    return (
        sa.select(School)
        .where(School.urn == sa.bindparam("urn"))
        .options(
            joinedload(School.local_authority),
            joinedload(School.trust),
            joinedload(School.successor),
            joinedload(School.continued_by),
        )
    )


def schools_continued_by(session: Session, urn: int) -> list[School]:
    """Return the schools that have closed and that the school ``urn`` carries on for, by name."""
    return list(session.scalars(_continued_by(), {"urn": urn}))


@cache
def _continued_by() -> sa.Select[School]:
    """The schools that the school ``urn`` carries on for; made once, asked on each statement."""
    return (
        sa.select(School)
        .where(School.continued_by_urn == sa.bindparam("urn"), School.joined_at.is_(None))
        .order_by(School.name, School.urn)
    )
