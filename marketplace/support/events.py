"""What happens to support accesses, for the outbox."""

from __future__ import annotations

from dataclasses import dataclass

from marketplace.outbox.events import Event


@dataclass(frozen=True, kw_only=True)
class SupportBegan(Event):
    """An operator may read a school's private pages for a while."""

    type = "support.began"
    support_id: int


@dataclass(frozen=True, kw_only=True)
class SupportEnded(Event):
    """A support access was ended before its time."""

    type = "support.ended"
    support_id: int
