"""Reading term dates: those of one owner, and the school year of one school."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa
from sqlalchemy.orm import Session

from marketplace.calendar.half_terms import school_year
from marketplace.calendar.models import CalendarEntry
from marketplace.calendar.school_calendar import Days, SchoolCalendar
from marketplace.clock import today
from marketplace.errors import NotFound
from marketplace.schools.models import LocalAuthority

MOST_ENTRIES = 300


@dataclass(frozen=True, slots=True)
class Owner:
    """Whose term dates they are: a school’s, or a local authority’s."""

    school_urn: int | None = None
    authority_code: str | None = None

    def owns(self) -> sa.ColumnElement[bool]:
        """Return the condition that an entry is the owner's."""
        if self.school_urn is not None:
            return CalendarEntry.school_urn == self.school_urn
        return CalendarEntry.authority_code == self.authority_code


def school_calendar(
    session: Session, urn: int, authority_code: str | None, since: date | None = None
) -> SchoolCalendar:
    """Return the school year of a school, as told from the school year of ``since`` on."""
    begin = date(school_year(since or today()), 8, 15)
    rows = session.scalars(
        sa.select(CalendarEntry)
        .where(
            sa.or_(CalendarEntry.school_urn == urn, CalendarEntry.authority_code == authority_code),
            CalendarEntry.ends_on >= begin,
        )
        .order_by(CalendarEntry.starts_on, CalendarEntry.id)
        .limit(2 * MOST_ENTRIES)
    )
    return SchoolCalendar([_days(row) for row in rows])


def told_days(
    session: Session, authorities: Mapping[int, str], since: date | None = None
) -> dict[int, tuple[Days, ...]]:
    """Return what was told of the school years of several schools; one statement.

    ``authorities`` has the code of each school's local authority by the school's number. What comes
    is what makes a ``SchoolCalendar``, as told from the school year of ``since`` on.
    """
    begin = date(school_year(since or today()), 8, 15)
    rows = session.scalars(
        sa.select(CalendarEntry)
        .where(
            sa.or_(
                CalendarEntry.school_urn.in_(authorities),
                CalendarEntry.authority_code.in_(set(authorities.values())),
            ),
            CalendarEntry.ends_on >= begin,
        )
        .order_by(CalendarEntry.starts_on, CalendarEntry.id)
    ).all()
    of_school = _by_owner(rows, "school_urn")
    of_authority = _by_owner(rows, "authority_code")
    return {
        urn: (*of_school.get(urn, ()), *of_authority.get(code, ()))
        for urn, code in authorities.items()
    }


def list_entries(session: Session, owner: Owner) -> Sequence[CalendarEntry]:
    """Return the term dates of one owner from this school year on, in order."""
    return session.scalars(
        sa.select(CalendarEntry)
        .where(owner.owns(), CalendarEntry.ends_on >= date(school_year(today()), 8, 15))
        .order_by(CalendarEntry.starts_on, CalendarEntry.id)
        .limit(MOST_ENTRIES)
    ).all()


def get_authority(session: Session, code: str) -> LocalAuthority:
    """Return a local authority.

    Raises:
        NotFound: if there is none with this code.
    """
    authority = session.get(LocalAuthority, code)
    if authority is None:
        raise NotFound("There is no local authority with this code.")
    return authority


def count_by_authority(session: Session) -> list[tuple[str, str, int]]:
    """Return every local authority: its code, its name, and how many term dates we have."""
    rows = session.execute(
        sa.select(LocalAuthority.code, LocalAuthority.name, sa.func.count(CalendarEntry.id))
        .outerjoin(
            CalendarEntry,
            sa.and_(
                CalendarEntry.authority_code == LocalAuthority.code,
                CalendarEntry.ends_on >= date(school_year(today()), 8, 15),
            ),
        )
        .group_by(LocalAuthority.code, LocalAuthority.name)
        .order_by(LocalAuthority.name)
    )
    return [(code, name, number) for code, name, number in rows]


def _by_owner(rows: Collection[CalendarEntry], owner: str) -> dict[int | str, list[Days]]:
    found: dict[int | str, list[Days]] = {}
    for row in rows:
        found.setdefault(getattr(row, owner), []).append(_days(row))
    return found


def _days(row: CalendarEntry) -> Days:
    return Days(row.kind, row.name, row.starts_on, row.ends_on, row.school_urn is not None)
