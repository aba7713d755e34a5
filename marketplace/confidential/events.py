"""What happens to confidential requests, for the outbox.

``school_urns`` has only the schools that may know of each other already.
"""

from __future__ import annotations

from dataclasses import dataclass

from marketplace.outbox.events import Event


@dataclass(frozen=True, kw_only=True)
class HelpAsked(Event):
    """A school was asked whether it would help another one, without its name."""

    type = "confidential.asked"
    ask_id: int


@dataclass(frozen=True, kw_only=True)
class HelpPromised(Event):
    """A school that was asked would help."""

    type = "confidential.promised"
    ask_id: int


@dataclass(frozen=True, kw_only=True)
class HelpDeclined(Event):
    """A school that was asked would not help."""

    type = "confidential.declined"
    ask_id: int


@dataclass(frozen=True, kw_only=True)
class HelpPassedOver(Event):
    """The school that needs help does not want that of one that would give it."""

    type = "confidential.passed_over"
    ask_id: int


@dataclass(frozen=True, kw_only=True)
class SchoolsIntroduced(Event):
    """Both schools agreed: they know each other's names, and a conversation is open."""

    type = "confidential.introduced"
    ask_id: int
    enquiry_id: int
