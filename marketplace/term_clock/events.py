"""What happens to the term clock, for the outbox."""

from __future__ import annotations

from dataclasses import dataclass

from marketplace.outbox.events import Event


@dataclass(frozen=True, kw_only=True)
class TermAnswered(Event):
    """A school said whether it has hours to give."""

    type = "term_clock.answered"
