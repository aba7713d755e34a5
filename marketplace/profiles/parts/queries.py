"""Reading what a school writes about itself, for its own people."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from marketplace.accounts.actor import Actor
from marketplace.profiles.parts.models import PartKind, ProfilePart


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
