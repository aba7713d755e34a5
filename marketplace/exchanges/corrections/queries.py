"""Reading corrections: of one exchange, and those that wait for the network."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from marketplace.errors import Conflict
from marketplace.exchanges.corrections.models import (
    OPEN_CORRECTIONS,
    Correction,
    CorrectionState,
)
from marketplace.exchanges.models import Exchange
from marketplace.web.paging import Page, paginate

PAGE = 30


def corrections_of(session: Session, exchange: Exchange) -> list[Correction]:
    """Return the corrections of an exchange, the latest first, with who asked and who answered."""
    return list(
        session.scalars(
            sa.select(Correction)
            .where(Correction.exchange_id == exchange.id)
            .options(
                joinedload(Correction.asked_by_school),
                joinedload(Correction.asked_by),
                joinedload(Correction.answered_by),
            )
            .order_by(Correction.id.desc())
        )
    )


def open_correction(session: Session, exchange: Exchange) -> Correction:
    """Return the correction of an exchange that is not decided yet.

    Raises:
        Conflict: there is none.
    """
    correction = session.scalar(
        sa.select(Correction).where(
            Correction.exchange_id == exchange.id, Correction.state.in_(OPEN_CORRECTIONS)
        )
    )
    if correction is None:
        raise Conflict("Nobody asks that this be put right any more. Look again at the exchange.")
    return correction


def has_open_correction(session: Session, exchange: Exchange) -> bool:
    """Say whether a correction of an exchange is not decided yet."""
    return bool(
        session.scalar(
            sa.select(
                sa.exists().where(
                    Correction.exchange_id == exchange.id,
                    Correction.state.in_(OPEN_CORRECTIONS),
                )
            )
        )
    )


def latest_correction(session: Session, exchange: Exchange) -> Correction:
    """Return the latest correction of an exchange, which has one."""
    return session.scalars(
        sa.select(Correction)
        .where(Correction.exchange_id == exchange.id)
        .order_by(Correction.id.desc())
        .limit(1)
    ).one()


def list_beyond_limit(session: Session, *, after: str = "", limit: int = PAGE) -> Page[Correction]:
    """Return a page of the corrections that wait for the network, the oldest first."""
    return paginate(session, _beyond_limit(), Correction.id, after=after, limit=limit)


def find_beyond_limit(session: Session, limit: int) -> tuple[list[Correction], int]:
    """Return the oldest corrections that wait for the network, and how many there are."""
    rows = session.execute(
        _beyond_limit().add_columns(sa.func.count().over()).order_by(Correction.id).limit(limit)
    ).all()
    return [row[0] for row in rows], rows[0][1] if rows else 0


def _beyond_limit() -> sa.Select[Correction]:
    return (
        sa.select(Correction)
        .where(Correction.state == CorrectionState.BEYOND_LIMIT)
        .options(
            joinedload(Correction.exchange).joinedload(Exchange.provider),
            joinedload(Correction.exchange).joinedload(Exchange.receiver),
        )
    )


def hand_over_corrections(
    session: Session, exchange_ids: Sequence[int], old_urn: int, new_urn: int
) -> None:
    """Let the school that carries on for another be the one that asks, where that one did."""
    session.execute(
        sa.update(Correction)
        .where(
            Correction.exchange_id.in_(exchange_ids),
            Correction.asked_by_urn == old_urn,
            Correction.state.in_(OPEN_CORRECTIONS),
        )
        .values(asked_by_urn=new_urn)
    )
