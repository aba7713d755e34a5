"""What an account is committed to: what is held of it, for what, with whom and until when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from ledger import Account, schema
from marketplace import clock
from marketplace.exchanges.models import Exchange, State

_exchange = Exchange.__table__


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


_ALL = 2**31 - 1


def commitments_of(session: Session, account: Account, most: int | None = None) -> Commitments:
    """Return what is held of and for an account; at most so many of each, in one statement."""
    if not account.held_out and not account.held_in:
        return Commitments()
    values = {"code": account.code, "now": clock.now(), "most": most or _ALL}
    sides: dict[str, list[Any]] = {"out": [], "in": []}
    for row in session.execute(_held(), values):
        sides[row.side].append(row)
    outgoing, incoming = (tuple(_commitment(row) for row in side) for side in sides.values())
    counts = (side[0].of_side if side else 0 for side in sides.values())
    return Commitments(outgoing, incoming, *counts)


@cache
def _held() -> sa.Select[Any]:
    """What counts as held on either side of the account ``code``; made once, asked often.

    Of each side it is the ``most`` that are expected first, with how many there are. Only what the
    page shows is read: whole holds take longer, and a busy school has many.
    """
    held, hold, record = schema.held, schema.hold, schema.transaction
    own, other = schema.account, schema.account.alias("other")
    is_out = held.c.side == "out"
    expected_on = sa.func.coalesce(_exchange.c.on_date, sa.literal(date.max, sa.Date))
    place = sa.func.row_number().over(partition_by=held.c.side, order_by=(expected_on, hold.c.id))
    every = (
        sa.select(
            held.c.side,
            held.c.minutes,
            held.c.expires_at,
            record.c.memo,
            other.c.code.label("partner"),
            _exchange.c.id.label("exchange_id"),
            _exchange.c.on_date,
            _exchange.c.provider_urn,
            _exchange.c.receiver_urn,
            _exchange.c.state,
            place.label("place"),
            sa.func.count().over(partition_by=held.c.side).label("of_side"),
        )
        .join(own, own.c.id == held.c.account_id)
        .join(hold, hold.c.id == held.c.hold_id)
        .join(record, record.c.id == hold.c.id)
        .join(other, other.c.id == sa.case((is_out, hold.c.target_id), else_=hold.c.source_id))
        .outerjoin(_exchange, _exchange.c.hold_id == hold.c.id)
        .where(
            own.c.code == sa.bindparam("code"),
            sa.or_(
                held.c.expires_at.is_(None),
                held.c.expires_at > sa.bindparam("now", type_=schema.Instant),
            ),
        )
        .subquery()
    )
    most = sa.bindparam("most", type_=sa.Integer)
    return sa.select(every).where(every.c.place <= most).order_by(every.c.place)


def _commitment(row: Any) -> Commitment:
    is_exchange = row.exchange_id is not None
    return Commitment(
        title=row.memo or "Hold",
        partner=row.partner,
        minutes=row.minutes,
        until=row.expires_at,
        expected_on=row.on_date,
        exchange_id=row.exchange_id,
        exchange_urns=(row.provider_urn, row.receiver_urn) if is_exchange else (),
        is_disputed=is_exchange and row.state == State.DISPUTED,
    )
