"""The rule that nothing is paid with a frozen account, unless the operator lets it through."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import Session

from marketplace import clock
from marketplace.credits.accounts import is_frozen
from marketplace.errors import Refusal
from marketplace.exchanges.frozen.models import SettlementPermit
from marketplace.exchanges.models import Exchange
from marketplace.schools.models import School


def frozen_schools(session: Session, exchange: Exchange) -> list[School]:
    """Return which of the two schools have a frozen account."""
    return list(
        session.scalars(
            sa.select(School)
            .where(
                School.urn.in_((exchange.provider_urn, exchange.receiver_urn)),
                is_frozen(School.urn),
            )
            .order_by(School.urn)
        )
    )


def unused_permit(session: Session, exchange: Exchange) -> SettlementPermit | None:
    """Return the operator's leave to confirm this exchange, if it has not been used."""
    return session.scalar(
        sa.select(SettlementPermit).where(
            SettlementPermit.exchange_id == exchange.id, SettlementPermit.used_at.is_(None)
        )
    )


def end_permit(session: Session, exchange: Exchange) -> None:
    """End the operator's leave, if there is one: the hours for which it was given have changed."""
    permit = unused_permit(session, exchange)
    if permit is not None:
        permit.used_at = clock.now()


def use_permit_if_frozen(session: Session, exchange: Exchange) -> None:
    """Use up the operator's leave where an account is frozen; otherwise do nothing.

    Raises:
        Refusal: an account is frozen, and the operator has not let this payment through.
    """
    frozen = frozen_schools(session, exchange)
    if not frozen:
        return
    permit = unused_permit(session, exchange)
    if permit is None:
        raise Refusal(_ask_operator(frozen[0]))
    permit.used_at = clock.now()


def why_not_pay(session: Session, exchange: Exchange) -> str:
    """Say which frozen account keeps this exchange from being confirmed; "" if none does.

    None keeps free help from it: nothing is paid.
    """
    if exchange.is_free:
        return ""
    frozen = frozen_schools(session, exchange)
    if not frozen or unused_permit(session, exchange) is not None:
        return ""
    return _ask_operator(frozen[0])


def _ask_operator(frozen: School) -> str:
    return (
        f"The account of {frozen.name} is frozen, so nothing can be paid with it. The credits stay"
        " held. Ask the network’s operator to let this one payment through."
    )
