"""What happens to verifications, for the outbox."""

from __future__ import annotations

from dataclasses import dataclass

from marketplace.outbox.events import Event


@dataclass(frozen=True, kw_only=True)
class VerificationAsked(Event):
    """Somebody wants the book verified now; the worker does it."""

    type = "verification.asked"
    run_id: int


@dataclass(frozen=True, kw_only=True)
class VerificationPassed(Event):
    """A verification found nothing."""

    type = "verification.passed"
    run_id: int


@dataclass(frozen=True, kw_only=True)
class FaultsFound(Event):
    """A verification found faults."""

    type = "verification.faults"
    run_id: int


@dataclass(frozen=True, kw_only=True)
class VerificationBrokenOff(Event):
    """A verification could not be finished."""

    type = "verification.broken_off"
    run_id: int
