"""A payment put right: it is reversed, and posted anew with the right figure, as one group."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.orm import Session

from ledger import (
    AccountNotOpen,
    AlreadyReversed,
    Book,
    GroupRefused,
    LedgerError,
    LimitExceeded,
    Transaction,
    UnknownAccount,
    UnknownTransaction,
)
from ledger import Override as Override
from marketplace.credits.chart import account_code, account_names
from marketplace.credits.formats import credits
from marketplace.credits.transfers import Payment
from marketplace.errors import Conflict, Refusal
from marketplace.schools.models import School

SAME_GROUP = "The right figure is paid in the same step, after which the limit holds."
"""Why a reversal may pass the limit for a moment, where the two together do not."""


class BeyondLimit(Refusal):
    """Only the credit limit of a school is in the way: two people of the network may decide.

    Attributes:
        urn: the school that would be beyond its limit, if it is a school.
    """

    def __init__(self, message: str, urn: int | None = None) -> None:
        super().__init__(message, field="minutes")
        self.urn = urn


@dataclass(frozen=True, slots=True)
class Reposting:
    """The numbers of the reversal and of the new posting; ``None`` where there is none."""

    reversal_id: int | None
    transaction_id: int | None


def repost_payment(
    session: Session,
    transaction_id: int | None,
    payment: Payment,
    *,
    actor_name: str,
    key: str,
    override: Override | None = None,
    viewer_urn: int | None = None,
) -> Reposting:
    """Reverse the transaction that counts (``None``: there is none), and post ``payment`` anew.

    For 0 minutes nothing is posted anew. Both are effective today, and both or neither are done;
    the same ``key`` does them once. Limits hold after both, not between them. ``override`` names
    who lets a limit be broken, and why. A refusal has figures of the school ``viewer_urn`` only.

    Raises:
        BeyondLimit: a school would be beyond its credit limit.
        Conflict: the transaction has been reversed already.
        Refusal: an account is frozen or closed.
    """
    book = Book(session)
    before = _done_before(book, key)
    if before is not None:
        return before
    payer, payee = account_code(payment.payer_urn), account_code(payment.payee_urn)
    standing = None if transaction_id is None else book.transaction(transaction_id)
    codes = {payer, payee} | {entry.account for entry in (standing.entries if standing else ())}
    try:
        with book.group(*sorted(codes)):
            reversal_id = new_id = None
            if standing is not None:
                reversal_id = book.reverse(
                    standing.id,
                    override=override or _for_a_moment(book, standing, payment, actor_name),
                    key=f"{key}:reversal",
                    memo=payment.memo,
                    actor=actor_name,
                    reference=payment.reference,
                ).id
            if payment.minutes:
                new_id = _pay(book, payment, actor_name, key, override)
    except GroupRefused as error:
        raise _refusal(session, error.cause, payment, viewer_urn) from error
    except UnknownAccount as error:
        raise Refusal(str(error)) from error
    return Reposting(reversal_id, new_id)


def _done_before(book: Book, key: str) -> Reposting | None:
    """Return what was done under ``key``; ``None`` if it has done nothing yet."""
    numbers: list[int | None] = []
    for part in ("reversal", "payment"):
        try:
            numbers.append(book.transaction_by_key(f"{key}:{part}").id)
        except UnknownTransaction:
            numbers.append(None)
    return Reposting(*numbers) if any(numbers) else None


def _for_a_moment(
    book: Book, standing: Transaction, payment: Payment, actor_name: str
) -> Override | None:
    """Let the reversal pass a limit where the payment that follows leads back within it.

    The payee gives everything back and is paid anew at once: what counts is the difference.
    """
    payee = book.account(account_code(payment.payee_urn))
    taken = sum(entry.amount for entry in standing.entries if entry.account == payee.code)
    if payee.available is None or payee.available >= taken:
        return None
    if payment.minutes >= taken or payee.available + payment.minutes >= taken:
        return Override(actor_name, SAME_GROUP)
    return None


def _pay(book: Book, payment: Payment, actor_name: str, key: str, override: Override | None) -> int:
    """Post the payment anew; with an ``override`` the payer's limit is moved for it, and back.

    The ledger lets a reversal pass a limit, and nothing else. So the record of the payer's
    account says who moved its limit, why, and that it is what it was.
    """
    payer = book.account(account_code(payment.payer_urn))
    floor = payer.floor
    beyond = override is not None and (payer.available or 0) < payment.minutes
    if beyond and override is not None and floor is not None:
        book.set_limits(
            payer.code,
            floor=payer.posted - payer.held_out - payment.minutes,
            ceiling=payer.ceiling,
            key=f"{key}:limit",
            actor=override.actor,
            memo=override.reason,
            reference=payment.reference,
        )
    transaction_id = book.transfer(
        payer.code,
        account_code(payment.payee_urn),
        payment.minutes,
        key=f"{key}:payment",
        kind="exchange",
        memo=payment.memo,
        actor=actor_name,
        reference=payment.reference,
    ).id
    if beyond and override is not None and floor is not None:
        book.set_limits(
            payer.code,
            floor=floor,
            ceiling=payer.ceiling,
            key=f"{key}:limit-again",
            actor=override.actor,
            memo=f"as it was: {override.reason}",
            reference=payment.reference,
        )
    return transaction_id


def _refusal(
    session: Session, cause: LedgerError, payment: Payment, viewer_urn: int | None
) -> Refusal:
    """The ledger's refusal, in the schools' words; another school's figures are its own matter."""
    if isinstance(cause, LimitExceeded):
        return _beyond_limit(session, cause, payment, viewer_urn)
    if isinstance(cause, AccountNotOpen):
        name = account_names(session, [cause.code])[cause.code]
        return Refusal(
            f"The account of {name} is {cause.status}, so nothing can be put right there. Ask the"
            " network’s operator."
        )
    if isinstance(cause, AlreadyReversed):
        return Conflict("This has been put right already. Look again, then decide.")
    return Refusal(str(cause))


def _beyond_limit(
    session: Session, cause: LimitExceeded, payment: Payment, viewer_urn: int | None
) -> BeyondLimit:
    is_payer = cause.code == account_code(payment.payer_urn)
    urn = payment.payer_urn if is_payer else payment.payee_urn
    if cause.limit == "ceiling":
        who = "Your school" if urn == viewer_urn else session.get_one(School, urn).name
        return BeyondLimit(f"{who} may not collect so many credits at the moment.", urn)
    if urn == viewer_urn:
        available = credits(max(cause.available, 0))
        return BeyondLimit(
            f"Your school has {available} available and this needs {credits(cause.needed)}.", urn
        )
    name = session.get_one(School, urn).name
    return BeyondLimit(f"{name} does not have enough credits for this at the moment.", urn)
