"""What happens to the page of a school, for the outbox."""

from __future__ import annotations

from dataclasses import dataclass

from marketplace.outbox.events import Event


@dataclass(frozen=True, kw_only=True)
class ProfileWritten(Event):
    """A school has changed its page: a part of it, or its photographs."""

    type = "profile.written"
    urn: int
