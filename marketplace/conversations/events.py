"""What happens to conversations, for the outbox."""

from __future__ import annotations

from dataclasses import dataclass

from marketplace.outbox.events import Event


@dataclass(frozen=True, kw_only=True)
class MessageWritten(Event):
    """A school wrote to another; the first message begins the conversation."""

    type = "message.written"
    enquiry_id: int
    message_id: int
