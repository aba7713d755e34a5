"""Reading pieces of evidence: each is for those who see the part “What shows it”."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from marketplace.accounts.actor import Actor
from marketplace.audiences.queries import visible_to
from marketplace.clock import today
from marketplace.errors import NotFound
from marketplace.profiles.evidence.models import Evidence
from marketplace.profiles.parts.models import PartKind, ProfilePart
from marketplace.schools.models import School


def evidence_for(session: Session, actor: Actor, urn: int, topics: Sequence[str]) -> list[Evidence]:
    """Return what a school shows for any of these topics and has not expired, the newest first.

    Only what the actor may see; what speaks for the whole school is not among it.
    """
    pieces = session.scalars(_evidence_of(visible_to(actor, ProfilePart)), {"urn": urn})
    month = today()
    return [
        one
        for one in pieces
        if not one.has_expired(month) and not set(topics).isdisjoint(one.topics)
    ]


@lru_cache(200)
def _evidence_of(may_see: sa.ColumnElement[bool]) -> sa.Select[Evidence]:
    """What the school ``urn`` shows, kept for who looked last."""
    return (
        sa.select(Evidence)
        .join(
            ProfilePart,
            sa.and_(
                ProfilePart.school_urn == Evidence.school_urn,
                ProfilePart.kind == PartKind.EVIDENCE.value,
            ),
        )
        .join(School, School.urn == Evidence.school_urn)
        .where(Evidence.school_urn == sa.bindparam("urn"), may_see)
        .order_by(Evidence.given_in.desc(), Evidence.id.desc())
    )


def own_evidence(session: Session, actor: Actor) -> Sequence[Evidence]:
    """Return the pieces of the school acted for, the newest first, with who added them."""
    return session.scalars(
        sa.select(Evidence)
        .where(Evidence.school_urn == actor.school())
        .options(joinedload(Evidence.added_by))
        .order_by(Evidence.given_in.desc(), Evidence.id.desc())
    ).all()


def own_piece(session: Session, actor: Actor, evidence_id: int) -> Evidence:
    """Return one piece of the school acted for.

    Raises:
        NotFound: if there is none, or it is another school's.
    """
    evidence = session.get(Evidence, evidence_id)
    if evidence is None or evidence.school_urn != actor.school():
        raise NotFound
    return evidence
