"""Journals and opening balances from CSV: tried first, then posted as a whole or not at all.

A try does everything in a savepoint and rolls that back, so it finds what the book itself would
refuse. A journal is read as `ledger.export` writes it; it needs the columns ``transaction``,
``account`` and ``amount``. Postings are made in the order of the file. What is imported is what
moved: holds are not made again, and a reversal arrives as the plain posting it is.
"""

from __future__ import annotations

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
from ledger.interchange.import_files import Given, journal_postings, opening_postings
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
    """Post a journal in CSV; by default only try to, and say what would come of it.

    A transaction without a key of its own gets ``import:<name>:<transaction>``, so a second
    import of the file changes nothing. All of the file is posted or, if anything in it is wrong,
    nothing. ``create_accounts`` opens accounts that are not there, without limits. ``progress``
    is told how many transactions are done. Give a stream opened with ``newline=""``.
    """
    return _import(
        book, name, lambda report: journal_postings(stream, name, report), create_accounts, dry_run,
        progress,
    )  # fmt: skip


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
    return _import(
        book, name, lambda report: opening_postings(stream, name, against, report), create_accounts,
        dry_run, progress,
    )  # fmt: skip


def _import(
    book: Book,
    name: str,
    read: Callable[[list[ImportProblem]], Iterator[Given]],
    create_accounts: bool,
    dry_run: bool,
    progress: Callable[[int], None] | None,
) -> ImportReport:
    problems: list[ImportProblem] = []
    accounts = _Accounts(book, name, create_accounts, problems)
    posted = replayed = 0
    savepoint = book.connection.begin_nested()
    try:
        given = read(problems)
        while batch := list(islice(given, BATCH)):
            ready = [one for one in batch if accounts.ready(one)]
            results = book.post_many([one.posting for one in ready], atomic=False, imported=True)
            for one, result in zip(ready, results, strict=True):
                if isinstance(result, Transaction):
                    replayed += result.replayed
                    posted += not result.replayed
                else:
                    problems.append(one.problem(_column(result), str(result)))
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
    """Which accounts of the file there are; opens the others, or says that they are missing."""

    def __init__(self, book: Book, name: str, create: bool, problems: list[ImportProblem]) -> None:
        self._book, self._name = book, name
        self._create, self._problems = create, problems
        self._known = set(book.balances())
        self.used: set[str] = set()
        self.opened: set[str] = set()

    def ready(self, given: Given) -> bool:
        """Whether all accounts of a posting are there (now)."""
        missing = False
        for place, (code, _) in enumerate(given.posting.postings):
            if code not in self._known:
                try:
                    requests.check_code(code)
                    if not self._create:
                        raise UnknownAccount(code)
                    self._book.open_account(
                        code, floor=None, key=f"import:{self._name}:open:{code}"
                    )
                except LedgerError as error:
                    self._problems.append(given.problem("account", str(error), place))
                    missing = True
                    continue
                self._known.add(code)
                self.opened.add(code)
            self.used.add(code)
        return not missing


def _column(error: object) -> str:
    """The column that an error is about."""
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
