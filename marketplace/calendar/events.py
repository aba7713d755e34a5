"""What happens to term dates, for the outbox."""

from __future__ import annotations

from dataclasses import dataclass

from marketplace.outbox.events import Event


@dataclass(frozen=True, kw_only=True)
class TermDatesChanged(Event):
    """A school, or the operator for an authority (then no school is named), changed term dates."""

    type = "calendar.changed"
