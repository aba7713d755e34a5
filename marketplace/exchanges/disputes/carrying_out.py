"""A ruling that is carried out: written down, with what it moves and the step that it is."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from sqlalchemy.orm import Session

from marketplace import clock
from marketplace.accounts.actor import Actor
from marketplace.credits.reposting import Override
from marketplace.exchanges.disputes import events
from marketplace.exchanges.disputes.effects import pay
from marketplace.exchanges.disputes.models import Dispute, Outcome, Ruling
from marketplace.exchanges.disputes.rules import end
from marketplace.exchanges.models import Exchange, State
from marketplace.exchanges.transitions import StepInProgress


@dataclass(frozen=True, slots=True)
class Decision:
    """A ruling: ``minutes`` is what the receiver pays in all, ``fund_minutes`` the fund's part."""

    ruling: Ruling
    minutes: int
    fund_minutes: int
    reasons: str


def carry_out(
    session: Session,
    actor: Actor,
    dispute: Dispute,
    exchange: Exchange,
    decision: Decision,
    step: StepInProgress,
    *,
    ruled_by_id: int,
    override: Override | None = None,
) -> None:
    """Write the ruling down, move the credits, end the dispute, and take the step.

    ``ruled_by_id`` is who decided, ``override`` who lets a credit limit be broken.

    Raises:
        BeyondLimit: a school would be beyond its credit limit, and there is no ``override``.
        Refusal: the ledger cannot carry it out; it says why.
    """
    dispute.ruling = decision.ruling
    dispute.ruled_minutes = decision.minutes
    dispute.fund_minutes = decision.fund_minutes
    dispute.reasons = decision.reasons.strip()
    dispute.ruled_by_id = ruled_by_id
    dispute.ruled_at = clock.now()
    target = pay(
        session,
        actor,
        dispute,
        exchange,
        decision.minutes,
        memo=f"{exchange.title} (ruling on dispute {dispute.id})",
        fund_minutes=decision.fund_minutes,
        override=override,
    )
    end(dispute, Outcome.RULED)
    step.to(
        awaiting=None,
        target=State(target),
        event=partial(events.DisputeRuled, dispute_id=dispute.id),
        school_urn=dispute.opened_by_urn,
    )
