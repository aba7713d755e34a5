"""Choosing an audience: what a school may choose."""

from __future__ import annotations

from sqlalchemy.orm import Session

from marketplace.audiences.audience import SQUARE_METRES, Audience, Reach
from marketplace.audiences.queries import groups_of
from marketplace.errors import Refusal
from marketplace.schools.models import School


def check_audience(
    session: Session, audience: Audience, school: School, *, field: str = "audience"
) -> None:
    """Refuse an audience that ``school`` cannot choose; everything with an audience asks this.

    Raises:
        Refusal: naming the field at fault, which is ``field`` for the reach.
    """
    reach = audience.reach
    missing = {
        Reach.TRUST: school.trust_id is None and "belongs to no trust in the register",
        Reach.REGION: school.region is None and "has no region in the register",
        Reach.NEAR: school.easting is None and "has no position in the register",
        Reach.CONFIDENTIAL: school.easting is None and "has no position in the register",
    }.get(reach)
    if missing:
        raise Refusal(
            f"Who may see it? Your school {missing}: choose another audience.", field=field
        )
    if reach in (Reach.NEAR, Reach.CONFIDENTIAL):
        if audience.miles not in SQUARE_METRES:
            raise Refusal("Choose within how many miles.", field=f"{field}_miles")
    elif audience.miles is not None:
        raise ValueError("only what is near has a distance")
    if reach == Reach.GROUP:
        if audience.group_id not in groups_of(session, school.urn):
            raise Refusal("Choose a group that your school is in.", field=f"{field}_group")
    elif audience.group_id is not None:
        raise ValueError("only what is for a group has one")
