"""Where the things of a closed school go on, by the register."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from marketplace.network.models import Obstacle
from marketplace.schools.facts import Status
from marketplace.schools.models import School, SuccessorCandidate


@dataclass(frozen=True, slots=True)
class Destination:
    """The school that carries on, or why none does by itself.

    ``candidates`` are the schools among which the operator chooses; none if none is named.
    """

    urn: int | None
    obstacle: Obstacle | None = None
    candidates: tuple[int, ...] = ()


def destination_of(session: Session, urn: int) -> Destination:
    """Follow the successors of ``urn`` to the one that stands.

    A successor that has closed as well is passed over in favour of its own one, so that a chain
    is followed at once.
    """
    visited = {urn}
    school = session.get_one(School, urn)
    while True:
        rivals = _rivals(session, school.urn)
        if rivals:
            return Destination(None, Obstacle.SEVERAL, rivals)
        successor_urn = school.successor_urn
        if school.urn != urn and school.continued_by_urn is not None and school.joined_at is None:
            successor_urn = school.continued_by_urn
        if successor_urn is None:
            return Destination(None, Obstacle.NOBODY if school.urn == urn else Obstacle.CLOSED)
        if successor_urn in visited:
            return Destination(None, Obstacle.CIRCLE)
        visited.add(successor_urn)
        school = session.get_one(School, successor_urn)
        if school.status != Status.CLOSED:
            obstacle = obstacle_at(school)
            return Destination(school.urn, obstacle, (school.urn,) if obstacle else ())


def obstacle_at(school: School) -> Obstacle | None:
    """Say why ``school`` cannot carry on for another one by itself; None if it can."""
    if school.status not in (Status.OPEN, Status.CLOSING):
        return Obstacle.NOT_OPEN
    if school.paused_at is not None:
        return Obstacle.PAUSED
    if school.joined_at is None and school.left_at is not None:
        return Obstacle.LEFT
    return None


def _rivals(session: Session, urn: int) -> tuple[int, ...]:
    return tuple(
        session.scalars(
            sa.select(SuccessorCandidate.candidate_urn)
            .where(SuccessorCandidate.school_urn == urn)
            .order_by(SuccessorCandidate.candidate_urn)
        )
    )
