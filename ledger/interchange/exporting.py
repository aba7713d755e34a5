"""The journal as CSV, hledger or Beancount, with the balances asserted day by day.

Transactions come in the order of their effective dates. At the end of each day every account
that moved has its balance asserted, so that those programs prove the file by themselves.
Amounts keep the book's sign: + is credit of the account's owner. A hold moves nothing: only what
was settled of it is here.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from datetime import date
from typing import Any, Literal, Protocol, get_args

from ledger.book import Book
from ledger.errors import ExportDiffers
from ledger.interchange.beancount import BeancountFormat
from ledger.interchange.csv_format import CsvFormat
from ledger.interchange.hledger import HledgerFormat
from ledger.types import Account, Transaction

Form = Literal["csv", "hledger", "beancount"]
Progress = Callable[[int, int], None]

PAGE = 500
_BEFORE_ALL = date(1000, 1, 1)
"""The first day that Beancount can read: on it, accounts are open before anything is posted."""


class Writable(Protocol):
    """A stream of text that can be written to."""

    def write(self, text: str, /) -> Any:
        """Write some text."""


class Format(Protocol):
    """A journal in the form that one program reads."""

    def opening(self, accounts: Iterable[tuple[str, str]], first: date) -> Iterator[str]:
        """Yield what comes first; ``accounts`` are (code, name), ``first`` an effective date."""

    def account(self, code: str, name: str, first: date) -> str:
        """Return one account that comes after the others; ``first`` as in `opening`."""

    def transaction(self, transaction: Transaction) -> str:
        """Return one transaction."""

    def closing(self, day: date, balances: dict[str, int]) -> str:
        """Return the end of a day, with the balances of the accounts that moved on it."""


_FORMATS: dict[str, Callable[[], Format]] = {
    "csv": CsvFormat,
    "hledger": HledgerFormat,
    "beancount": BeancountFormat,
}


def export(book: Book, form: Form, stream: Writable, *, progress: Progress | None = None) -> int:
    """Write the whole journal to a stream of text; return how many transactions it has.

    The journal is read a page at a time, so memory holds one page and the accounts. Give a book on
    a connection that sees one state of the database (on PostgreSQL REPEATABLE READ), and a stream
    opened with ``newline=""``. ``progress`` is called with the entries done and all there are.

    Raises:
        ExportDiffers: what was written does not add up to the accounts' balances.
        ValueError: there is no such form.
    """
    if form not in get_args(Form):
        raise ValueError(f"a book is not exported as {form!r}")
    journal_format = _FORMATS[form]()
    total, done, count = book.head().entries, 0, 0
    accounts = book.balances()
    balances: dict[str, int] = defaultdict(int)
    moved: set[str] = set()
    day: date | None = None

    def end_of_day() -> None:
        if day is not None:
            stream.write(
                journal_format.closing(day, {code: balances[code] for code in sorted(moved)})
            )
            moved.clear()

    for transaction in _transactions(book):
        if day is None:
            _write_opening(journal_format, accounts, transaction.effective, stream)
        if day != transaction.effective:
            end_of_day()
            day = transaction.effective
        stream.write(journal_format.transaction(transaction))
        for entry in transaction.entries:
            balances[entry.account] += entry.amount
            moved.add(entry.account)
        done, count = done + len(transaction.entries), count + 1
        if progress is not None and count % PAGE == 0:
            progress(done, total)
    if day is None:
        _write_opening(journal_format, accounts, date(1970, 1, 1), stream)
    end_of_day()
    if progress is not None:
        progress(done, total)
    for code, account in accounts.items():
        if balances[code] != account.posted:
            raise ExportDiffers(code, balances[code], account.posted)
    return count


def export_part(transactions: Iterable[Transaction], form: Form) -> Iterator[str]:
    """Yield a part of the journal, as text: those of ``transactions`` that moved minutes.

    Each account is declared before its first transaction, so only the codes that have come are
    in memory. No balances are asserted: those of a part are not the book's.

    Raises:
        ValueError: there is no such form.
    """
    if form not in get_args(Form):
        raise ValueError(f"a book is not exported as {form!r}")
    journal_format = _FORMATS[form]()
    yield from journal_format.opening((), _BEFORE_ALL)
    declared: set[str] = set()
    for transaction in transactions:
        for entry in transaction.entries:
            if entry.account not in declared:
                declared.add(entry.account)
                yield journal_format.account(entry.account, "", _BEFORE_ALL)
        if transaction.entries:
            yield journal_format.transaction(transaction)


def _transactions(book: Book) -> Iterator[Transaction]:
    """The transactions that moved minutes, by effective date and number."""
    after: str | None = None
    while True:
        page = book.journal(start=date.min, after=after, limit=PAGE, newest_first=False)
        yield from page.transactions
        if page.next is None:
            return
        after = page.next


def _write_opening(
    journal_format: Format, accounts: dict[str, Account], first: date, stream: Writable
) -> None:
    names = ((code, account.name) for code, account in accounts.items())
    for text in journal_format.opening(names, first):
        stream.write(text)
