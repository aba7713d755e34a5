"""The credits of a school that ends: they go on at its successor, or are given away.

The account of the old school stays in the book for ever, empty and frozen; nothing that was
recorded is changed. Every record has a key made of the ``reference`` that the caller gives, so
that the same handover never moves anything twice.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from sqlalchemy.orm import Session

from ledger import (
    Account,
    AccountNotOpen,
    Book,
    GroupRefused,
    Hold,
    LedgerError,
    Posting,
    UnknownTransaction,
)
from marketplace.credits.chart import FUND, ISSUANCE, account_code
from marketplace.credits.formats import credits
from marketplace.errors import Conflict, Refusal


@dataclass(frozen=True, slots=True)
class Handover:
    """Who hands over to whom, and who does it (``actor``, as the ledger names them).

    ``reference`` names the cause in the ledger ("succession:12").
    """

    from_urn: int
    from_name: str
    to_urn: int
    to_name: str
    reference: str
    actor: str

    @property
    def source(self) -> str:
        """The account of the school that ends."""
        return account_code(self.from_urn)

    @property
    def target(self) -> str:
        """The account of the school that carries on."""
        return account_code(self.to_urn)


@dataclass(slots=True)
class HandedOver:
    """What has moved: the numbers of the transactions, and for each old hold the new one.

    A hold between the two schools has no new one: nobody owes anything to itself.
    """

    holds: dict[int, int] = field(default_factory=dict)
    balance_transaction_id: int | None = None
    grant_transaction_id: int | None = None
    write_off_transaction_id: int | None = None


class BeyondLimit(Refusal):
    """The successor would be beyond its credit limit; ``minutes`` is by how much."""

    def __init__(self, message: str, minutes: int) -> None:
        super().__init__(message)
        self.minutes = minutes


def joining_grant_of(session: Session, urn: int) -> int:
    """Return the minutes that the school was given when it joined; 0 if it was given none."""
    try:
        grant = Book(session).transaction_by_key(f"joining-grant:{urn}")
    except UnknownTransaction:
        return 0
    return sum(entry.amount for entry in grant.entries if entry.account == account_code(urn))


def shortfall_of(session: Session, from_urn: int, to_urn: int) -> int:
    """Return by how many minutes the successor would be beyond its limit; 0 if it would not be.

    A school that has no account counts as one with nothing in it, and the limit of the other.
    """
    accounts = Book(session).balances([account_code(from_urn), account_code(to_urn)])
    source, target = accounts.get(account_code(from_urn)), accounts.get(account_code(to_urn))
    if source is None:
        return 0
    holds = [
        hold
        for hold in Book(session).holds(source.code)
        if account_code(to_urn) not in (hold.source, hold.target)
    ]
    floor = target.floor if target else source.floor
    posted = source.posted + (target.posted if target else 0)
    held = sum(hold.remaining for hold in holds if hold.source == source.code)
    if target:
        held += target.held_out - _held_between(session, target.code, source.code)
    return max(0, (floor or 0) - (posted - held)) if floor is not None else 0


def hand_over(
    session: Session, handover: Handover, *, grant_minutes: int, write_off: bool
) -> HandedOver:
    """Move balance and open holds of one school to another, whose account is open.

    ``grant_minutes`` is a second joining grant, which is taken back as far as the successor has
    credits that are neither owed nor held. With ``write_off`` what would be beyond the
    successor's limit is written off against the issuance.

    Raises:
        BeyondLimit: the successor's limit does not cover it, and nothing is to be written off.
        Conflict: a hold was made at this instant; try again.
        Refusal: an account cannot take part; it says why.
    """
    book = Book(session)
    holds = book.holds(handover.source)
    codes = {code for hold in holds for code in (hold.source, hold.target)}
    codes |= {handover.source, handover.target, ISSUANCE}
    try:
        with book.group(*sorted(codes)):
            return _hand_over(book, handover, codes, grant_minutes, write_off)
    except GroupRefused as error:
        cause = error.cause
        if isinstance(cause, AccountNotOpen):
            raise Refusal(
                f"The account {cause.code} is {cause.status}, so it can take no credits."
            ) from error
        raise Refusal(str(cause)) from error
    except LedgerError as error:
        raise Refusal(str(error)) from error


def empty_account(
    session: Session,
    urn: int,
    name: str,
    *,
    heir_urn: int | None,
    heir_name: str,
    reference: str,
    actor: str,
    note: str = "",
) -> list[int]:
    """Empty and freeze the account of a school that leaves; return the transactions.

    What it has goes to the school ``heir_urn``, or back to the issuance, and what the issuance
    has no room for to the community fund. What it owes is written off against the issuance.
    ``note`` is written behind what each record is for.

    Raises:
        Refusal: credits are still held, or an account cannot take part.
    """
    book, code = Book(session), account_code(urn)
    heir = account_code(heir_urn) if heir_urn is not None else None
    try:
        with book.group(*sorted({code, ISSUANCE, FUND} | ({heir} if heir else set()))):
            return _empty(book, code, name, heir, heir_name, reference, actor, note)
    except GroupRefused as error:
        raise Refusal(str(error.cause)) from error


def _hand_over(
    book: Book, handover: Handover, codes: set[str], grant_minutes: int, write_off: bool
) -> HandedOver:
    result = HandedOver()
    source = book.account(handover.source)
    if source.status == "frozen":
        source = book.unfreeze(
            source.code,
            key=f"{handover.reference}:unfreeze",
            actor=handover.actor,
            memo=f"its credits go on at {handover.to_name}",
            reference=handover.reference,
        )
    holds = book.holds(source.code)
    if not {code for hold in holds for code in (hold.source, hold.target)} <= codes:
        raise Conflict("Credits have been held at this very moment. Try again.")
    for hold in holds:
        book.void(
            hold.id,
            key=f"{handover.reference}:void:{hold.id}",
            actor=handover.actor,
            memo=f"{handover.from_name} has closed; held anew with {handover.to_name}",
            reference=hold.reference,
        )
    moving = [hold for hold in holds if handover.target not in (hold.source, hold.target)]
    _cover(book, handover, moving, write_off, result)
    _move_balance(book, handover, result)
    with _unfrozen(book, handover, moving):
        for hold in moving:
            result.holds[hold.id] = _hold_anew(book, handover, hold)
    _take_grant_back(book, handover, grant_minutes, result)
    book.freeze(
        source.code,
        key=f"{handover.reference}:freeze",
        actor=handover.actor,
        memo=f"{handover.to_name} carries on for it",
        reference=handover.reference,
    )
    return result


def _cover(
    book: Book, handover: Handover, moving: list[Hold], write_off: bool, result: HandedOver
) -> None:
    """See to it that the successor's limit covers everything, or refuse."""
    accounts = book.balances([handover.source, handover.target])
    source, target = accounts[handover.source], accounts[handover.target]
    if target.floor is None:
        return
    held = sum(hold.remaining for hold in moving if hold.source == source.code)
    beyond = target.floor - (source.posted + target.posted - target.held_out - held)
    if beyond <= 0:
        return
    if not write_off:
        raise BeyondLimit(
            f"{handover.to_name} would be {credits(beyond)} beyond its credit limit if it carried"
            f" on for {handover.from_name}.",
            beyond,
        )
    result.write_off_transaction_id = book.transfer(
        ISSUANCE,
        source.code,
        beyond,
        key=f"{handover.reference}:write-off",
        kind="write-off",
        memo=f"Owed by {handover.from_name} beyond the credit limit of {handover.to_name}",
        actor=handover.actor,
        reference=handover.reference,
    ).id


def _move_balance(book: Book, handover: Handover, result: HandedOver) -> None:
    posted = book.account(handover.source).posted
    if posted == 0:
        return
    giver, taker = handover.source, handover.target
    if posted < 0:
        giver, taker = taker, giver
    result.balance_transaction_id = book.transfer(
        giver,
        taker,
        abs(posted),
        key=f"{handover.reference}:balance",
        kind="succession",
        memo=f"The balance of {handover.from_name} goes on at {handover.to_name}",
        actor=handover.actor,
        reference=handover.reference,
    ).id


@contextmanager
def _unfrozen(book: Book, handover: Handover, moving: list[Hold]) -> Iterator[None]:
    """Unfreeze for a moment the other schools' accounts that are frozen.

    A school that is paused, or has closed itself, keeps what is held for it and by it.
    """
    others = {code for hold in moving for code in (hold.source, hold.target)} - {handover.source}
    accounts = book.balances(sorted(others))
    frozen = sorted(code for code, account in accounts.items() if account.status == "frozen")
    memo = f"held anew, because {handover.to_name} carries on for {handover.from_name}"
    for code in frozen:
        key = f"{handover.reference}:unfreeze:{code}"
        book.unfreeze(code, key=key, actor=handover.actor, memo=memo, reference=handover.reference)
    yield
    for code in frozen:
        key = f"{handover.reference}:freeze:{code}"
        book.freeze(code, key=key, actor=handover.actor, memo=memo, reference=handover.reference)


def _hold_anew(book: Book, handover: Handover, hold: Hold) -> int:
    renamed = {handover.source: handover.target}
    return book.hold(
        renamed.get(hold.source, hold.source),
        renamed.get(hold.target, hold.target),
        hold.remaining,
        expires_at=hold.expires_at,
        key=f"{handover.reference}:hold:{hold.id}",
        kind=hold.kind,
        memo=hold.memo,
        actor=handover.actor,
        reference=hold.reference,
    ).id


def _take_grant_back(
    book: Book, handover: Handover, grant_minutes: int, result: HandedOver
) -> None:
    """Take a second joining grant back, never from what is owed or held."""
    if not grant_minutes:
        return
    target = book.account(handover.target)
    minutes = min(grant_minutes, target.posted - target.held_out, _room(book))
    if minutes <= 0:
        return
    result.grant_transaction_id = book.transfer(
        target.code,
        ISSUANCE,
        minutes,
        key=f"{handover.reference}:grant",
        kind="grant-return",
        memo=f"Joining grant of {handover.from_name}: two schools are one, with one grant",
        actor=handover.actor,
        reference=handover.reference,
    ).id


def _empty(
    book: Book,
    code: str,
    name: str,
    heir: str | None,
    heir_name: str,
    reference: str,
    actor: str,
    note: str,
) -> list[int]:
    account = book.account(code)
    behind = f" ({note})" if note else ""
    if book.holds(code):
        raise Refusal(f"Credits are still held for {name}. End its exchanges first.")
    if account.status == "frozen":
        account = book.unfreeze(
            code,
            key=f"{reference}:unfreeze",
            actor=actor,
            memo=f"leaves{behind}",
            reference=reference,
        )
    transactions = []
    if account.posted:
        kind = "gift" if account.posted > 0 else "write-off"
        memo = (
            f"Gift of {name} to {heir_name} on leaving"
            if account.posted > 0
            else f"What {name} owed when it left"
        )
        transaction = book.post(
            _shares(book, account, heir),
            key=f"{reference}:balance",
            kind=kind,
            memo=memo + behind,
            actor=actor,
            reference=reference,
        )
        transactions.append(transaction.id)
    book.freeze(
        code,
        key=f"{reference}:freeze",
        actor=actor,
        memo=f"has left the network{behind}",
        reference=reference,
    )
    return transactions


def _shares(book: Book, account: Account, heir: str | None) -> list[Posting]:
    """The postings that empty ``account``."""
    if account.posted < 0:
        return [Posting(ISSUANCE, account.posted), Posting(account.code, -account.posted)]
    if heir is not None:
        return [Posting(account.code, -account.posted), Posting(heir, account.posted)]
    to_issuance = min(account.posted, _room(book))
    to_fund = account.posted - to_issuance
    return [
        Posting(account.code, -account.posted),
        *([Posting(ISSUANCE, to_issuance)] if to_issuance else []),
        *([Posting(FUND, to_fund)] if to_fund else []),
    ]


def _room(book: Book) -> int:
    """How many minutes the issuance can take back: what has been issued."""
    return book.account(ISSUANCE).room or 0


def _held_between(session: Session, source: str, target: str) -> int:
    return sum(
        hold.remaining
        for hold in Book(session).holds(source)
        if (hold.source, hold.target) == (source, target)
    )
