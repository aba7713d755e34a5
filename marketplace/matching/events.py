"""What follows from a new listing that fits others, for the outbox."""

from __future__ import annotations

from dataclasses import dataclass

from marketplace.outbox.events import Event


@dataclass(frozen=True, kw_only=True)
class MatchFound(Event):
    """A new listing fits one of another school."""

    type = "match.found"
    match_id: int
