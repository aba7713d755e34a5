"""What every dispute keeps to: how it begins and ends, and which words and figures can be right."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy.orm import Session

from marketplace import clock
from marketplace.accounts.actor import Actor
from marketplace.credits.formats import credits
from marketplace.credits.holds import keep_held
from marketplace.errors import Refusal
from marketplace.exchanges.corrections.ending import end_by_dispute
from marketplace.exchanges.disputes.models import Dispute, Outcome
from marketplace.exchanges.disputes.queries import last_ruling
from marketplace.exchanges.models import Exchange, State
from marketplace.schools.facts import Status
from marketplace.schools.models import School
from marketplace.settings import Policy, current_policy
from marketplace.web.texts import visible

LONGEST_STATEMENT = 2000
FINAL = (
    "The network’s operator has ruled on this, so no other dispute can be opened. Within 14 days of"
    " a ruling each school may ask once for it to be looked at again."
)


def begin(
    session: Session,
    actor: Actor,
    exchange: Exchange,
    *,
    minutes: int,
    urn: int,
    by_network: bool = False,
    correction_id: int | None = None,
    again_by: str | None = None,
) -> Dispute:
    """Write down a new dispute of the school ``urn`` and freeze the hold.

    The caller takes the step. A school that has closed or left cannot answer, so nobody waits for
    it. ``again_by`` is the side that asks for a ruling to be looked at again.

    Raises:
        Refusal: the credits are no longer held, or the operator has ruled on this before.
    """
    if again_by is None and last_ruling(session, exchange) is not None:
        raise Refusal(FINAL)
    policy, now = current_policy(), clock.now()
    answer_due_at = now
    if can_act(session.get_one(School, exchange.other_urn(urn))):
        answer_due_at += timedelta(days=policy.dispute_answer_days)
    dispute = Dispute(
        exchange_id=exchange.id,
        opened_by_urn=urn,
        opened_by_id=actor.person_id,
        by_network=by_network,
        opened_from=exchange.state,
        opened_version=exchange.version,
        opened_at=now,
        correction_id=end_by_dispute(session, exchange, now) or correction_id,
        claimed_minutes=minutes,
        again_by=again_by,
        answer_due_at=answer_due_at,
        ruling_due_at=answer_due_at + timedelta(days=policy.dispute_ruling_days),
    )
    session.add(dispute)
    session.flush()
    is_held = exchange.transaction_id is None and exchange.state != State.CANCELLED
    if is_held and exchange.hold_id is not None:
        dispute.hold_ended_at = keep_held(
            session,
            exchange.hold_id,
            key=f"{dispute.reference}:freeze",
            actor=actor.ledger_name,
            memo=f"{exchange.title} (dispute {dispute.id})",
        )
    return dispute


def can_act(school: School) -> bool:
    """Say whether people of the school could answer now, or once its pause is over."""
    return school.status != Status.CLOSED and school.joined_at is not None


def end(dispute: Dispute, outcome: Outcome) -> None:
    """Write down how the dispute ended, now."""
    dispute.ended_at, dispute.outcome = clock.now(), outcome
    if outcome != Outcome.RULED:
        dispute.adjustment_id = None


def refuse_statement(text: str, *, field: str = "text") -> None:
    """Refuse words that say nothing, or too much.

    Raises:
        Refusal: naming the field.
    """
    if not visible(text):
        raise Refusal("Say what happened, so that the others can understand it.", field=field)
    if len(text) > LONGEST_STATEMENT:
        raise Refusal(f"Use at most {LONGEST_STATEMENT:,} characters.", field=field)


def refuse_figure(
    exchange: Exchange, minutes: int, policy: Policy, *, field: str = "minutes"
) -> None:
    """Refuse a figure that cannot be right: less than nothing, or more than was agreed.

    Raises:
        Refusal: naming the field.
    """
    if minutes < 0:
        raise Refusal("The credits cannot be less than 0.", field=field)
    if minutes > exchange.minutes:
        raise Refusal(
            f"At most {credits(exchange.minutes)} can be due: that is what was agreed.",
            field=field,
        )
    # What was agreed under another step is right as it is.
    if minutes % policy.smallest_step and minutes not in (
        exchange.minutes,
        exchange.delivered_minutes,
        exchange.sent_back_minutes,
    ):
        raise Refusal(
            f"Credits go in steps of {policy.smallest_step} minutes"
            f" ({credits(policy.smallest_step)}): {credits(minutes)} is between two steps.",
            field=field,
        )
