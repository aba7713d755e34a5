"""Reading the photographs of schools, always as the actor may see them."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from marketplace.accounts.actor import Actor
from marketplace.audiences.queries import visible_to
from marketplace.errors import NotFound
from marketplace.profiles.photographs.models import Photograph, PhotographFile, Size
from marketplace.schools.models import School


def visible_photographs(session: Session, actor: Actor, urn: int) -> Sequence[Photograph]:
    """Return the photographs of a school's page that the actor may see, in their order."""
    return session.scalars(_photographs(visible_to(actor, Photograph)), {"urn": urn}).all()


@lru_cache(200)
def _photographs(may_see: sa.ColumnElement[bool]) -> sa.Select[Photograph]:
    """The photographs of the school ``urn``, kept for who looked last."""
    return (
        sa.select(Photograph)
        .join(School, School.urn == Photograph.school_urn)
        .where(Photograph.school_urn == sa.bindparam("urn"), may_see)
        .order_by(Photograph.place)
    )


def visible_photograph(session: Session, actor: Actor, photograph_id: int) -> Photograph:
    """Return one photograph that the actor may see.

    Raises:
        NotFound: if there is none, or it is not for them.
    """
    photograph = session.scalar(
        sa.select(Photograph)
        .join(School, School.urn == Photograph.school_urn)
        .where(Photograph.id == photograph_id, visible_to(actor, Photograph))
    )
    if photograph is None:
        raise NotFound
    return photograph


def bytes_of(session: Session, photograph: Photograph, size: Size) -> bytes:
    """Return the picture itself, as WebP."""
    return session.scalars(
        sa.select(PhotographFile.data).where(
            PhotographFile.photograph_id == photograph.id, PhotographFile.size == size
        )
    ).one()


def own_photographs(session: Session, actor: Actor) -> Sequence[Photograph]:
    """Return the photographs of the school acted for, with who added them, in their order."""
    return session.scalars(
        sa.select(Photograph)
        .where(Photograph.school_urn == actor.school())
        .options(joinedload(Photograph.added_by))
        .order_by(Photograph.place)
    ).all()


def own_photograph(session: Session, actor: Actor, photograph_id: int) -> Photograph:
    """Return one photograph of the school acted for.

    Raises:
        NotFound: if there is none, or it is another school's.
    """
    photograph = session.get(Photograph, photograph_id)
    if photograph is None or photograph.school_urn != actor.school():
        raise NotFound
    return photograph
