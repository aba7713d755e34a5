"""What happens to disputes, for the outbox."""

from __future__ import annotations

from dataclasses import dataclass

from marketplace.outbox.events import Event


@dataclass(frozen=True, kw_only=True)
class DisputeOpened(Event):
    """A school, or the operator for it, opened a dispute over an exchange."""

    type = "dispute.opened"
    dispute_id: int


@dataclass(frozen=True, kw_only=True)
class DisputeAnswered(Event):
    """The other school answered; the operator can rule."""

    type = "dispute.answered"
    dispute_id: int


@dataclass(frozen=True, kw_only=True)
class DisputeStatementAdded(Event):
    """One of the two schools added a statement."""

    type = "dispute.statement_added"
    dispute_id: int


@dataclass(frozen=True, kw_only=True)
class DisputeOfferMade(Event):
    """One of the two schools proposed a figure to settle at."""

    type = "dispute.offer_made"
    dispute_id: int


@dataclass(frozen=True, kw_only=True)
class DisputeSettled(Event):
    """The other school accepted the figure; the dispute is over."""

    type = "dispute.settled"
    dispute_id: int


@dataclass(frozen=True, kw_only=True)
class DisputeWithdrawn(Event):
    """The school that opened the dispute withdrew it."""

    type = "dispute.withdrawn"
    dispute_id: int


@dataclass(frozen=True, kw_only=True)
class DisputeAnswerDue(Event):
    """The other school has ``days`` left to answer."""

    type = "dispute.answer_due"
    dispute_id: int
    days: int


@dataclass(frozen=True, kw_only=True)
class DisputeUnanswered(Event):
    """The other school did not answer in time; the operator rules without its words."""

    type = "dispute.unanswered"
    dispute_id: int


@dataclass(frozen=True, kw_only=True)
class DisputeOverdue(Event):
    """The ruling is overdue."""

    type = "dispute.overdue"
    dispute_id: int


@dataclass(frozen=True, kw_only=True)
class RulingProposed(Event):
    """An operator proposed a ruling beyond a limit, which a second person has to approve."""

    type = "dispute.ruling_proposed"
    dispute_id: int


@dataclass(frozen=True, kw_only=True)
class RulingRefused(Event):
    """A second operator refused the ruling that was proposed."""

    type = "dispute.ruling_refused"
    dispute_id: int


@dataclass(frozen=True, kw_only=True)
class DisputeRuled(Event):
    """The operator ruled; the credits are as the ruling says."""

    type = "dispute.ruled"
    dispute_id: int
