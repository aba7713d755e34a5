"""Records that move nothing, in words: what was done to accounts, holds and periods."""

from __future__ import annotations

from collections.abc import Mapping

from ledger import AccountEvent, AccountState, Reservation, Transaction
from marketplace.credits.formats import credits
from marketplace.web.formats import day, moment

_CHANGES = {
    "open": "Account opened",
    "limits": "Limits changed",
    "rename": "Account renamed",
    "freeze": "Account frozen",
    "unfreeze": "Account unfrozen",
    "close": "Account closed",
}


def record_title(transaction: Transaction, names: Mapping[str, str]) -> str:
    """Return what a record did, in words; "" for one that moved credits.

    ``names`` has the names of `accounts_of` the record.
    """
    if transaction.change is not None:
        subject = transaction.change.name or transaction.change.account
        return change_title(transaction.action, transaction.change, subject)
    if transaction.closed_through is not None:
        return f"Books closed through {day(transaction.closed_through)}"
    if transaction.reservation is not None:
        return _hold_title(transaction.action, transaction.reservation, names)
    return ""


def change_title(action: str, state: AccountState | AccountEvent, subject: str = "") -> str:
    """Return what was done to an account in words; ``subject`` is the account's name."""
    parts = [subject] if subject else []
    if action in ("open", "limits"):
        parts += _limits(state)
    label = _CHANGES[action]
    return f"{label}: {', '.join(parts)}" if parts else label


def accounts_of(transaction: Transaction) -> list[str]:
    """Return the codes of the accounts that a record is about."""
    codes = [entry.account for entry in transaction.entries]
    if transaction.change is not None:
        codes.append(transaction.change.account)
    if transaction.reservation is not None:
        codes += [transaction.reservation.source, transaction.reservation.target]
    return codes


def moved_minutes(transaction: Transaction) -> int | None:
    """Return what a record moved, held or released, in minutes; None where it is about neither."""
    if transaction.entries:
        return sum(entry.amount for entry in transaction.entries if entry.amount > 0)
    return transaction.reservation.minutes if transaction.reservation is not None else None


def _hold_title(action: str, reservation: Reservation, names: Mapping[str, str]) -> str:
    title = f"Hold of {credits(reservation.minutes)} for {names[reservation.target]}"
    if action == "void":
        return f"{title} released"
    if action == "hold":
        return title
    if reservation.expires_at is None:
        return f"{title} extended without an end"
    return f"{title} extended to {moment(reservation.expires_at)}"


def _limits(state: AccountState | AccountEvent) -> list[str]:
    """The limits of an account, each in words."""
    if state.floor is None:
        limits = ["unlimited credit"]
    elif state.floor > 0:
        limits = [f"balance at least {credits(state.floor)}"]
    else:
        limits = [f"credit limit {credits(-state.floor)}" if state.floor else "no credit"]
    if state.ceiling is not None:
        limits.append(f"balance at most {credits(state.ceiling)}")
    if state.soft_floor is not None:
        limits.append(f"warning below {credits(state.soft_floor)}")
    if state.soft_ceiling is not None:
        limits.append(f"warning above {credits(state.soft_ceiling)}")
    return limits
