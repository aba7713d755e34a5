"""What happens to people’s accounts, for the outbox."""

from __future__ import annotations

from dataclasses import dataclass

from marketplace.outbox.events import Event


@dataclass(frozen=True, kw_only=True)
class PersonErased(Event):
    """A person was erased; ``school_urns`` are the schools where they held a role."""

    type = "person.erased"
    person_id: int
