"""What mail records in the outbox."""

from __future__ import annotations

from dataclasses import dataclass

from marketplace.outbox.events import Event


@dataclass(frozen=True, kw_only=True)
class MailQueued(Event):
    """An e-mail is to be sent now."""

    type = "mail.queued"

    email_id: int
