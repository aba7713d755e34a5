"""What the end of a dispute does to the credits: one figure is paid, whatever was paid or held."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import sqlalchemy as sa
from sqlalchemy.orm import Session

from marketplace.accounts.actor import Actor
from marketplace.clock import today
from marketplace.credits import transfers
from marketplace.credits.fund import minutes_to_return, pay_from_fund, return_to_fund
from marketplace.credits.reposting import Override, repost_payment
from marketplace.credits.transfers import Payment
from marketplace.exchanges.corrections.posting import BeyondLimit, repost
from marketplace.exchanges.disputes.models import Dispute
from marketplace.exchanges.models import Exchange, State


def paid_minutes(exchange: Exchange) -> int:
    """Return the minutes that the receiver has paid so far."""
    return exchange.standing_minutes or 0


def fund_share_of(session: Session, exchange: Exchange) -> int:
    """Return the minutes that the fund has paid for the exchange, and not had back."""
    earlier = _paid_by_fund(session, exchange)
    return 0 if earlier is None else minutes_to_return(session, earlier)


def pay(
    session: Session,
    actor: Actor,
    dispute: Dispute,
    exchange: Exchange,
    minutes: int,
    *,
    memo: str,
    fund_minutes: int = 0,
    override: Override | None = None,
) -> State:
    """Let the receiver have paid ``minutes`` in all, and the fund ``fund_minutes``.

    Return the state in which the exchange is then.

    What is held is settled, and the rest released; what was paid is corrected, and what the fund
    paid by an earlier ruling goes back to it. All of it is in the caller's transaction.

    ``override`` names who lets a credit limit be broken.

    Raises:
        BeyondLimit: a school would be beyond its credit limit.
        Refusal: an account cannot take part, or has too few credits; it says which.
    """
    _return_to_fund(session, actor, dispute, exchange, memo, override)
    if exchange.transaction_id is not None:
        target = _correct(session, actor, dispute, exchange, minutes, memo, override)
    else:
        target = _settle(session, actor, dispute, exchange, minutes, fund_minutes, memo, override)
    if fund_minutes:
        dispute.fund_transaction_id = pay_from_fund(
            session,
            actor,
            _payment(exchange, fund_minutes, memo),
            key=f"{dispute.reference}:fund",
        )
    return target


def _settle(
    session: Session,
    actor: Actor,
    dispute: Dispute,
    exchange: Exchange,
    minutes: int,
    fund_minutes: int,
    memo: str,
    override: Override | None,
) -> State:
    """Settle what is held at ``minutes``, or release all of it.

    Where an earlier ruling has released it, it is paid without a hold.
    """
    assert exchange.hold_id is not None
    is_held = dispute.opened_from != State.CANCELLED
    if minutes == 0:
        if is_held:
            hold_id, reference = exchange.hold_id, exchange.reference
            transfers.release(session, actor, hold_id, reference=reference, memo=memo)
        return State.CANCELLED
    payment = _payment(exchange, minutes, memo)
    if is_held:
        transaction_id = transfers.settle(session, actor, exchange.hold_id, payment)
    else:
        transaction_id = _pay_anew(session, actor, dispute, payment, override)
    exchange.pay(transaction_id, minutes)
    exchange.delivered_minutes = minutes + fund_minutes
    exchange.delivered_on = exchange.delivered_on or min(exchange.on_date, today())
    exchange.sent_back_minutes = None
    dispute.transaction_id = exchange.transaction_id
    return State.CONFIRMED


def _pay_anew(
    session: Session,
    actor: Actor,
    dispute: Dispute,
    payment: Payment,
    override: Override | None,
) -> int:
    """Pay what is held no more; return the transaction."""
    with _needs_two_people():
        reposting = repost_payment(
            session,
            None,
            payment,
            actor_name=actor.ledger_name,
            key=dispute.reference,
            override=override,
        )
    assert reposting.transaction_id is not None
    return reposting.transaction_id


def _correct(
    session: Session,
    actor: Actor,
    dispute: Dispute,
    exchange: Exchange,
    minutes: int,
    memo: str,
    override: Override | None,
) -> State:
    """Let what was paid be ``minutes`` instead; the same figure moves nothing."""
    if minutes != paid_minutes(exchange):
        with _needs_two_people():
            reposting = repost(
                session,
                exchange,
                minutes,
                actor_name=actor.ledger_name,
                key=dispute.reference,
                memo=memo,
                override=override,
            )
        dispute.transaction_id = reposting.transaction_id or reposting.reversal_id
    return State.CONFIRMED


@contextmanager
def _needs_two_people() -> Iterator[None]:
    """Say beside a refusal at a limit what a ruling can do about it."""
    try:
        yield
    except BeyondLimit as error:
        raise BeyondLimit(
            f"{error.message} A ruling beyond a limit needs two people.", error.urn
        ) from error


def _return_to_fund(
    session: Session,
    actor: Actor,
    dispute: Dispute,
    exchange: Exchange,
    memo: str,
    override: Override | None,
) -> None:
    """Let the fund have back what it paid for this exchange before."""
    earlier = _paid_by_fund(session, exchange)
    if earlier is not None:
        key = f"{dispute.reference}:fund-return"
        return_to_fund(
            session,
            actor,
            earlier,
            payee_urn=exchange.provider_urn,
            key=key,
            memo=memo,
            override=override,
        )


def _paid_by_fund(session: Session, exchange: Exchange) -> int | None:
    """The last transaction by which the fund paid for the exchange."""
    return session.scalar(
        sa.select(Dispute.fund_transaction_id)
        .where(Dispute.exchange_id == exchange.id, Dispute.fund_transaction_id.is_not(None))
        .order_by(Dispute.id.desc())
        .limit(1)
    )


def _payment(exchange: Exchange, minutes: int, memo: str) -> Payment:
    return Payment(
        payer_urn=exchange.receiver_urn,
        payee_urn=exchange.provider_urn,
        minutes=minutes,
        reference=exchange.reference,
        memo=memo,
    )
