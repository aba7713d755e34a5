"""A payment that was not right: it is reversed, and posted anew with another figure."""

from __future__ import annotations

from sqlalchemy.orm import Session

from ledger import (
    AccountNotOpen,
    Book,
    GroupRefused,
    LedgerError,
    LimitExceeded,
    UnknownAccount,
)
from ledger import Override as Override
from marketplace.credits.chart import account_code
from marketplace.credits.transfers import Payment
from marketplace.errors import Refusal
from marketplace.schools.models import School


class BeyondLimit(Refusal):
    """Only the credit limit of the school ``urn`` is in the way: two people may decide."""

    def __init__(self, message: str, urn: int) -> None:
        super().__init__(message, field="minutes")
        self.urn = urn


def repost_payment(
    session: Session,
    transaction_id: int,
    payment: Payment,
    *,
    key: str,
    actor: str,
    override: Override | None = None,
) -> int:
    """Reverse a transaction, and post ``payment`` in its place (0 minutes: nothing).

    Return the transaction that counts now, or the reversal where nothing is posted. Both are one
    group: the school's limits hold after it, not between the two.

    Raises:
        BeyondLimit: a school would be beyond its limit.
        Refusal: an account is frozen, or the transaction has been reversed already.
    """
    payer, payee = account_code(payment.payer_urn), account_code(payment.payee_urn)
    book = Book(session)
    try:
        with book.group(payer, payee):
            result = book.reverse(
                transaction_id,
                override=override,
                key=f"{key}:reversal",
                memo=payment.memo,
                actor=actor,
                reference=payment.reference,
            )
            if payment.minutes:
                result = book.transfer(
                    payer,
                    payee,
                    payment.minutes,
                    key=f"{key}:anew",
                    kind="exchange",
                    memo=payment.memo,
                    actor=actor,
                    reference=payment.reference,
                )
    except (GroupRefused, UnknownAccount) as error:
        raise _refusal(session, payment, getattr(error, "cause", error)) from error
    return result.id


def _refusal(session: Session, payment: Payment, cause: LedgerError) -> Refusal:
    if isinstance(cause, LimitExceeded):
        giver = payment.payee_urn if cause.limit == "floor" else payment.payer_urn
        name = session.get_one(School, giver).name
        return BeyondLimit(
            f"{name} would be beyond its credit limit. A ruling beyond a limit needs two people.",
            giver,
        )
    if isinstance(cause, AccountNotOpen):
        urn = (
            payment.payer_urn
            if cause.code == account_code(payment.payer_urn)
            else (payment.payee_urn)
        )
        name = session.get_one(School, urn).name
        return Refusal(f"The account of {name} is {cause.status}, so no credits can move.")
    return Refusal(str(cause))
