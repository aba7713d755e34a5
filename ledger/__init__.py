"""Double-entry accounting of one unit, whole minutes of time credit, on PostgreSQL and SQLite.

Open a book in a database of your own. The book works in your transaction and never commits:

>>> import sqlalchemy as sa
>>> from fractions import Fraction
>>> from ledger import Book, Levy, LimitExceeded, Posting, schema, sqlite
>>> engine = sa.create_engine("sqlite://")  # or "postgresql+psycopg://…"
>>> sqlite.configure(engine)  # on SQLite only
>>> connection = engine.connect()
>>> schema.install(connection)  # once; a migration may do it
>>> book = Book(connection)
>>> for code, floor in (("issuance", None), ("fund", None), ("ash", -120), ("beech", -120)):
...     account = book.open_account(code, floor=floor, key=f"open:{code}")

Post what sums to zero. Whatever is recorded has a key: the same call again gives the first result
again, and the key finds it when the answer was lost on the way:

>>> parts = [Posting("issuance", -600), Posting("ash", 300), Posting("beech", 300)]
>>> joining = book.post(parts, key="joining", kind="grant", actor="Olu")
>>> book.post(parts, key="joining", kind="grant", actor="Olu").replayed
True
>>> book.transaction_by_key("joining").id == joining.id
True

Hold minutes now, settle them later (here with a share for the fund), and reverse a mistake:

>>> hold = book.hold("ash", "beech", 90, key="visit:1")
>>> book.account("ash").available  # 300 − 90, down to −120
330
>>> settled = book.settle(hold.id, 60, key="visit:1:done", levy=Levy(Fraction(1, 20), "fund"))
>>> [(entry.account, entry.amount, entry.balance) for entry in settled.entries]
[('ash', -60, 240), ('beech', 57, 357), ('fund', 3, 3)]
>>> reversal = book.reverse(settled.id, key="visit:1:undone", memo="wrong school", actor="Olu")
>>> book.transaction(settled.id).reversed_by == reversal.id
True

A refusal says why in words and in figures, and leaves the transaction usable. Several verbs are
one in a group of the accounts they touch; were the second refused, the first would be undone:

>>> with book.group("ash", "beech", "fund"):
...     moved = book.transfer("ash", "beech", 50, key="visit:2")
...     gift = book.transfer("beech", "fund", 5, key="visit:2:gift")
>>> try:
...     book.transfer("ash", "beech", 371, key="visit:3")
... except LimitExceeded as error:
...     print(error)
The account “ash” can give 370 more minutes, but 371 are needed.

What is done to an account is a record of its own, with a person and a reason:

>>> account = book.rename("ash", "Ash Grove", key="rename:ash", actor="Olu", memo="new name")
>>> account = book.freeze("ash", key="freeze:ash", actor="Olu", memo="is being looked into")
>>> account = book.unfreeze("ash", key="unfreeze:ash", actor="Olu", memo="nothing was wrong")
>>> [(event.action, event.status, event.reason) for event in book.history("ash")][1:3]
[('rename', 'open', 'new name'), ('freeze', 'frozen', 'is being looked into')]

Read balances (as they are, or were), statements, the journal; what has gone between two accounts:

>>> [(line.amount, line.balance) for line in book.statement("beech").lines]
[(300, 300), (57, 357), (-57, 300), (50, 350), (-5, 345)]
>>> book.turnover("beech")
Turnover(account='beech', given=62, taken=407)
>>> book.bilateral("ash", "beech").given
50
>>> book.balance("beech", recorded=joining.recorded)
300
>>> book.settled_until() > joining.recorded  # so that answer is final
True
>>> table = book.trial_balance()
>>> (table.debit, table.credit)
(600, 600)

Seal what was recorded, keep the seal's hash elsewhere, and prove that nothing was altered:

>>> [seal.size for seal in book.seal()]
[13]
>>> book.unsealed().transactions
0
>>> book.verify().faults
()
>>> connection.commit()

The handbook, `docs/ledger.md`, has recipes, the order in which refusals come, how to operate a
book, and what to do about each kind of fault.
"""

from ledger import schema
from ledger.book import Book
from ledger.clock import Clock
from ledger.engines import sqlite
from ledger.engines.postgresql.roles import roles_sql
from ledger.errors import (
    AccountExists,
    AccountInUse,
    AccountNotOpen,
    AlreadyReversed,
    AlreadySettled,
    AlreadyVoided,
    BatchRefused,
    BeforeOpening,
    ClockAhead,
    CursorExpired,
    ExceedsHold,
    ExportDiffers,
    GroupRefused,
    HoldExpired,
    HoldNotOpen,
    HorizonBehind,
    IdempotencyConflict,
    InvalidAmount,
    InvalidDate,
    InvalidFilters,
    InvalidLimit,
    InvalidShare,
    InvalidText,
    LedgerError,
    LimitExceeded,
    NotConfigured,
    NotInGroup,
    NotReversible,
    NotSealed,
    PeriodClosed,
    SealBroken,
    StillPosting,
    TooManyPostings,
    Unbalanced,
    UnknownAccount,
    UnknownHold,
    UnknownTransaction,
    WrongVersion,
)
from ledger.interchange.exporting import Form, export, export_part
from ledger.interchange.importing import import_journal, import_opening_balances
from ledger.retrying import retrying
from ledger.seals.proofs import Proof, ProofError
from ledger.types import (
    Account,
    AccountEvent,
    AccountState,
    Bilateral,
    Charge,
    Entry,
    Fault,
    Head,
    Hold,
    ImportProblem,
    ImportReport,
    JournalPage,
    KnownTotals,
    Levy,
    NewTransaction,
    OpenTransaction,
    Override,
    Period,
    Posting,
    Reservation,
    Seal,
    Statement,
    StatementLine,
    Transaction,
    TrialBalance,
    TrialBalanceRow,
    TrialBalanceTotals,
    Turnover,
    Unsealed,
)
from ledger.verification import Report

__all__ = [
    "Account",
    "AccountEvent",
    "AccountExists",
    "AccountInUse",
    "AccountNotOpen",
    "AccountState",
    "AlreadyReversed",
    "AlreadySettled",
    "AlreadyVoided",
    "BatchRefused",
    "BeforeOpening",
    "Bilateral",
    "Book",
    "Charge",
    "Clock",
    "ClockAhead",
    "CursorExpired",
    "Entry",
    "ExceedsHold",
    "ExportDiffers",
    "Fault",
    "Form",
    "GroupRefused",
    "Head",
    "Hold",
    "HoldExpired",
    "HoldNotOpen",
    "HorizonBehind",
    "IdempotencyConflict",
    "ImportProblem",
    "ImportReport",
    "InvalidAmount",
    "InvalidDate",
    "InvalidFilters",
    "InvalidLimit",
    "InvalidShare",
    "InvalidText",
    "JournalPage",
    "KnownTotals",
    "LedgerError",
    "Levy",
    "LimitExceeded",
    "NewTransaction",
    "NotConfigured",
    "NotInGroup",
    "NotReversible",
    "NotSealed",
    "OpenTransaction",
    "Override",
    "Period",
    "PeriodClosed",
    "Posting",
    "Proof",
    "ProofError",
    "Report",
    "Reservation",
    "Seal",
    "SealBroken",
    "Statement",
    "StatementLine",
    "StillPosting",
    "TooManyPostings",
    "Transaction",
    "TrialBalance",
    "TrialBalanceRow",
    "TrialBalanceTotals",
    "Turnover",
    "Unbalanced",
    "UnknownAccount",
    "UnknownHold",
    "UnknownTransaction",
    "Unsealed",
    "WrongVersion",
    "export",
    "export_part",
    "import_journal",
    "import_opening_balances",
    "retrying",
    "roles_sql",
    "schema",
    "sqlite",
]
