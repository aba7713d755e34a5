"""What happens to claims, for the outbox."""

from __future__ import annotations

from dataclasses import dataclass

from marketplace.outbox.events import Event


@dataclass(frozen=True, kw_only=True)
class _ClaimEvent(Event):
    """Something happened to a claim for the one school concerned."""

    type = "claim.changed"
    claim_id: int


@dataclass(frozen=True, kw_only=True)
class ClaimMade(_ClaimEvent):
    """A person has claimed a school; a link has been e-mailed to them."""

    type = "claim.made"


@dataclass(frozen=True, kw_only=True)
class ClaimWaiting(_ClaimEvent):
    """The address is confirmed, and the operator has to decide."""

    type = "claim.waiting"


@dataclass(frozen=True, kw_only=True)
class ClaimConfirmed(_ClaimEvent):
    """An address at the school's own domain is confirmed: the person is administrator."""

    type = "claim.confirmed"


@dataclass(frozen=True, kw_only=True)
class ClaimApproved(_ClaimEvent):
    """The operator has approved a claim: the person is administrator."""

    type = "claim.approved"


@dataclass(frozen=True, kw_only=True)
class ClaimRefused(_ClaimEvent):
    """The operator has refused a claim."""

    type = "claim.refused"


@dataclass(frozen=True, kw_only=True)
class ClaimOvertaken(_ClaimEvent):
    """Another person became the school's administrator before this claim was decided."""

    type = "claim.overtaken"


@dataclass(frozen=True, kw_only=True)
class JoinRequested(_ClaimEvent):
    """A person has asked the administrators of a school to add them."""

    type = "claim.asked"
