"""Reading support accesses: all of them for the operator, a school's own for the school."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from marketplace.accounts.actor import Actor
from marketplace.accounts.roles import Permission
from marketplace.accounts.support_access import SupportAccess
from marketplace.errors import NotFound
from marketplace.web.paging import Page, paginate

PAGE = 30


def list_accesses(
    session: Session, actor: Actor, *, after: str = "", limit: int = PAGE
) -> Page[SupportAccess]:
    """Return a page of support accesses, the newest first: the school's, or the network's all."""
    query = sa.select(SupportAccess).options(
        joinedload(SupportAccess.school),
        joinedload(SupportAccess.operator),
        joinedload(SupportAccess.ended_by),
    )
    if actor.urn is not None:
        query = query.where(SupportAccess.school_urn == actor.urn)
    return paginate(session, query, SupportAccess.id.desc(), after=after, limit=limit)


def get_access(session: Session, access_id: int, actor: Actor) -> SupportAccess:
    """Return a support access to the school acted for, or, for an operator, to any school.

    Raises:
        NotFound: if there is none, or it is to another school.
    """
    access = session.scalar(
        sa.select(SupportAccess)
        .where(SupportAccess.id == access_id)
        .options(joinedload(SupportAccess.school))
    )
    if access is None or not _concerns(access, actor):
        raise NotFound
    return access


def _concerns(access: SupportAccess, actor: Actor) -> bool:
    if actor.urn is None:
        return actor.may(Permission.MANAGE_NETWORK)
    return actor.urn == access.school_urn and actor.support_id in (None, access.id)
