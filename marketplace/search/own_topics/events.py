"""What happens to the topics, for the outbox."""

from __future__ import annotations

from dataclasses import dataclass

from marketplace.outbox.events import Event


@dataclass(frozen=True, kw_only=True)
class TopicChanged(Event):
    """A topic or a group was added, renamed, moved, retired or brought back."""

    type = "topic.changed"
    topic_change_id: int
