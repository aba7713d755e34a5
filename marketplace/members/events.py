"""What happens to a school's people, for the outbox."""

from __future__ import annotations

from dataclasses import dataclass

from marketplace.outbox.events import Event


@dataclass(frozen=True, kw_only=True)
class RolesChanged(Event):
    """A person's roles at a school have changed."""

    type = "member.roles_changed"
    person_id: int
