"""What the ledger takes and gives: immutable records. Amounts are whole minutes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import Enum
from fractions import Fraction
from typing import Final, Literal, NamedTuple, Required, TypedDict


class Unchanged(Enum):
    """What stands for “leave it as it is”, where ``None`` means “no limit”."""

    UNCHANGED = "unchanged"


UNCHANGED: Final = Unchanged.UNCHANGED


class Posting(NamedTuple):
    """One line of a transaction: an account's code and a signed amount in minutes (+ = credit)."""

    account: str
    amount: int


class NoteFields(TypedDict, total=False):
    """What may be said about any record of the book.

    Attributes:
        key: what the record is known by: the same key with the same content gives the first
            result again (``replayed``), with other content it is an `IdempotencyConflict`; a
            refused attempt does not use up its key. 1 to 200 characters; needed.
        memo: what it is for, in words; up to 2,000 characters.
        actor: who does it; up to 200 characters.
        reference: the matter it belongs to, such as ``exchange:601``; up to 200 characters.
    """

    key: Required[str]
    memo: str
    actor: str
    reference: str


class HeaderFields(NoteFields, total=False):
    """What may be said about a record whose kind the caller chooses.

    Attributes:
        kind: a word for its sort, ``transfer`` unless another is given; 1 to 60 characters.
    """

    kind: str


class DatedFields(HeaderFields, total=False):
    """What may be said about a record whose day the caller chooses.

    Attributes:
        effective: the day it belongs to; today in London unless an earlier one is given.
    """

    effective: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class NewTransaction:
    """One transaction to be posted; see `DatedFields` for what is said about it."""

    postings: Sequence[Posting]
    key: str
    kind: str = "transfer"
    memo: str = ""
    effective: date | None = None
    actor: str = ""
    reference: str = ""


@dataclass(frozen=True, slots=True)
class Override:
    """Who lets a posting go beyond a limit, and why; recorded with the transaction."""

    actor: str
    reason: str


@dataclass(frozen=True, slots=True)
class Levy:
    """The share of a settlement that goes to another account, such as a community fund.

    The payer pays the whole; of it ``to`` gets the share, rounded down to a whole minute, and
    the provider all the rest. The share is at least 0 and less than 1.
    """

    share: Fraction
    to: str


@dataclass(frozen=True, slots=True)
class Account:
    """An account as it stands: minutes posted, held out of it and held for it.

    ``available`` is what it can still give: posted − held out − floor; ``None`` without a floor.
    The soft limits refuse nothing; ``beyond`` says when what is posted has passed one.
    ``replayed`` says that a verb which gave it had been carried out before, under the same key.
    """

    code: str
    name: str
    status: str
    floor: int | None
    ceiling: int | None
    posted: int
    held_out: int
    held_in: int
    version: int
    soft_floor: int | None = None
    soft_ceiling: int | None = None
    replayed: bool = field(default=False, compare=False)

    @property
    def available(self) -> int | None:
        """Minutes the account can still give, holds counted; ``None`` means no limit."""
        return None if self.floor is None else self.posted - self.held_out - self.floor

    @property
    def room(self) -> int | None:
        """Minutes the account can still take, holds counted; ``None`` means no limit."""
        return None if self.ceiling is None else self.ceiling - self.posted - self.held_in

    @property
    def beyond(self) -> Literal["floor", "ceiling"] | None:
        """The soft limit that the posted balance has passed, if any."""
        if self.soft_floor is not None and self.posted < self.soft_floor:
            return "floor"
        if self.soft_ceiling is not None and self.posted > self.soft_ceiling:
            return "ceiling"
        return None


@dataclass(frozen=True, slots=True)
class AccountEvent:
    """What was done to an account, by whom and why (``reason``), and what it was from then on.

    ``action`` is ``open``, ``limits``, ``rename``, ``freeze``, ``unfreeze`` or ``close``.
    """

    transaction_id: int
    key: str
    action: str
    actor: str
    reason: str
    reference: str
    recorded: datetime
    status: str
    name: str
    floor: int | None
    ceiling: int | None
    soft_floor: int | None
    soft_ceiling: int | None


@dataclass(frozen=True, slots=True)
class Charge:
    """A charge on an account: its posted balance, what of it is free to be charged, and how much.

    ``free`` and ``minutes`` are as `Book.demurrage_due` defines them.
    """

    account: str
    balance: int
    free: int
    minutes: int


class Entry(NamedTuple):
    """One line of a transaction: the account's version and balance after it."""

    account: str
    amount: int
    version: int
    balance: int


class AccountState(NamedTuple):
    """What an account is from a record on: its status, name and limits in minutes."""

    account: str
    status: str
    name: str
    floor: int | None
    ceiling: int | None
    soft_floor: int | None
    soft_ceiling: int | None


class Reservation(NamedTuple):
    """What a record did to a hold: the minutes that it reserved, released or went on reserving.

    ``expires_at`` is when they expire from then on; ``None`` if they do not, or are released.
    """

    source: str
    target: str
    minutes: int
    expires_at: datetime | None


class Transaction(NamedTuple):
    """An immutable record: a balanced one with entries, or one that moves nothing.

    ``reverses`` is the transaction that it takes back, ``reversed_by`` the one that took it back,
    at the time of reading. ``replayed`` says that its key had been used before. Of the records
    without entries, one about an account has ``change``, one about a hold ``reservation``, and
    the close of a period ``closed_through``, its last day.
    """

    id: int
    key: str
    action: str
    kind: str
    memo: str
    effective: date
    recorded: datetime
    actor: str
    reference: str
    entries: tuple[Entry, ...]
    hold_id: int | None = None
    reverses: int | None = None
    reversed_by: int | None = None
    override: Override | None = None
    replayed: bool = False
    change: AccountState | None = None
    reservation: Reservation | None = None
    closed_through: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold:
    """Minutes reserved on one account for another.

    ``state`` is ``open``, ``settled``, ``voided`` or ``expired``, by the ledger's clock at the
    time of reading; ``settled`` is what has been settled of ``minutes`` so far.
    """

    id: int
    key: str
    source: str
    target: str
    minutes: int
    settled: int
    state: str
    expires_at: datetime | None
    recorded: datetime
    kind: str
    memo: str
    actor: str
    reference: str
    replayed: bool = False

    @property
    def remaining(self) -> int:
        """Minutes still reserved: none once the hold is no longer open."""
        return self.minutes - self.settled if self.state == "open" else 0


@dataclass(frozen=True, slots=True)
class StatementLine:
    """One entry as its account sees it; ``counterparties`` are the other accounts' codes."""

    seq: int
    effective: date
    recorded: datetime
    kind: str
    memo: str
    amount: int
    balance: int
    transaction_id: int
    reference: str
    counterparties: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Statement:
    """A page of an account's statement; ``next`` is the cursor of the following page, if any."""

    account: str
    opening: int
    closing: int
    lines: tuple[StatementLine, ...]
    next: str | None


class Turnover(NamedTuple):
    """What an account has given and what it has taken, in minutes, each posting counted."""

    account: str
    given: int
    taken: int


@dataclass(frozen=True, slots=True)
class JournalPage:
    """A page of the journal; ``next`` is the cursor of the following page, if any.

    ``last`` is the cursor behind the page's last transaction, also where nothing follows yet: a
    reader who follows the journal goes on from there later.
    """

    transactions: tuple[Transaction, ...]
    next: str | None
    last: str | None = None


@dataclass(frozen=True, slots=True)
class TrialBalanceRow:
    """One account's balance in its column; the other is zero."""

    code: str
    name: str
    debit: int
    credit: int


@dataclass(frozen=True, slots=True)
class TrialBalance:
    """Every account's balance; in a sound book the two totals are equal."""

    rows: tuple[TrialBalanceRow, ...]
    debit: int = field(default=0)
    credit: int = field(default=0)


@dataclass(frozen=True, slots=True)
class TrialBalanceTotals:
    """How many accounts a trial balance has, and the sum of each of its columns."""

    accounts: int
    debit: int
    credit: int


@dataclass(frozen=True, slots=True)
class KnownTotals:
    """The totals of the trial balance at the end of ``day``, as somebody keeps them, in minutes.

    They are of what was recorded before the day ``recorded_before`` began, which is after ``day``.
    """

    day: date
    recorded_before: date
    debit: int
    credit: int


class Bilateral(NamedTuple):
    """What two accounts have given each other: minutes from a to b, and from b to a."""

    a: str
    b: str
    given: int
    taken: int


@dataclass(frozen=True, slots=True)
class Period:
    """A closed period: it goes from the day after the one before it to ``ends_on``."""

    ends_on: date
    closed_at: datetime
    actor: str
    replayed: bool = field(default=False, compare=False)


@dataclass(frozen=True, slots=True)
class Seal:
    """A link of the chain of seals; ``hash``, in hexadecimal, is what to keep elsewhere.

    It covers ``size`` transactions and, through the seal before, everything sealed earlier.
    """

    number: int
    sealed_at: datetime
    size: int
    root: str
    previous: str
    horizon: int
    hash: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenTransaction:
    """A transaction of any database of the server that has written and has not ended.

    Attributes:
        database, role: where it is and whose; "" where the reader may not know.
        since: when it began, or was prepared; None where the reader may not know.
        pid: the process that runs it; None for a prepared transaction.
        prepared: the name of a prepared transaction, with which it can be ended; else None.
    """

    database: str
    role: str
    since: datetime | None
    pid: int | None
    prepared: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Unsealed:
    """What is in no seal yet.

    Attributes:
        transactions: how many transactions of the book. oldest: when the first was recorded.
        held_up_by: what sealing would wait for at this moment; None if it is nothing, or if the
            reader may not know.
    """

    transactions: int
    oldest: datetime | None
    held_up_by: OpenTransaction | None = None


class Head(NamedTuple):
    """How far the book has come: the newest transaction's number and the count of entries."""

    last: int
    entries: int


class Fault(NamedTuple):
    """Something that verification found wrong.

    ``kind`` is one of the kinds that `ledger.verification` names, ``subject`` the exact row
    (``"transaction 12"``, ``"account school:a, version 3"``), ``message`` what is the matter.
    """

    kind: str
    subject: str
    message: str

    def __str__(self) -> str:
        """One line for a person."""
        return f"{self.kind}: {self.subject}: {self.message}"


class ImportProblem(NamedTuple):
    """Something wrong in a file: its line (the header is 1), the column, and what it is."""

    line: int
    column: str
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportReport:
    """What an import did (``done``), or what it would do were nothing wrong.

    Attributes:
        posted: transactions added. replayed: those that the book had already, by their keys.
        opened: codes of accounts opened. balances: minutes on each account of the file after it.
        problems: everything found wrong, by line; if there is any, nothing was done.
    """

    done: bool
    posted: int
    replayed: int
    opened: tuple[str, ...]
    balances: dict[str, int]
    problems: tuple[ImportProblem, ...]
