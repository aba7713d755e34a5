"""A payment put right: it is reversed, and posted anew with the right figure, as one group."""

from __future__ import annotations

from collections.abc import Sequence
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
from marketplace.credits.predecessors import (
    Note,
    Predecessor,
    carry_back,
    carry_on,
    memo_with,
    opened,
    predecessors_in,
    transfer_past_limit,
)
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
    """The numbers of the reversal and of the new posting; ``None`` where there is none.

    ``predecessors`` are the schools that had paid or were paid, and for which another carries on.
    """

    reversal_id: int | None
    transaction_id: int | None
    predecessors: tuple[Predecessor, ...] = ()


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
    the same ``key`` does them once. Where a school was paid, or paid, that another one carries on
    for, it goes on at the account of that one, in the same group. Limits hold after all of it, not
    between. ``override`` names who lets a limit be broken, and why. A refusal has figures of the
    school ``viewer_urn`` only.

    Raises:
        BeyondLimit: a school would be beyond its credit limit.
        Conflict: the transaction has been reversed already.
        Refusal: an account is frozen or closed.
    """
    book = Book(session)
    if (done := _done_before(book, key)) is not None:
        return done
    payer, payee = account_code(payment.payer_urn), account_code(payment.payee_urn)
    standing = None if transaction_id is None else book.transaction(transaction_id)
    codes, before = {payer, payee}, list[Predecessor]()
    if standing is not None:
        codes |= {entry.account for entry in standing.entries}
        before = predecessors_in(
            session, standing, payer_urn=payment.payer_urn, payee_urn=payment.payee_urn
        )
    memo = memo_with(payment.memo, before)
    note = Note(actor_name, key, memo, payment.reference)
    try:
        with book.group(*sorted(codes)), opened(book, before, note):
            reversal_id = new_id = None
            if standing is not None:
                reversal_id = book.reverse(
                    standing.id,
                    override=override or _for_a_moment(book, standing, payment, before, actor_name),
                    key=f"{key}:reversal",
                    memo=memo,
                    actor=actor_name,
                    reference=payment.reference,
                ).id
                carry_on(book, before, note)
            if payment.minutes:
                new_id = transfer_past_limit(
                    book,
                    payer,
                    payee,
                    payment.minutes,
                    Note(actor_name, f"{key}:payment", memo, payment.reference),
                    kind="exchange",
                    override=override,
                    limit_key=f"{key}:limit",
                )
            carry_back(book, before, note, override)
    except GroupRefused as error:
        raise _refusal(session, error.cause, payment, viewer_urn) from error
    except UnknownAccount as error:
        raise Refusal(str(error)) from error
    return Reposting(reversal_id, new_id, tuple(before))


def _done_before(book: Book, key: str) -> Reposting | None:
    """Return what was done under ``key``; ``None`` if it has done nothing yet."""
    numbers: list[int | None] = []
    for part in ("reversal", "payment"):
        try:
            numbers.append(book.transaction_by_key(f"{key}:{part}").id)
        except UnknownTransaction:
            numbers.append(None)
    return Reposting(numbers[0], numbers[1]) if any(numbers) else None


def _for_a_moment(
    book: Book,
    standing: Transaction,
    payment: Payment,
    before: Sequence[Predecessor],
    actor_name: str,
) -> Override | None:
    """Let the reversal pass a limit where what follows leads back within it.

    The payee gives everything back and is paid anew at once: what counts is the difference. A
    school that is carried on has it back from its successor, whose limit counts.
    """
    if any(one.minutes > 0 for one in before):
        return Override(actor_name, SAME_GROUP)
    payee = book.account(account_code(payment.payee_urn))
    taken = sum(entry.amount for entry in standing.entries if entry.account == payee.code)
    if payee.available is None or payee.available >= taken:
        return None
    if payment.minutes >= taken or payee.available + payment.minutes >= taken:
        return Override(actor_name, SAME_GROUP)
    return None


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
