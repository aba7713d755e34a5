"""What an account is committed to: what is held of it, for what, with whom and until when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from ledger import Account, Book, Hold
from marketplace.exchanges.models import Exchange, State


@dataclass(frozen=True, slots=True)
class Commitment:
    """Minutes that are held; ``partner`` is the code of the account on the other side.

    ``expected_on`` is the day on which the exchange is to happen, ``until`` when the hold ends.
    ``exchange_urns`` are the schools of the exchange, if it is one.
    """

    title: str
    partner: str
    minutes: int
    until: datetime | None
    expected_on: date | None
    exchange_id: int | None
    exchange_urns: tuple[int, ...]
    is_disputed: bool


@dataclass(frozen=True, slots=True)
class Commitments:
    """What is held of an account (``outgoing``) and for it (``incoming``), the next day first.

    They may be the first ones only: there are ``outgoing_count`` and ``incoming_count`` in all.
    """

    outgoing: tuple[Commitment, ...] = ()
    incoming: tuple[Commitment, ...] = ()
    outgoing_count: int = 0
    incoming_count: int = 0


_EXCHANGES = sa.select(
    Exchange.hold_id,
    Exchange.id,
    Exchange.on_date,
    Exchange.provider_urn,
    Exchange.receiver_urn,
    Exchange.state,
).where(Exchange.hold_id.in_(sa.bindparam("holds", expanding=True)))
"""The exchanges for which ``holds`` were made; made once, like all that a statement asks."""


def commitments_of(session: Session, account: Account, most: int | None = None) -> Commitments:
    """Return what is held of and for an account, by the ledger's clock; at most so many of each."""
    if not account.held_out and not account.held_in:
        return Commitments()
    holds = Book(session).holds(account.code)
    exchanges = {
        exchange.hold_id: exchange
        for exchange in session.execute(_EXCHANGES, {"holds": [hold.id for hold in holds]})
    }
    sides: tuple[list[Hold], list[Hold]] = ([], [])
    for hold in holds:
        sides[0 if hold.source == account.code else 1].append(hold)

    def expected_on(hold: Hold) -> date:
        exchange = exchanges.get(hold.id)
        return exchange.on_date if exchange is not None else date.max

    outgoing, incoming = (
        tuple(
            _commitment(hold, account.code, exchanges.get(hold.id))
            for hold in sorted(side, key=expected_on)[:most]
        )
        for side in sides
    )
    return Commitments(outgoing, incoming, *(len(side) for side in sides))


def _commitment(hold: Hold, code: str, exchange: Any) -> Commitment:
    return Commitment(
        title=hold.memo or "Hold",
        partner=hold.target if hold.source == code else hold.source,
        minutes=hold.remaining,
        until=hold.expires_at,
        expected_on=exchange.on_date if exchange else None,
        exchange_id=exchange.id if exchange else None,
        exchange_urns=(exchange.provider_urn, exchange.receiver_urn) if exchange else (),
        is_disputed=exchange is not None and exchange.state == State.DISPUTED,
    )
