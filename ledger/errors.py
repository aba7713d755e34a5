"""What the ledger refuses, as types: a message for a person, and the facts as attributes."""

# ruff: noqa: N818 -- each name says what is the matter; "Error" would add nothing

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, Literal


class LedgerError(Exception):
    """The base of everything the ledger refuses; ``str(error)`` is a sentence for a person."""


class NotConfigured(LedgerError):
    """The connection cannot be trusted with a posting (SQLite without `ledger.engines.sqlite`)."""


class WrongVersion(NotConfigured):
    """The book's tables are of another version than this code.

    Attributes:
        found: the version of the book (0: there is none). needed: the version of the code.
    """

    def __init__(self, found: int, needed: int) -> None:
        self.found, self.needed = found, needed
        if not found:
            super().__init__("There is no book in this database: install one (schema.install).")
        elif found < needed:
            super().__init__(
                f"The book is of version {found}, this code works with version {needed}: bring"
                " the book up to it (schema.migrate; Skillbank’s “db upgrade” does)."
            )
        else:
            super().__init__(
                f"The book is of version {found}, this code knows versions up to {needed} only:"
                " use the code that the book was brought up for."
            )


class InvalidAmount(LedgerError):
    """An amount is not a positive (or, for a line, a non-zero) whole number of minutes.

    Or it is more than 2^40 of them, two million years, which is the most one posting may move.
    """

    def __init__(self, amount: object) -> None:
        self.amount = amount
        super().__init__(f"“{amount}” is not a whole number of minutes that can be posted.")


class InvalidShare(LedgerError):
    """A share is not a fraction of at least 0 and less than 1, in millionths or coarser."""

    def __init__(self, share: object) -> None:
        self.share = share
        super().__init__(f"“{share}” is not a share that can be taken.")


class InvalidText(LedgerError):
    """A code, key or note is empty, too long, or has characters it may not have."""

    def __init__(self, field: str, value: object) -> None:
        self.field, self.value = field, value
        super().__init__(f"“{value}” cannot be used as the {field}.")


class InvalidDate(LedgerError):
    """What is given is no day (or instant) of the calendar, or not one that is possible here.

    An effective date may not lie in the future, a hold not expire before it begins.
    """

    def __init__(self, given: date | datetime | None, message: str) -> None:
        self.given = given
        super().__init__(message)


class InvalidLimit(LedgerError):
    """How many rows one call is to give, or to work through, is not a number that it can be."""

    def __init__(self, limit: object, least: int, most: int) -> None:
        self.limit, self.least, self.most = limit, least, most
        super().__init__(
            f"One call gives or works through from {least} to {most:,} rows, not “{limit}”."
        )


class InvalidFilters(LedgerError):
    """The journal has no such page, because it would have to read an account's whole history."""

    def __init__(self, account: str) -> None:
        self.account = account
        super().__init__(
            "The journal of one account has what moved its minutes, and not everything recorded."
            f" For what was done to “{account}” ask `history`, and for what it reserves `holds`."
        )


class TooManyPostings(LedgerError):
    """A transaction was to have more postings than one can have; post it in several."""

    def __init__(self, postings: int, most: int) -> None:
        self.postings, self.most = postings, most
        super().__init__(
            f"A transaction has at most {most:,} postings, not {postings:,}: post it in several."
        )


class BeforeOpening(InvalidDate):
    """The effective date lies before the day, in London, on which an account was opened.

    An import and a reversal may lie before it.

    Attributes:
        code: the account. first: its first day. given: the effective date.
    """

    def __init__(self, code: str, first: date, effective: date) -> None:
        self.code, self.first = code, first
        super().__init__(
            effective,
            f"The account “{code}” was opened on {first:%-d %B %Y}; nothing can be posted on it "
            f"on {effective:%-d %B %Y}. Choose that day or a later one.",
        )


class ClockAhead(LedgerError):
    """The account has seen an instant that the clock of the database's machine has yet to reach.

    Whatever comes next on the account would have to be recorded, and be effective, as late.

    Attributes:
        code: the account. last: the last instant recorded on it. clock: the machine's, now.
    """

    def __init__(self, code: str, last: datetime, clock: datetime) -> None:
        self.code, self.last, self.clock = code, last, clock
        super().__init__(
            f"Something is recorded on the account “{code}” at {last:%-d %B %Y %H:%M:%S} UTC, and "
            f"now it is {clock:%-d %B %Y %H:%M:%S} UTC: the server’s clock was ahead at that "
            "instant. Wait until it has passed, or have an auditor look at the account."
        )


class Unbalanced(LedgerError):
    """The postings of a transaction do not sum to zero, or there are fewer than two."""

    def __init__(self, total: int, lines: int) -> None:
        self.total, self.lines = total, lines
        if lines < 2:
            super().__init__("A transaction needs at least two postings.")
        else:
            super().__init__(f"The postings sum to {total}, not to zero.")


class AccountExists(LedgerError):
    """An account of that code is already open in this book."""

    def __init__(self, code: str) -> None:
        self.code = code
        super().__init__(f"There is already an account “{code}”.")


class UnknownAccount(LedgerError):
    """No account has that code."""

    def __init__(self, code: str) -> None:
        self.code = code
        super().__init__(f"There is no account “{code}”.")


class AccountNotOpen(LedgerError):
    """The account is frozen or closed and takes no new postings or holds."""

    def __init__(self, code: str, status: str) -> None:
        self.code, self.status = code, status
        super().__init__(f"The account “{code}” is {status}.")


class AccountInUse(LedgerError):
    """An account with a balance or with open holds cannot be closed."""

    def __init__(self, code: str, posted: int, held: int) -> None:
        self.code, self.posted, self.held = code, posted, held
        rest = f"still holds {posted} minutes" if posted else f"has {held} minutes in open holds"
        super().__init__(f"The account “{code}” {rest} and cannot be closed.")


class LimitExceeded(LedgerError):
    """The posting or hold would take an account beyond its limit, holds counted.

    Without a limit of its own, or where that is overridden, an account has 2^40 minutes as one.

    Attributes:
        code: the account. limit: ``"floor"`` or ``"ceiling"``.
        available: minutes that may still be given (floor) or taken (ceiling).
        needed: minutes that were asked for.
    """

    def __init__(
        self, code: str, limit: Literal["floor", "ceiling"], available: int, needed: int
    ) -> None:
        self.code, self.limit, self.available, self.needed = code, limit, available, needed
        verb = "give" if limit == "floor" else "take"
        super().__init__(
            f"The account “{code}” can {verb} {available} more minutes, but {needed} are needed."
        )


class IdempotencyConflict(LedgerError):
    """The key was used before, for something else.

    Attributes:
        key: the key. transaction_id: what it stands for; None, if that was an earlier transaction
            of the same batch, which was undone with it.
        differences: field name → (recorded value, value given now).
    """

    def __init__(
        self, key: str, transaction_id: int | None, differences: Mapping[str, tuple[Any, Any]]
    ) -> None:
        self.key, self.transaction_id, self.differences = key, transaction_id, dict(differences)
        fields = ", ".join(sorted(self.differences))
        other = f"with another {fields}" if fields else "for something else"
        super().__init__(f"The key “{key}” was already used {other}.")


class UnknownTransaction(LedgerError):
    """No transaction has that number, or that key.

    Attributes:
        transaction_id: the number, if it was asked for by its number. key: likewise.
    """

    def __init__(self, transaction_id: int | None = None, *, key: str | None = None) -> None:
        self.transaction_id, self.key = transaction_id, key
        named = transaction_id if key is None else f"with the key “{key}”"
        super().__init__(f"There is no transaction {named}.")


class UnknownHold(LedgerError):
    """No hold has that number, or that key.

    Attributes:
        hold_id: the number, if it was asked for by its number. key: likewise.
    """

    def __init__(self, hold_id: int | None = None, *, key: str | None = None) -> None:
        self.hold_id, self.key = hold_id, key
        named = hold_id if key is None else f"with the key “{key}”"
        super().__init__(f"There is no hold {named}.")


class HoldNotOpen(LedgerError):
    """The hold has come to its end and can be neither settled nor voided."""

    state = "closed"

    def __init__(self, hold_id: int) -> None:
        self.hold_id = hold_id
        super().__init__(f"Hold {hold_id} is already {self.state}.")


class AlreadySettled(HoldNotOpen):
    """The hold was settled."""

    state = "settled"


class AlreadyVoided(HoldNotOpen):
    """The hold was voided."""

    state = "voided"


class HoldExpired(HoldNotOpen):
    """The hold's time was over before it was settled."""

    state = "expired"


class ExceedsHold(LedgerError):
    """More was to be settled than the hold still has."""

    def __init__(self, hold_id: int, remaining: int, needed: int) -> None:
        self.hold_id, self.remaining, self.needed = hold_id, remaining, needed
        super().__init__(f"Hold {hold_id} has {remaining} minutes left, but {needed} are needed.")


class NotReversible(LedgerError):
    """The record is a reversal itself, or moved nothing (a hold, a void)."""

    def __init__(self, transaction_id: int) -> None:
        self.transaction_id = transaction_id
        super().__init__(f"Transaction {transaction_id} cannot be reversed.")


class AlreadyReversed(LedgerError):
    """The transaction was reversed before; a transaction is reversed once only."""

    def __init__(self, transaction_id: int, reversal_id: int) -> None:
        self.transaction_id, self.reversal_id = transaction_id, reversal_id
        super().__init__(
            f"Transaction {transaction_id} was already reversed by transaction {reversal_id}."
        )


class PeriodClosed(LedgerError):
    """The effective date lies in a period that is closed for ever."""

    def __init__(self, effective: date, closed_through: date) -> None:
        self.effective, self.closed_through = effective, closed_through
        super().__init__(
            f"The books are closed through {closed_through:%-d %B %Y}; "
            f"nothing can be posted on {effective:%-d %B %Y}."
        )


class StillPosting(LedgerError):
    """A transaction that began before the period was over, and has posted, is still open.

    Attributes:
        end: the instant at which the period was over.
    """

    def __init__(self, end: datetime) -> None:
        self.end = end
        super().__init__(
            "A database transaction that may have posted in the period is still open: close the"
            " period when it has been committed or rolled back."
        )


class NotSealed(LedgerError):
    """The transaction is in no seal yet, so nothing can be proven of it."""

    def __init__(self, transaction_id: int) -> None:
        self.transaction_id = transaction_id
        super().__init__(f"Transaction {transaction_id} is not sealed yet; seal first.")


class SealBroken(LedgerError):
    """What is recorded of the transaction or its seal is no longer what was sealed."""

    def __init__(self, transaction_id: int, reason: str) -> None:
        self.transaction_id, self.reason = transaction_id, reason
        super().__init__(f"Transaction {transaction_id} cannot be proven: {reason}.")


class HorizonBehind(LedgerError):
    """The database counts its transactions from below the last seal: it was restored elsewhere.

    Attributes:
        reached: the number the database has come to. sealed: the one sealed up to.
    """

    def __init__(self, reached: int, sealed: int) -> None:
        self.reached, self.sealed = reached, sealed
        super().__init__(
            f"The database’s own transaction numbers have come to {reached} only, but seals go up "
            f"to {sealed}: it was restored into another server. Seal once with after_restore=True."
        )


class CursorExpired(LedgerError):
    """A cursor of the journal is no good any more: going on from it could skip something.

    The book was restored, into another server or to an earlier state, and no longer has what the
    reader has seen, or not in that order.
    """

    def __init__(self, cursor: str) -> None:
        self.cursor = cursor
        super().__init__(
            "The book was restored since the journal was read so far; what follows cannot be "
            "told. Read the journal again from the beginning."
        )


class BatchRefused(LedgerError):
    """A batch that was to be posted as a whole was refused; nothing of it was posted.

    Attributes:
        index: the place in the batch of the posting refused. cause: why.
    """

    def __init__(self, index: int, cause: LedgerError) -> None:
        self.index, self.cause = index, cause
        super().__init__(f"Posting {index + 1} of the batch was refused: {cause}")


class NotInGroup(LedgerError):
    """A verb in a group touches an account that the group did not name when it began.

    Attributes:
        code: the account; ``None`` for a verb that may touch any.
    """

    def __init__(self, code: str | None) -> None:
        self.code = code
        if code is None:
            super().__init__("What may touch any account cannot be part of a group.")
        else:
            super().__init__(f"The account “{code}” is not one of those the group began with.")


class GroupRefused(LedgerError):
    """A group of verbs was refused; nothing of it was done.

    Attributes:
        index: the place in the group of the verb refused. cause: why.
    """

    def __init__(self, index: int, cause: LedgerError) -> None:
        self.index, self.cause = index, cause
        super().__init__(f"Step {index + 1} of the group was refused: {cause}")


class ExportDiffers(LedgerError):
    """What was exported does not add up to an account's balance."""

    def __init__(self, code: str, exported: int, balance: int) -> None:
        self.code, self.exported, self.balance = code, exported, balance
        super().__init__(
            f"The journal as exported leaves {exported} minutes on “{code}”, the book has"
            f" {balance}: it changed meanwhile, or is not sound."
        )
