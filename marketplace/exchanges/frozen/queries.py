"""Reading which payments wait because an account is frozen."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from marketplace.accounts.holders import schools_of_roles
from marketplace.credits.accounts import frozen_urns, is_frozen
from marketplace.errors import NotFound
from marketplace.exchanges.frozen.models import SettlementPermit
from marketplace.exchanges.models import Exchange, State
from marketplace.web.paging import Page, paginate

PAGE = 30


@dataclass(frozen=True, slots=True)
class FrozenPayment:
    """An exchange that cannot be confirmed, and whose account is frozen."""

    exchange: Exchange
    provider_frozen: bool
    receiver_frozen: bool


def list_waiting(session: Session, *, after: str = "", limit: int = PAGE) -> Page[FrozenPayment]:
    """Return a page of the exchanges that cannot be confirmed, the oldest first."""
    query = _waiting().add_columns(
        is_frozen(Exchange.provider_urn), is_frozen(Exchange.receiver_urn)
    )
    page = paginate(session, query, Exchange.id, after=after, limit=limit)
    return page.map(lambda row: FrozenPayment(*row))


def find_oldest(session: Session, person_id: int, limit: int) -> tuple[list[Exchange], int]:
    """Return the oldest exchanges that a person may let be confirmed, and how many there are."""
    rows = session.execute(_oldest(), {"person_id": person_id, "most": limit}).all()
    return [row[0] for row in rows], rows[0][1] if rows else 0


@cache
def _oldest() -> sa.Select[*tuple[Any, ...]]:
    """Made once, as it is asked on each start page of an operator."""
    own_schools = schools_of_roles(sa.bindparam("person_id", type_=sa.Integer))
    return (
        _waiting()
        .where(Exchange.provider_urn.not_in(own_schools), Exchange.receiver_urn.not_in(own_schools))
        .add_columns(sa.func.count().over())
        .order_by(Exchange.id)
        .limit(sa.bindparam("most", type_=sa.Integer))
    )


def get_waiting(session: Session, exchange_id: int) -> Exchange:
    """Return an exchange that cannot be confirmed because an account is frozen.

    Raises:
        NotFound: there is none, or it does not wait for that.
    """
    exchange = session.scalar(_waiting().where(Exchange.id == exchange_id))
    if exchange is None:
        raise NotFound("This does not wait for a frozen account any more.")
    return exchange


@cache
def _waiting() -> sa.Select[Exchange]:
    """The exchanges that cannot be confirmed; made once, the operators' start page asks for it."""
    # Found by the schools, of which few are frozen: of deliveries to be confirmed there are many.
    frozen = sa.select(frozen_urns().cte("frozen"))
    theirs = sa.union(
        sa.select(Exchange.id).where(Exchange.provider_urn.in_(frozen)),
        sa.select(Exchange.id).where(Exchange.receiver_urn.in_(frozen)),
    )
    permitted = sa.exists().where(
        SettlementPermit.exchange_id == Exchange.id, SettlementPermit.used_at.is_(None)
    )
    return (
        sa.select(Exchange)
        .where(
            Exchange.id.in_(theirs),
            sa.func.coalesce(Exchange.state == State.DELIVERED, sa.false()),
            Exchange.free_trust_id.is_(None),
            ~permitted,
        )
        .options(joinedload(Exchange.provider), joinedload(Exchange.receiver))
    )
