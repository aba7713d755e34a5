"""What happens to claims, for the outbox."""

from __future__ import annotations

from dataclasses import dataclass

from marketplace.outbox.events import Event


@dataclass(frozen=True, kw_only=True)
class ClaimMade(Event):
    """A person has claimed a school; a link has been e-mailed to them."""

    type = "claim.made"
    claim_id: int


@dataclass(frozen=True, kw_only=True)
class ClaimWaiting(Event):
    """The address is confirmed, and the operator has to decide."""

    type = "claim.waiting"
    claim_id: int


@dataclass(frozen=True, kw_only=True)
class ClaimConfirmed(Event):
    """An address at the school's own domain is confirmed: the person is administrator."""

    type = "claim.confirmed"
    claim_id: int


@dataclass(frozen=True, kw_only=True)
class ClaimApproved(Event):
    """The operator has approved a claim: the person is administrator."""

    type = "claim.approved"
    claim_id: int


@dataclass(frozen=True, kw_only=True)
class ClaimRefused(Event):
    """The operator has refused a claim."""

    type = "claim.refused"
    claim_id: int


@dataclass(frozen=True, kw_only=True)
class ClaimOvertaken(Event):
    """Another person became the school's administrator before this claim was decided."""

    type = "claim.overtaken"
    claim_id: int


@dataclass(frozen=True, kw_only=True)
class JoinRequested(Event):
    """A person has asked the administrators of a school to add them."""

    type = "claim.asked"
    claim_id: int
