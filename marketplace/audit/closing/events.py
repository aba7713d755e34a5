"""What happens to the closing of periods, for the outbox."""

from __future__ import annotations

from dataclasses import dataclass

from marketplace.outbox.events import Event


@dataclass(frozen=True, kw_only=True)
class ClosingProposed(Event):
    """Somebody proposes to close the books through a day; another person has to do it."""

    type = "closing.proposed"
    closing_id: int


@dataclass(frozen=True, kw_only=True)
class BooksClosed(Event):
    """The books are closed through a day."""

    type = "closing.closed"
    closing_id: int


@dataclass(frozen=True, kw_only=True)
class ClosingWithdrawn(Event):
    """A proposal to close was taken back or refused."""

    type = "closing.withdrawn"
    closing_id: int
