"""Term dates of schools and authorities."""

from __future__ import annotations

from datetime import date

from marketplace.accounts.actor import Actor
from marketplace.calendar.models import CalendarEntry
from marketplace.calendar.queries import Owner, list_entries
from marketplace.calendar.school_calendar import Days
from marketplace.calendar.service import add_days
from marketplace.clock import today
from marketplace.database import db


def told(acting: Actor, authority_code: str | None = None, **changes: object) -> CalendarEntry:
    """An INSET day today, unless told otherwise, of the actor's school or of an authority."""
    owner = Owner(authority_code=authority_code) if authority_code else Owner(acting.school())
    facts = {"kind": "inset", "name": "INSET", "starts_on": today(), "ends_on": today()} | changes
    add_days(db.session(), acting, owner, Days(**facts))
    return next(
        entry
        for entry in list_entries(db.session(), owner)
        if (entry.kind, entry.starts_on) == (facts["kind"], facts["starts_on"])
    )


def day(text: str) -> date:
    """A day, as it is written."""
    return date.fromisoformat(text)
