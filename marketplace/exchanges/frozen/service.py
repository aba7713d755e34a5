"""The operator lets one payment through although an account is frozen."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import Session

from marketplace import clock
from marketplace.accounts.actor import Actor
from marketplace.accounts.roles import Permission
from marketplace.errors import Conflict, NotAllowed, NotFound, Refusal
from marketplace.exchanges.disputes.rulings import why_not_impartial
from marketplace.exchanges.frozen.models import SettlementPermit
from marketplace.exchanges.frozen.rules import frozen_schools, unused_permit
from marketplace.exchanges.models import Exchange, State
from marketplace.exchanges.states import Step
from marketplace.exchanges.transitions import StepDetails, record_step
from marketplace.web.texts import visible

LONGEST_REASON = 500


def let_payment_through(
    session: Session, actor: Actor, exchange_id: int, reason: str
) -> SettlementPermit:
    """Let an exchange be confirmed although an account is frozen; both schools read why.

    Raises:
        NotAllowed: without the role, or with one at a school concerned.
        NotFound: there is no such exchange.
        Conflict: it does not wait for that.
        Refusal: without a reason.
    """
    actor.require(Permission.MANAGE_NETWORK)
    exchange = session.scalar(
        sa.select(Exchange)
        .where(Exchange.id == exchange_id)
        .with_for_update(of=Exchange)
        .execution_options(populate_existing=True)
    )
    if exchange is None:
        raise NotFound
    if why_not := why_not_impartial(session, actor, exchange):
        raise NotAllowed(why_not)
    reason = reason.strip()
    if not visible(reason):
        raise Refusal("Say why: both schools read it.", field="reason")
    if len(reason) > LONGEST_REASON:
        raise Refusal(f"Use at most {LONGEST_REASON} characters.", field="reason")
    if exchange.state != State.DELIVERED or not frozen_schools(session, exchange):
        raise Conflict("This does not wait for a frozen account any more.")
    if unused_permit(session, exchange) is not None:
        raise Conflict("This payment has been let through already.")
    now = clock.now()
    permit = SettlementPermit(
        exchange_id=exchange.id, person_id=actor.person_id, reason=reason, at=now
    )
    session.add(permit)
    record_step(
        session,
        actor,
        exchange,
        Step.LET_PAY,
        now,
        StepDetails(reason),
        school_urn=exchange.receiver_urn,
    )
    session.flush()
    return permit
