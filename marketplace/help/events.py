"""What happens to consent and to the list of first steps, for the outbox."""

from __future__ import annotations

from dataclasses import dataclass

from marketplace.outbox.events import Event


@dataclass(frozen=True, kw_only=True)
class ConsentChanged(Event):
    """A person agreed to be listed, or no longer agrees."""

    type = "person.consent_changed"
    person_id: int


@dataclass(frozen=True, kw_only=True)
class FirstWeekDismissed(Event):
    """A school put away the list of first steps."""

    type = "school.first_week_dismissed"
