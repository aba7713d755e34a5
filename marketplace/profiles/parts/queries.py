"""Reading what schools write about themselves, always as the actor may see it."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from marketplace.accounts.actor import Actor
from marketplace.audiences.queries import visible_to
from marketplace.profiles.parts.models import PartKind, ProfilePart
from marketplace.schools.models import School


def visible_parts(session: Session, actor: Actor, urn: int) -> list[ProfilePart]:
    """Return the parts of a school's page that the actor may see, in the order of the page."""
    parts = session.scalars(
        sa.select(ProfilePart)
        .join(School, School.urn == ProfilePart.school_urn)
        .where(
            ProfilePart.school_urn == urn,
            ProfilePart.text != "",
            visible_to(actor, ProfilePart),
        )
    )
    order = list(PartKind)
    return sorted(parts, key=lambda part: order.index(PartKind(part.kind)))


def own_parts(session: Session, actor: Actor) -> dict[PartKind, ProfilePart]:
    """Return the parts that the school acted for has written, with who wrote them."""
    parts = session.scalars(
        sa.select(ProfilePart)
        .where(ProfilePart.school_urn == actor.school())
        .options(joinedload(ProfilePart.written_by))
    )
    return {PartKind(part.kind): part for part in parts}


def own_part(session: Session, actor: Actor, kind: PartKind) -> ProfilePart | None:
    """Return one part of the school acted for; ``None`` if it has never written it."""
    return session.get(ProfilePart, (actor.school(), kind.value))
