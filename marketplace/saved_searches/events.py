"""What happens to saved searches, for the outbox."""

from __future__ import annotations

from dataclasses import dataclass

from marketplace.outbox.events import Event


@dataclass(frozen=True, kw_only=True)
class SearchAlerted(Event):
    """A saved search found new listings."""

    type = "search.alerted"
    alert_id: int
