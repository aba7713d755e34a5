"""A ruling is final, but each side may ask once that another operator look at it again."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial

import sqlalchemy as sa
from sqlalchemy.orm import Session

from marketplace import clock
from marketplace.accounts.actor import Actor
from marketplace.errors import Refusal
from marketplace.exchanges.disputes import events
from marketplace.exchanges.disputes.models import Dispute
from marketplace.exchanges.disputes.queries import last_ruling, latest_dispute
from marketplace.exchanges.disputes.rules import begin, refuse_figure, refuse_statement
from marketplace.exchanges.models import Exchange
from marketplace.exchanges.states import Step
from marketplace.exchanges.transitions import StepDetails, transition
from marketplace.settings import current_policy
from marketplace.web.formats import day

ASKED_WITHIN = timedelta(days=14)
"""How long after a ruling a school may ask for it to be looked at again."""


def ask_again(
    session: Session, actor: Actor, exchange: Exchange, *, minutes: int, text: str, version: int
) -> Dispute:
    """Ask for the ruling on an exchange to be looked at again, by an operator who did not rule.

    ``minutes`` is what the school holds right, ``text`` why. The other school answers, as in any
    dispute. What the ruling moved stays moved until it is decided anew.

    Raises:
        NotAllowed: without the role.
        NotFound: if the school acted for is not one of the two.
        Conflict: if the exchange is no longer as the person saw it, or is disputed now.
        Refusal: nobody has ruled, the time is over, or the school has asked before; without words,
            or for a figure that cannot be right.
    """
    details = StepDetails(text.strip(), minutes)
    with transition(session, actor, exchange, Step.LOOK_AGAIN, version, details) as step:
        if step.is_replay:
            return latest_dispute(session, exchange)
        if (reason := why_not_again(session, exchange, actor.school())) is not None:
            raise Refusal(reason)
        refuse_statement(details.text)
        refuse_figure(exchange, minutes, current_policy())
        side = _side(exchange, actor.school())
        dispute = begin(
            session, actor, exchange, minutes=minutes, urn=actor.school(), again_by=side
        )
        step.to(
            awaiting=exchange.other_urn(actor.urn),
            event=partial(events.DisputeOpened, dispute_id=dispute.id),
            at=dispute.opened_at,
        )
    return dispute


def why_not_again(session: Session, exchange: Exchange, urn: int) -> str | None:
    """Say why the school ``urn`` cannot ask that the ruling be looked at again; None if it can."""
    ruled = last_ruling(session, exchange)
    if ruled is None or ruled.ended_at is None:
        return (
            "The network’s operator has not ruled on this, so there is no ruling to look at again."
        )
    asked = sa.exists().where(
        Dispute.exchange_id == exchange.id, Dispute.again_by == _side(exchange, urn)
    )
    if session.scalar(sa.select(asked)):
        return "Your school has asked once for the ruling to be looked at again. Now it is final."
    until = asked_until(ruled.ended_at)
    if until < clock.now():
        return (
            f"A ruling can be looked at again within {ASKED_WITHIN.days} days, which was until"
            f" {day(until)}. Now it is final."
        )
    return None


def asked_until(ruled_at: datetime) -> datetime:
    """Return until when a school may ask for a ruling of ``ruled_at`` to be looked at again."""
    return ruled_at + ASKED_WITHIN


def _side(exchange: Exchange, urn: int) -> str:
    """The side of a school: it stays the same where another one carries on for it."""
    return "provider" if urn == exchange.provider_urn else "receiver"
