"""What happens to schools in the network, for the outbox."""

from __future__ import annotations

from dataclasses import dataclass

from marketplace.outbox.events import Event


@dataclass(frozen=True, kw_only=True)
class SchoolJoined(Event):
    """A school takes part now: it is the one school concerned."""

    type = "school.joined"
