"""Reading the register's schools."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from marketplace.errors import NotFound
from marketplace.schools.models import School


def get_school(session: Session, urn: int) -> School:
    """Return the school with its local authority, trust and successor.

    Raises:
        NotFound: if the register has no such school.
    """
    school = session.scalar(
        sa.select(School)
        .where(School.urn == urn)
        .options(
            joinedload(School.local_authority),
            joinedload(School.trust),
            joinedload(School.successor),
        )
    )
    if school is None:
        raise NotFound("The register has no school with this number.")
    return school
