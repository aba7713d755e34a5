"""What happens in the directory of expertise, for the outbox."""

from __future__ import annotations

from dataclasses import dataclass

from marketplace.outbox.events import Event


@dataclass(frozen=True, kw_only=True)
class ExpertiseShared(Event):
    """A person has said what they are good at, or has taken up what was suggested."""

    type = "expertise.shared"
    expertise_id: int


@dataclass(frozen=True, kw_only=True)
class ExpertiseSuggested(Event):
    """An administrator has suggested to a colleague to share what they are good at."""

    type = "expertise.suggested"
    expertise_id: int
    person_id: int


@dataclass(frozen=True, kw_only=True)
class ExpertiseChanged(Event):
    """A person has changed what they say, or who may see it."""

    type = "expertise.changed"
    expertise_id: int


@dataclass(frozen=True, kw_only=True)
class ExpertiseTakenBack(Event):
    """It has gone: the person took it back or turned it down, or the suggestion was withdrawn."""

    type = "expertise.taken_back"
    expertise_id: int
