"""Moving credits between schools: hold, settle, release. Refusals are in the schools' words."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from ledger import (
    AccountNotOpen,
    AlreadyVoided,
    Book,
    HoldExpired,
    LedgerError,
    LimitExceeded,
)
from marketplace.accounts.actor import Actor
from marketplace.credits.chart import account_code
from marketplace.credits.formats import credits
from marketplace.errors import Refusal
from marketplace.schools.models import School


@dataclass(frozen=True, slots=True)
class Payment:
    """Credits that one school owes another: from whom, to whom, how much, for what.

    ``reference`` names the cause in the ledger ("exchange:601"), ``memo`` says it in words.
    """

    payer_urn: int
    payee_urn: int
    minutes: int
    reference: str
    memo: str


def available_minutes(session: Session, urn: int) -> int:
    """Return the minutes that the school can still give, its credit limit and holds counted."""
    return Book(session).account(account_code(urn)).available or 0


def refuse_beyond_available(session: Session, urn: int, minutes: int) -> None:
    """Refuse to promise more than the school that is acted for can give now.

    Raises:
        Refusal: with its own figures.
    """
    available = Book(session).account(account_code(urn)).available
    if available is not None and minutes > available:
        raise Refusal(
            f"Your school has {credits(max(available, 0))} available and this needs"
            f" {credits(minutes)}. Propose fewer hours, or wait until credits have been earned.",
            field="minutes",
        )


def hold(session: Session, actor: Actor, payment: Payment, *, ends_at: datetime) -> int:
    """Hold the payer's credits for the payee until ``ends_at``; return the number of the hold.

    Raises:
        Refusal: if the payer has too few credits (it says how many to the payer only), or an
            account is not open.
    """
    try:
        ledger_hold = Book(session).hold(
            account_code(payment.payer_urn),
            account_code(payment.payee_urn),
            payment.minutes,
            expires_at=ends_at,
            key=f"{payment.reference}:hold",
            kind="exchange",
            memo=payment.memo,
            actor=actor.ledger_name,
            reference=payment.reference,
        )
    except LimitExceeded as error:
        raise _beyond_limit(session, actor, payment, error) from error
    except AccountNotOpen as error:
        raise _not_open(session, payment, error) from error
    except LedgerError as error:
        raise Refusal(str(error)) from error
    return ledger_hold.id


def settle(session: Session, actor: Actor, hold_id: int, payment: Payment) -> int:
    """Move ``payment.minutes`` of what is held and release the rest; return the transaction.

    Raises:
        Refusal: if the hold has ended, or the ledger cannot settle; it says why.
    """
    try:
        transaction = Book(session).settle(
            hold_id,
            payment.minutes,
            key=f"{payment.reference}:settle",
            kind="exchange",
            memo=payment.memo,
            actor=actor.ledger_name,
            reference=payment.reference,
        )
    except (AlreadyVoided, HoldExpired) as error:
        raise Refusal(
            "The credits for this are no longer held, so they cannot move. Propose the exchange"
            " again."
        ) from error
    except LedgerError as error:
        raise Refusal(str(error)) from error
    return transaction.id


def release(session: Session, actor: Actor, hold_id: int, *, reference: str, memo: str) -> None:
    """Release what is held; do nothing if the hold has already ended."""
    release_for(session, hold_id, reference=reference, memo=memo, actor=actor.ledger_name)


def release_for(session: Session, hold_id: int, *, reference: str, memo: str, actor: str) -> None:
    """Release what is held, as ``release`` does, for an ``actor`` as the ledger names it."""
    with suppress(AlreadyVoided, HoldExpired):
        Book(session).void(
            hold_id, key=f"{reference}:void", actor=actor, memo=memo, reference=reference
        )


def _not_open(session: Session, payment: Payment, error: AccountNotOpen) -> Refusal:
    is_payer = error.code == account_code(payment.payer_urn)
    school = session.get_one(School, payment.payer_urn if is_payer else payment.payee_urn)
    return Refusal(
        f"The account of {school.name} is {error.status}, so no credits can be held with it. Ask"
        " the network’s operator why."
    )


def _beyond_limit(
    session: Session, actor: Actor, payment: Payment, error: LimitExceeded
) -> Refusal:
    """The ledger's refusal, in the schools' words; another school's figures are its own matter."""
    concerned = payment.payer_urn if error.limit == "floor" else payment.payee_urn
    if concerned != actor.urn:
        name = session.get_one(School, concerned).name
        if error.limit == "ceiling":
            return Refusal(f"{name} may not collect so many credits at the moment.")
        return Refusal(
            f"{name} does not have enough credits at the moment, so it cannot be agreed yet. Agree"
            " fewer hours, or wait until it has earned some."
        )
    if error.limit == "ceiling":
        return Refusal(
            f"Your school may not collect so many credits: there is room for"
            f" {credits(error.available)} and {credits(error.needed)} are needed."
        )
    return Refusal(
        f"Your school has {credits(max(error.available, 0))} available and this needs"
        f" {credits(error.needed)}, so it cannot be agreed yet. Agree fewer hours, or wait until"
        " credits have been earned."
    )
