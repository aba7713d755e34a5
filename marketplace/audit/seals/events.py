"""What happens to seals, for the outbox."""

from __future__ import annotations

from dataclasses import dataclass

from marketplace.outbox.events import Event


@dataclass(frozen=True, kw_only=True)
class BookSealed(Event):
    """An operator has sealed the book; ``seal_number`` is the newest seal."""

    type = "book.sealed"
    seal_number: int
