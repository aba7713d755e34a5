"""Rows of the security log, as pages show them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from marketplace.accounts.security_queries import SecurityEntry
from marketplace.accounts.security_words import event_words


@dataclass(frozen=True, slots=True)
class SecurityRow:
    """One event: when it happened, what, to whom, by whom, and from where."""

    when: datetime
    what: str
    person_name: str
    actor_name: str
    school_name: str
    device: str
    address: str


def security_row(entry: SecurityEntry) -> SecurityRow:
    """Return an event as a page shows it.

    Who did it is left empty where it is the person themselves.
    """
    event, person_name, actor_name, school_name = entry
    by_another = event.actor_id is not None and event.actor_id != event.person_id
    return SecurityRow(
        when=event.occurred_at,
        what=event_words(event.kind, event.details),
        person_name=person_name or ("An unknown address" if event.actor_id is None else ""),
        actor_name=(actor_name or "") if by_another else "",
        school_name=school_name or "",
        device=event.device or "",
        address=event.address or "",
    )
