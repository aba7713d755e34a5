"""A ruling on the page of its exchange: until when a school can ask again, or that it is final."""

from __future__ import annotations

from dataclasses import dataclass

from flask import url_for
from sqlalchemy.orm import Session

from marketplace.exchanges.disputes.again import asked_until, why_not_again
from marketplace.exchanges.disputes.queries import last_ruling
from marketplace.exchanges.models import Exchange, ExchangeEvent, State
from marketplace.exchanges.presenters import StepButton
from marketplace.exchanges.states import Step
from marketplace.web.formats import day


@dataclass(frozen=True, slots=True)
class StandingRuling:
    """What a school reads of a ruling that stands, and the button with which it can ask again."""

    text: str
    buttons: list[StepButton]


def standing_ruling(
    session: Session,
    exchange: Exchange,
    history: list[ExchangeEvent],
    urn: int,
    *,
    may_act: bool,
) -> StandingRuling | None:
    """Return what the school ``urn`` reads of the ruling on the exchange; None without one.

    ``may_act`` says whether the person may ask for it to be looked at again.
    """
    if exchange.state == State.DISPUTED or not any(event.step == Step.RULE for event in history):
        return None
    why_not = why_not_again(session, exchange, urn)
    if why_not is not None:
        return StandingRuling(why_not, [])
    ruled = last_ruling(session, exchange)
    assert ruled is not None
    assert ruled.ended_at is not None
    until = day(asked_until(ruled.ended_at))
    url = url_for("disputes.look_again", exchange_id=exchange.id)
    button = StepButton("Ask for the ruling to be looked at again", url, "outline-primary", False)
    return StandingRuling(
        f"Your school can ask once, until {until}, for the ruling to be looked at again by another"
        " operator. Then it is final.",
        [button] if may_act else [],
    )
