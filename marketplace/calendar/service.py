"""The verbs of term dates: add, import, delete."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from marketplace import clock
from marketplace.accounts.actor import Actor
from marketplace.accounts.roles import Permission
from marketplace.calendar.events import TermDatesChanged
from marketplace.calendar.models import CalendarEntry, EntryKind
from marketplace.calendar.queries import MOST_ENTRIES, Owner
from marketplace.calendar.school_calendar import Days
from marketplace.clock import today
from marketplace.errors import NotFound, Refusal
from marketplace.outbox.service import record
from marketplace.web.texts import visible

LONGEST = timedelta(days=150)
FURTHEST = timedelta(days=3 * 366)


def add_days(session: Session, actor: Actor, owner: Owner, days: Days) -> None:
    """Add a term, a holiday or an INSET day.

    Raises:
        NotFound, NotAllowed: if they are not the actor's to change.
        Refusal: for days that cannot be, naming the field; the same ones twice are no mistake.
    """
    _require(actor, owner)
    _check(days)
    if _exists(session, owner, days):
        return
    if _count(session, owner) >= MOST_ENTRIES:
        raise Refusal(f"There may be {MOST_ENTRIES} entries. Delete some of them first.")
    _add(session, actor, owner, days, imported=False)
    _record(session, actor, owner)


def import_days(session: Session, actor: Actor, owner: Owner, entries: Iterable[Days]) -> int:
    """Put what a file has in the place of what was imported before; return how many there are.

    Raises:
        NotFound, NotAllowed: if they are not the actor's to change.
        Refusal: if nothing in the file is of this school year or a later one.
    """
    _require(actor, owner)
    usable = [days for days in entries if today() - timedelta(days=366) <= days.ends_on]
    usable = [days for days in usable if days.starts_on <= today() + FURTHEST][:MOST_ENTRIES]
    if not usable:
        raise Refusal("All the days in that calendar are over, or years ahead.", field="file")
    session.execute(sa.delete(CalendarEntry).where(owner.owns(), CalendarEntry.imported.is_(True)))
    session.flush()
    number = 0
    for days in usable:
        if not _exists(session, owner, days):
            _add(session, actor, owner, days, imported=True)
            number += 1
    _record(session, actor, owner)
    return number


def delete_days(session: Session, actor: Actor, owner: Owner, entry_id: int) -> None:
    """Delete an entry.

    Raises:
        NotFound, NotAllowed: if it is not the actor's to change.
    """
    _require(actor, owner)
    entry = session.scalar(
        sa.select(CalendarEntry).where(CalendarEntry.id == entry_id, owner.owns())
    )
    if entry is None:
        raise NotFound
    session.delete(entry)
    session.flush()
    _record(session, actor, owner)


def _require(actor: Actor, owner: Owner) -> None:
    if owner.school_urn is None:
        actor.require(Permission.MANAGE_NETWORK)
        return
    if owner.school_urn != actor.urn:
        raise NotFound
    actor.require(Permission.POST_LISTINGS)


def _check(days: Days) -> None:
    if days.kind not in list(EntryKind):
        raise Refusal("Choose what these days are.", field="kind")
    if len(days.name) > 100 or (days.name and not visible(days.name)):
        raise Refusal("Use at most 100 characters that can be seen.", field="name")
    if days.ends_on < days.starts_on:
        raise Refusal("The last day is before the first one.", field="ends_on")
    if days.ends_on - days.starts_on > LONGEST:
        raise Refusal("That is longer than a term. Check the days.", field="ends_on")
    if abs(days.starts_on - today()) > FURTHEST:
        raise Refusal("That day is years away. Check the year.", field="starts_on")


def _exists(session: Session, owner: Owner, days: Days) -> bool:
    same = sa.exists().where(
        owner.owns(),
        CalendarEntry.kind == days.kind,
        CalendarEntry.starts_on == days.starts_on,
        CalendarEntry.ends_on == days.ends_on,
    )
    return bool(session.scalar(sa.select(same)))


def _count(session: Session, owner: Owner) -> int:
    return session.scalar(sa.select(sa.func.count(CalendarEntry.id)).where(owner.owns())) or 0


def _add(session: Session, actor: Actor, owner: Owner, days: Days, *, imported: bool) -> None:
    session.add(
        CalendarEntry(
            school_urn=owner.school_urn,
            authority_code=owner.authority_code,
            kind=days.kind,
            name=days.name.strip(),
            starts_on=days.starts_on,
            ends_on=days.ends_on,
            imported=imported,
            changed_by_id=actor.person_id,
            changed_at=clock.now(),
        )
    )
    session.flush()


def _record(session: Session, actor: Actor, owner: Owner) -> None:
    urns = (owner.school_urn,) if owner.school_urn is not None else ()
    record(session, TermDatesChanged(actor_id=actor.person_id, school_urns=urns))
