"""Made-up corrections, in every state."""

from __future__ import annotations

from ledger import Book
from marketplace.accounts.actor import Actor
from marketplace.database import db
from marketplace.exchanges.corrections.models import Correction, CorrectionState
from marketplace.exchanges.corrections.service import (
    agree_to_correction,
    ask_correction,
    ask_network,
    decline_correction,
    withdraw_correction,
)
from marketplace.exchanges.models import Exchange, State
from marketplace.settings import Policy
from tests.ledger.keys import new_key
from tests.marketplace.exchanges.factories import brought_to


def asked(
    actor: Actor, exchange: Exchange, minutes: int, reason: str = "She left after an hour."
) -> Correction:
    """A correction of ``exchange`` that ``actor`` has just asked for."""
    return ask_correction(
        db.session(),
        actor,
        exchange,
        minutes=minutes,
        reason=reason,
        policy=Policy(),
        version=exchange.version,
    )


def spend(actor: Actor, minutes: int) -> None:
    """Take credits out of a school's account, as if it had given them elsewhere."""
    code = f"school:{actor.urn}"
    Book(db.session()).transfer(code, "network:fund", minutes, key=new_key(), actor="test")


def corrected_to(
    state: CorrectionState, giver: Actor, taker: Actor, *, minutes: int = 60
) -> Correction:
    """A correction in ``state``, for which ``taker`` has asked, of an exchange with ``giver``."""
    session = db.session()
    exchange = brought_to(State.CONFIRMED, giver, taker, minutes=3 * minutes)
    correction = asked(taker, exchange, minutes)
    version = exchange.version
    if state == CorrectionState.AGREED:
        return agree_to_correction(session, giver, exchange, version=version)
    if state == CorrectionState.DECLINED:
        return decline_correction(session, giver, exchange, "No.", version=version)
    if state == CorrectionState.WITHDRAWN:
        return withdraw_correction(session, taker, exchange, version=version)
    if state == CorrectionState.BEYOND_LIMIT:
        available = Book(session).account(f"school:{giver.urn}").available
        assert available is not None
        spend(giver, available)
        return ask_network(session, giver, exchange, version=version)
    return correction


def beyond_limit(giver: Actor, taker: Actor) -> Exchange:
    """An exchange that ``taker`` wants put right, and ``giver`` has spent what it was paid."""
    many = 40 * 60
    Book(db.session()).transfer(
        "network:issuance", f"school:{taker.urn}", many, key=new_key(), actor="test"
    )
    exchange = brought_to(State.CONFIRMED, giver, taker, minutes=many)
    asked(taker, exchange, 0)
    spend(giver, many)
    return exchange
