"""Journals and opening balances from CSV: tried first, then posted as a whole or not at all.

A trial does everything in a savepoint and rolls it back, so it finds what the book itself would
refuse. A journal is read as `ledger.export` writes it, by this version or an earlier one: it needs
the columns ``transaction``, ``account`` and ``amount``, and those that it does not know are passed
over. Transactions are posted in the order of the file. What is imported is what moved: holds are
not made again, and a reversal arrives as a plain transaction.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Iterator
from itertools import islice

from ledger.book import Book
from ledger.engines import requests
from ledger.errors import (
    AccountNotOpen,
    IdempotencyConflict,
    InvalidDate,
    InvalidText,
    LedgerError,
    PeriodClosed,
    UnknownAccount,
)
from ledger.interchange.import_files import (
    FileTransaction,
    read_journal,
    read_opening_balances,
)
from ledger.types import ImportProblem, ImportReport, Transaction

BATCH = 2_000


def import_journal(
    book: Book,
    stream: Iterable[str],
    *,
    name: str,
    create_accounts: bool = False,
    dry_run: bool = True,
    progress: Callable[[int], None] | None = None,
) -> ImportReport:
    """Post a journal in CSV; with ``dry_run`` report what would happen, and change nothing.

    A transaction without a key of its own gets ``import:<name>:<transaction>``, so a second
    import of the file changes nothing. All of the file is posted or, if anything in it is wrong,
    nothing. ``create_accounts`` opens accounts that do not exist, without limits. ``progress`` is
    called with the number of transactions done. Give a stream opened with ``newline=""``.
    """
    read = functools.partial(read_journal, stream, name)
    return _import(book, name, read, create_accounts, dry_run, progress)


def import_opening_balances(
    book: Book,
    stream: Iterable[str],
    *,
    name: str,
    against: str,
    create_accounts: bool = False,
    dry_run: bool = True,
    progress: Callable[[int], None] | None = None,
) -> ImportReport:
    """Post opening balances, a CSV with the columns ``account`` and ``minutes``.

    Each comes from the account ``against``, under the key ``import:<name>:<account>``. Otherwise
    as `import_journal`.
    """
    read = functools.partial(read_opening_balances, stream, name, against)
    return _import(book, name, read, create_accounts, dry_run, progress)


def _import(
    book: Book,
    name: str,
    read: Callable[[list[ImportProblem]], Iterator[FileTransaction]],
    create_accounts: bool,
    dry_run: bool,
    progress: Callable[[int], None] | None,
) -> ImportReport:
    problems: list[ImportProblem] = []
    accounts = _Accounts(book, name, create_accounts, problems)
    posted = replayed = 0
    savepoint = book.connection.begin_nested()
    try:
        transactions = read(problems)
        while batch := list(islice(transactions, BATCH)):
            postable = [transaction for transaction in batch if accounts.exist(transaction)]
            results = book.post_many([one.new for one in postable], atomic=False, imported=True)
            for transaction, result in zip(postable, results, strict=True):
                if isinstance(result, Transaction):
                    replayed += result.replayed
                    posted += not result.replayed
                else:
                    problems.append(transaction.problem(_column(result), str(result)))
            if progress is not None:
                progress(posted + replayed)
        balances = {code: a.posted for code, a in book.balances().items() if code in accounts.used}
    except BaseException:
        savepoint.rollback()
        raise
    done = not dry_run and not problems
    if done:
        savepoint.commit()
    else:
        savepoint.rollback()
    return ImportReport(
        done=done,
        posted=posted,
        replayed=replayed,
        opened=tuple(sorted(accounts.opened)),
        balances=balances,
        problems=tuple(sorted(problems)),
    )


class _Accounts:
    """The accounts of a file: opens those that are missing, or notes that they are."""

    def __init__(self, book: Book, name: str, create: bool, problems: list[ImportProblem]) -> None:
        self._book, self._name = book, name
        self._create, self._problems = create, problems
        self._known = set(book.balances())
        self.used: set[str] = set()
        self.opened: set[str] = set()

    def exist(self, transaction: FileTransaction) -> bool:
        """Return whether all accounts of a transaction exist, opening them if that is asked for."""
        missing = False
        for place, (code, _) in enumerate(transaction.new.postings):
            if code not in self._known:
                try:
                    requests.check_code(code)
                    if not self._create:
                        raise UnknownAccount(code)
                    self._book.open_account(
                        code, floor=None, key=f"import:{self._name}:open:{code}"
                    )
                except LedgerError as error:
                    self._problems.append(transaction.problem("account", str(error), place))
                    missing = True
                    continue
                self._known.add(code)
                self.opened.add(code)
            self.used.add(code)
        return not missing


def _column(error: object) -> str:
    """Return the column that an error is about."""
    match error:
        case IdempotencyConflict():
            return "key"
        case PeriodClosed() | InvalidDate():
            return "effective"
        case UnknownAccount() | AccountNotOpen():
            return "account"
        case InvalidText():
            return error.field
        case _:
            return "amount"
