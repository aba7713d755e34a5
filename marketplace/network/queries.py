"""Reading the schools of the register, for the operator."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from marketplace.schools.facts import search_name
from marketplace.schools.models import School
from marketplace.web.paging import Page, paginate

PAGE = 30


def list_schools(
    session: Session,
    search_text: str,
    *,
    joined_only: bool = False,
    after: str = "",
    limit: int = PAGE,
) -> Page[School]:
    """Return a page of the register's schools by name.

    ``search_text`` is a URN or a part of a name; ``joined_only`` leaves out schools that do not
    take part.
    """
    query = sa.select(School).options(joinedload(School.local_authority))
    if search_text.isdecimal():
        query = query.where(School.urn == int(search_text[:9]))
    elif search_text:
        name = search_name(search_text).replace("\\", "").replace("%", "").replace("_", "")
        query = query.where(School.search_name.like(f"%{name}%"))
    if joined_only:
        query = query.where(School.joined_at.is_not(None))
    return paginate(session, query, School.search_name, School.urn, after=after, limit=limit)
