"""What happens to adjustments, for the outbox."""

from __future__ import annotations

from dataclasses import dataclass

from marketplace.outbox.events import Event


@dataclass(frozen=True, kw_only=True)
class AdjustmentProposed(Event):
    """One person has proposed an adjustment, and another one has to approve it."""

    type = "adjustment.proposed"
    adjustment_id: int


@dataclass(frozen=True, kw_only=True)
class AdjustmentDone(Event):
    """Another person has approved it, and it is done: the schools concerned are named."""

    type = "adjustment.done"
    adjustment_id: int


@dataclass(frozen=True, kw_only=True)
class AdjustmentRefused(Event):
    """Another person has refused it."""

    type = "adjustment.refused"
    adjustment_id: int


@dataclass(frozen=True, kw_only=True)
class AdjustmentWithdrawn(Event):
    """The person who proposed it has taken it back."""

    type = "adjustment.withdrawn"
    adjustment_id: int


@dataclass(frozen=True, kw_only=True)
class AdjustmentLapsed(Event):
    """It was done at once, nobody confirmed it in time, and it has been undone."""

    type = "adjustment.lapsed"
    adjustment_id: int
