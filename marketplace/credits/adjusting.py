"""What two people of the network change at a school's account: grants, debts, limits."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass

from sqlalchemy.orm import Session

from ledger import AccountNotOpen, Book, LedgerError, LimitExceeded, Override, UnknownTransaction
from marketplace.credits.chart import FUND, ISSUANCE, account_code
from marketplace.credits.formats import credits
from marketplace.errors import Refusal


@dataclass(frozen=True, slots=True)
class Cause:
    """By whom (as the ledger names them), because of what ("adjustment:3"), and in words."""

    actor: str
    reference: str
    memo: str


@dataclass(frozen=True, slots=True)
class Limits:
    """How far an account may go, in minutes: none is no bound; the soft ones refuse nothing."""

    floor: int | None
    ceiling: int | None
    soft_floor: int | None
    soft_ceiling: int | None


def grant(session: Session, urn: int, minutes: int, cause: Cause, *, from_fund: bool) -> None:
    """Give a school minutes out of the issuance, or of the community fund.

    Raises:
        Refusal: the fund has too few, or the account cannot take them; it says why.
    """
    with _in_words():
        Book(session).grant(
            account_code(urn),
            minutes,
            source=FUND if from_fund else ISSUANCE,
            key=f"{cause.reference}:grant",
            actor=cause.actor,
            memo=cause.memo,
            reference=cause.reference,
        )


def write_off(session: Session, urn: int, minutes: int, cause: Cause) -> None:
    """Write minutes that a school owes off against the issuance.

    Raises:
        Refusal: the account cannot take them; it says why.
    """
    with _in_words():
        Book(session).transfer(
            ISSUANCE,
            account_code(urn),
            minutes,
            key=f"{cause.reference}:write-off",
            kind="write-off",
            actor=cause.actor,
            memo=cause.memo,
            reference=cause.reference,
        )


def set_limits(session: Session, urn: int, limits: Limits, cause: Cause) -> None:
    """Give a school's account other limits.

    Raises:
        Refusal: the limits contradict each other, or the account is closed; it says why.
    """
    with _in_words():
        Book(session).set_limits(
            account_code(urn),
            floor=limits.floor,
            ceiling=limits.ceiling,
            soft_floor=limits.soft_floor,
            soft_ceiling=limits.soft_ceiling,
            key=f"{cause.reference}:limits",
            actor=cause.actor,
            memo=cause.memo,
            reference=cause.reference,
        )


def override_of(cause: Cause) -> Override:
    """Return who lets a limit be passed, and why, as the ledger keeps it."""
    return Override(cause.actor, cause.memo)


def records_caused_by(session: Session, reference: str) -> list[int]:
    """Return the numbers of what the ledger has recorded because of ``reference``, in order."""
    page = Book(session).journal(reference=reference, everything=True, limit=1000)
    return sorted(transaction.id for transaction in page.transactions)


def records_by_key(session: Session, keys: Iterable[str]) -> list[int]:
    """Return the numbers of what the ledger has recorded under ``keys``, where it has."""
    book, numbers = Book(session), list[int]()
    for key in keys:
        with suppress(UnknownTransaction):
            numbers.append(book.transaction_by_key(key).id)
    return numbers


def fund_balance(session: Session) -> int:
    """Return the minutes in the community fund."""
    account = Book(session).balances([FUND]).get(FUND)
    return account.posted if account else 0


@contextmanager
def _in_words() -> Iterator[None]:
    try:
        yield
    except LimitExceeded as error:
        if error.code == FUND:
            raise Refusal(
                f"The community fund has {credits(error.available)}, and this needs"
                f" {credits(error.needed)}."
            ) from error
        raise Refusal(
            f"The account may take {credits(max(error.available, 0))} more, and this would give it"
            f" {credits(error.needed)}. Change its limit first."
        ) from error
    except AccountNotOpen as error:
        raise Refusal(
            f"The account is {error.status}, so it takes no credits. Unfreeze it first."
        ) from error
    except LedgerError as error:
        raise Refusal(str(error)) from error
