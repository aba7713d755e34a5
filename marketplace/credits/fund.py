"""What the network's fund pays: support that is paid in common."""

from __future__ import annotations

from sqlalchemy.orm import Session

from ledger import (
    AccountNotOpen,
    AlreadyReversed,
    Book,
    GroupRefused,
    LedgerError,
    LimitExceeded,
    Override,
)
from marketplace.accounts.actor import Actor
from marketplace.credits.chart import FUND, account_code
from marketplace.credits.formats import credits
from marketplace.credits.predecessors import (
    Note,
    carry_back,
    memo_with,
    opened,
    predecessors_in,
)
from marketplace.credits.reposting import SAME_GROUP, BeyondLimit
from marketplace.credits.transfers import Payment
from marketplace.errors import Refusal


def fund_balance(session: Session) -> int:
    """Return the minutes that the fund has to give."""
    balances = Book(session).balances([FUND])
    return balances[FUND].available or 0 if FUND in balances else 0


def minutes_to_return(session: Session, transaction_id: int) -> int:
    """Return the minutes that the fund paid by a transaction, and has not had back."""
    paid = Book(session).transaction(transaction_id)
    if paid.reversed_by is not None:
        return 0
    return sum(max(entry.amount, 0) for entry in paid.entries)


def return_to_fund(
    session: Session,
    actor: Actor,
    transaction_id: int,
    *,
    payee_urn: int,
    key: str,
    memo: str,
    override: Override | None = None,
) -> None:
    """Let the fund have back what it paid ``payee_urn``; do nothing if it has it already.

    Raises:
        BeyondLimit: the school that was paid would be beyond its credit limit.
        Refusal: its account cannot give it back.
    """
    book = Book(session)
    paid = book.transaction(transaction_id)
    if paid.reversed_by is not None:
        return
    before = predecessors_in(session, paid, payer_urn=None, payee_urn=payee_urn)
    note = Note(actor.ledger_name, key, memo_with(memo, before), paid.reference)
    codes = {account_code(payee_urn), *(entry.account for entry in paid.entries)}
    try:
        with book.group(*sorted(codes)), opened(book, before, note):
            book.reverse(
                transaction_id,
                override=override or (Override(note.actor, SAME_GROUP) if before else None),
                key=key,
                memo=note.memo,
                actor=note.actor,
                reference=note.reference,
            )
            carry_back(book, before, note, override)
    except GroupRefused as error:
        if isinstance(error.cause, AlreadyReversed):
            return
        if isinstance(error.cause, LimitExceeded):
            raise BeyondLimit(
                "The school that the fund paid would be beyond its credit limit. A ruling beyond a"
                " limit needs two people.",
                payee_urn,
            ) from error
        raise Refusal(str(error.cause)) from error


def pay_from_fund(session: Session, actor: Actor, payment: Payment, *, key: str) -> int:
    """Pay ``payment`` to its payee out of the fund; return the transaction.

    Raises:
        Refusal: the fund does not have so much, or the payee's account cannot take it.
    """
    try:
        transaction = Book(session).transfer(
            FUND,
            account_code(payment.payee_urn),
            payment.minutes,
            key=key,
            kind="fund-share",
            memo=payment.memo,
            actor=actor.ledger_name,
            reference=payment.reference,
        )
    except LimitExceeded as error:
        if error.limit != "floor":
            raise Refusal(str(error)) from error
        raise Refusal(
            f"The network’s fund has {credits(max(error.available, 0))}, and"
            f" {credits(payment.minutes)} would be paid out of it. Let it pay less.",
            field="fund_minutes",
        ) from error
    except AccountNotOpen as error:
        raise Refusal(
            f"The account {error.code} is {error.status}, so it can take no credits."
        ) from (error)
    except LedgerError as error:
        raise Refusal(str(error)) from error
    return transaction.id
