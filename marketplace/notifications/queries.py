"""Reading notifications with their words, and the number that a person has not read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from marketplace.notifications.catalogue import find_about, find_kind
from marketplace.notifications.kinds import Kind, Notice
from marketplace.notifications.models import Notification
from marketplace.notifications.recipients import names_of_schools
from marketplace.web.navigation import ActorLike
from marketplace.web.paging import Page, paginate

PAGE = 30


@dataclass(frozen=True, slots=True)
class Told:
    """A notification with its kind and what it is about, as that is now."""

    notification: Notification
    kind: Kind[Any, Any]
    notice: Notice[Any]

    @property
    def title(self) -> str:
        """What and who, in words."""
        return self.kind.title(self.notice)

    @property
    def is_current(self) -> bool:
        """Whether it is still true."""
        return self.kind.is_current(self.notice)


def list_notifications(
    session: Session,
    person_id: int,
    *,
    unread_only: bool = False,
    after: str = "",
    limit: int = PAGE,
) -> Page[Told]:
    """Return a page of what the person was told at all their schools, the latest first."""
    query = sa.select(Notification).where(Notification.person_id == person_id)
    if unread_only:
        query = query.where(Notification.read_at.is_(None))
    page = paginate(session, query, Notification.id.desc(), after=after, limit=limit)
    return Page(with_words(session, page.rows), page.next)


def count_unread(actor: ActorLike) -> sa.ScalarSelect[int]:
    """Return the query that counts what the person has not read, at all their schools."""
    return (
        sa.select(sa.func.count())
        .select_from(Notification)
        .where(Notification.person_id == actor.person_id, Notification.read_at.is_(None))
        .scalar_subquery()
    )


def with_words(session: Session, notifications: Iterable[Notification]) -> list[Told]:
    """Return notifications with what they are about: one statement for each sort of thing.

    What is about a thing that has gone, or of a kind that the code no longer has, is left out.
    """
    rows = list(notifications)
    ids: dict[str, set[int]] = {}
    for row in rows:
        ids.setdefault(row.about, set()).add(row.about_id)
    things: dict[str, Mapping[int, Any]] = {}
    for name, about_ids in ids.items():
        about = find_about(name)
        things[name] = about.load(session, about_ids) if about else {}
    schools = names_of_schools(session, {row.school_urn for row in rows})
    told = []
    for row in rows:
        kind = find_kind(row.kind)
        facts = things[row.about].get(row.about_id)
        if kind is not None and facts is not None:
            notice = Notice(facts, row.person_id, row.school_urn, schools[row.school_urn], row.days)
            told.append(Told(row, kind, notice))
    return told
