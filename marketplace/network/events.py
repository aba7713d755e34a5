"""What happens to schools in the network, for the outbox."""

from __future__ import annotations

from dataclasses import dataclass

from marketplace.outbox.events import Event


@dataclass(frozen=True, kw_only=True)
class SchoolJoined(Event):
    """A school takes part now: it is the one school concerned."""

    type = "school.joined"


@dataclass(frozen=True, kw_only=True)
class SchoolClosed(Event):
    """A school that takes part has closed in the register, and another may carry on for it."""

    type = "school.closed"


@dataclass(frozen=True, kw_only=True)
class SchoolSucceeded(Event):
    """Everything of the first school goes on at the second one."""

    type = "school.succeeded"
    succession_id: int


@dataclass(frozen=True, kw_only=True)
class SuccessionWaiting(Event):
    """The operators have to decide who carries on for a school."""

    type = "succession.waiting"


@dataclass(frozen=True, kw_only=True)
class SuccessionProposed(Event):
    """One person has decided who carries on for a school, and a second one has to approve."""

    type = "succession.proposed"
    succession_id: int


@dataclass(frozen=True, kw_only=True)
class SuccessionRefused(Event):
    """The second person did not approve, or the first took the proposal back."""

    type = "succession.refused"
    succession_id: int


@dataclass(frozen=True, kw_only=True)
class SchoolFrozen(Event):
    """The operator has paused a school: its people read, and change nothing."""

    type = "school.frozen"


@dataclass(frozen=True, kw_only=True)
class SchoolUnfrozen(Event):
    """The school that was paused goes on."""

    type = "school.unfrozen"


@dataclass(frozen=True, kw_only=True)
class SchoolLeft(Event):
    """A school has left the network; ``heir_urn`` is the school that was given its credits."""

    type = "school.left"
    heir_urn: int | None = None
