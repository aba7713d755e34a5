"""How a step is taken: lock, see that nobody was first, change the state, write the history."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from marketplace.exchanges.models import Exchange, ExchangeEvent
from marketplace.exchanges.steps import DONE, Move, Step, find_move
from marketplace.people.roles import Permission
from marketplace.people.viewer import Acting
from marketplace.web.formats import moment
from marketplace.web.problems import NotFound, Stale


@dataclass(frozen=True, slots=True)
class Said:
    """What a step says besides that it is taken; it stands in the history with it."""

    text: str = ""
    minutes: int | None = None
    on_date: date | None = None


NOTHING = Said()


def find_legal_move(
    session: Session,
    acting: Acting,
    exchange: Exchange,
    step: Step,
    version: int,
    said: Said = NOTHING,
) -> Move | None:
    """Lock the exchange and find the legal move; ``None`` if this very step was just done.

    A double click or a retry sends the step again with the version it saw: when the step that
    followed that version is the same one by the same person saying the same, it has been done,
    and that is no error. Other words or hours, from a second tab say, are not passed over.

    Raises:
        Stale: if anything else has happened since.
    """
    acting.require(Permission.AGREE_EXCHANGE)
    urn = acting.school()
    if urn not in (exchange.provider_urn, exchange.receiver_urn):
        raise NotFound
    session.refresh(exchange, with_for_update={"of": Exchange})
    if exchange.version != version:
        last = session.scalars(
            sa.select(ExchangeEvent)
            .where(ExchangeEvent.exchange_id == exchange.id, ExchangeEvent.version > version)
            .options(joinedload(ExchangeEvent.person), joinedload(ExchangeEvent.school))
            .order_by(ExchangeEvent.id)
        ).all()
        if (
            len(last) == 1
            and (last[0].step, last[0].person_id) == (step, acting.person_id)
            and Said(last[0].text, last[0].minutes, last[0].on_date) == said
        ):
            return None
        raise Stale(_what_happened(exchange, last[-1] if last else None))
    move = find_move(exchange, step, urn)
    if move is None:
        raise Stale(f"This cannot be done now: the exchange is {exchange.state}.")
    return move


def _what_happened(exchange: Exchange, event: ExchangeEvent | None) -> str:
    if event is None:
        return "This exchange has changed since you opened the page. Look again, then decide."
    return (
        f"Since you opened the page, {event.person.name} of {event.school.name}"
        f" {DONE[Step(event.step)]} ({moment(event.at)}). The exchange is now {exchange.state}:"
        " look again, then decide."
    )


def take(
    session: Session,
    acting: Acting,
    exchange: Exchange,
    move: Move,
    awaiting: int | None,
    said: Said = NOTHING,
) -> None:
    """Change the state as ``move`` says and write the step into the history."""
    now = datetime.now(UTC)
    exchange.state = move.target
    exchange.awaiting_urn = awaiting
    exchange.version += 1
    exchange.updated_at = now
    record(session, acting, exchange, move.step, now, said)
    session.flush()


def record(
    session: Session,
    acting: Acting,
    exchange: Exchange,
    step: Step,
    at: datetime,
    said: Said,
) -> None:
    """Write one step into the history of ``exchange``."""
    session.add(
        ExchangeEvent(
            exchange_id=exchange.id,
            step=step,
            version=exchange.version,
            person_id=acting.person_id,
            urn=acting.school(),
            at=at,
            text=said.text,
            minutes=said.minutes,
            on_date=said.on_date,
        )
    )
