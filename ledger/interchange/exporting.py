"""The journal as CSV, hledger or Beancount, with the balances asserted day by day.

Transactions come in the order of their effective dates. At the end of each day every account
that moved has its balance asserted, so that those programs prove the file by themselves.
Amounts keep the book's sign: + is credit of the account's owner. Holds reserve and move nothing;
only what was settled of them is here.
"""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from datetime import date
from typing import Any, Literal, Protocol, get_args

from ledger.book import Book
from ledger.errors import ExportDiffers
from ledger.interchange.beancount import BeancountFormat
from ledger.interchange.hledger import HledgerFormat
from ledger.types import Transaction

Form = Literal["csv", "hledger", "beancount"]
Tell = Callable[[int, int], None]

PAGE = 500
COLUMNS = (
    "transaction",
    "line",
    "effective",
    "recorded",
    "kind",
    "key",
    "memo",
    "actor",
    "reference",
    "account",
    "amount",
    "balance",
    "reverses",
    "hold",
)


class Writable(Protocol):
    """A stream that takes text."""

    def write(self, text: str, /) -> Any:
        """Take some text."""


class Format(Protocol):
    """How one program wants to read a journal."""

    def opening(self, accounts: Iterable[tuple[str, str]], first: date) -> Iterator[str]:
        """What goes before everything: accounts (code, name), and the first effective date."""

    def transaction(self, transaction: Transaction) -> str:
        """One transaction."""

    def closing(self, day: date, balances: dict[str, int]) -> str:
        """The end of a day, with the balances of the accounts that moved on it."""


class CsvFormat:
    """One row for each entry.

    ``balance`` is the account's after the entry, in the order of recording. It is a file for
    machines: texts are exactly as recorded, and not protected from spreadsheets, which may take
    one that begins with ``=`` for a formula; open it there as text.
    """

    def opening(self, accounts: Iterable[tuple[str, str]], first: date) -> Iterator[str]:
        """The names of the columns."""
        yield _row(COLUMNS)

    def transaction(self, transaction: Transaction) -> str:
        """The rows of a transaction."""
        return "".join(
            _row(
                (
                    transaction.id,
                    line,
                    transaction.effective,
                    transaction.recorded.isoformat(),
                    transaction.kind,
                    transaction.key,
                    transaction.memo,
                    transaction.actor,
                    transaction.reference,
                    entry.account,
                    entry.amount,
                    entry.balance,
                    transaction.reverses,
                    transaction.hold_id,
                )
            )
            for line, entry in enumerate(transaction.entries, start=1)
        )

    def closing(self, day: date, balances: dict[str, int]) -> str:
        """Nothing: each row has its balance."""
        return ""


class _Echo:
    """Gives back what a CSV writer writes."""

    def write(self, text: str) -> str:
        return text


_FORMATS: dict[str, Callable[[], Format]] = {
    "csv": CsvFormat,
    "hledger": HledgerFormat,
    "beancount": BeancountFormat,
}
_writer = csv.writer(_Echo(), lineterminator="\r\n")


def export(book: Book, form: Form, stream: Writable, *, progress: Tell | None = None) -> int:
    """Write the whole journal to a stream of text; says how many transactions there were.

    It is read page by page and needs memory only for one page and the accounts. Give a book on a
    connection that sees one state of the database (on PostgreSQL REPEATABLE READ), and a stream
    opened with ``newline=""``. ``progress`` is told how many entries of how many are done.

    Raises:
        ExportDiffers: what was written does not add up to the accounts' balances.
        ValueError: there is no such form.
    """
    if form not in get_args(Form):
        raise ValueError(f"a book is not exported as {form!r}")
    shape = _FORMATS[form]()
    total, done, count = book.head().entries, 0, 0
    accounts = book.balances()
    balances: dict[str, int] = defaultdict(int)
    moved: set[str] = set()
    day: date | None = None

    def end_of_day() -> None:
        if day is not None:
            stream.write(shape.closing(day, {code: balances[code] for code in sorted(moved)}))
            moved.clear()

    for transaction in _transactions(book):
        if day is None:
            _write_opening(shape, accounts, transaction.effective, stream)
        if day != transaction.effective:
            end_of_day()
            day = transaction.effective
        stream.write(shape.transaction(transaction))
        for entry in transaction.entries:
            balances[entry.account] += entry.amount
            moved.add(entry.account)
        done, count = done + len(transaction.entries), count + 1
        if progress is not None and count % PAGE == 0:
            progress(done, total)
    if day is None:
        _write_opening(shape, accounts, date(1970, 1, 1), stream)
    end_of_day()
    if progress is not None:
        progress(done, total)
    for code, account in accounts.items():
        if balances[code] != account.posted:
            raise ExportDiffers(code, balances[code], account.posted)
    return count


def _transactions(book: Book) -> Iterator[Transaction]:
    """What moved minutes, by effective date and number, a page at a time."""
    after: str | None = None
    while True:
        page = book.journal(start=date.min, after=after, limit=PAGE, newest_first=False)
        yield from page.transactions
        if page.next is None:
            return
        after = page.next


def _write_opening(shape: Format, accounts: dict[str, Any], first: date, stream: Writable) -> None:
    named = ((code, account.name) for code, account in accounts.items())
    for text in shape.opening(named, first):
        stream.write(text)


def _row(values: Iterable[object]) -> str:
    """A row of CSV."""
    text: Any = _writer.writerow(["" if value is None else value for value in values])
    return str(text)
