"""What putting an exchange right does to the credits: reversed, and paid anew, as one group."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy.orm import Session

from marketplace.credits.formats import credits
from marketplace.credits.reposting import BeyondLimit as BeyondLimit
from marketplace.credits.reposting import Reposting as Reposting
from marketplace.credits.reposting import repost_payment
from marketplace.credits.transfers import Payment
from marketplace.errors import Refusal
from marketplace.exchanges.models import Exchange
from marketplace.exchanges.transitions import note_handed_over

if TYPE_CHECKING:
    from ledger import Override


def repost(
    session: Session,
    exchange: Exchange,
    minutes: int,
    *,
    actor_name: str,
    key: str,
    memo: str,
    override: Override | None = None,
    viewer_urn: int | None = None,
) -> Reposting:
    """Let ``minutes`` be what the receiver has paid: 0 reverses what was paid, and no more.

    The exchange is locked by the caller. ``actor_name`` is who does it, as the ledger names them;
    the same ``key`` does it once. ``override`` names who lets a credit limit be broken, and why;
    a refusal has the figures of the school ``viewer_urn`` only.

    Raises:
        BeyondLimit: a school would be beyond its credit limit, and nothing else is in the way.
        Refusal: nothing was paid, so much has been paid already, or an account is not open.
    """
    if exchange.standing_minutes is None:
        raise Refusal("Nothing has been paid for this exchange, so there is nothing to put right.")
    if exchange.standing_minutes == minutes:
        raise Refusal(f"What was paid is {credits(minutes)} already.", field="minutes")
    payment = Payment(
        payer_urn=exchange.receiver_urn,
        payee_urn=exchange.provider_urn,
        minutes=minutes,
        reference=exchange.reference,
        memo=memo,
    )
    reposting = repost_payment(
        session,
        exchange.standing_transaction_id,
        payment,
        actor_name=actor_name,
        key=key,
        override=override,
        viewer_urn=viewer_urn,
    )
    exchange.standing_transaction_id = reposting.transaction_id
    exchange.standing_minutes = minutes
    for one in reposting.predecessors:
        text = f"What {one.name} had paid or was paid is put right at {one.heir_name}."
        note_handed_over(session, exchange, one.urn, text)
    session.flush()
    return reposting
