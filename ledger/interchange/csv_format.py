"""The journal as CSV, a row for each entry; `ledger.import_journal` reads it again.

Rows come in the order of effective dates. ``version`` counts the entries of the row's account in
the order of recording, and ``balance`` is what the account had after that entry; both are as the
book recorded them, so down a column they jump where something was dated back. Sorted by
``account`` and ``version`` they are the account's statement. The balance by effective date is the
sum of ``amount`` down the file.

It is a file for machines: texts are exactly as recorded, and not protected from spreadsheets,
which may take one that begins with ``=`` for a formula; open it there as text.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from datetime import date
from typing import Any

from ledger.types import Transaction

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
    "version",
    "reverses",
    "hold",
)


class CsvFormat:
    """One row for each entry, with the account's version and balance as recorded."""

    def opening(self, accounts: Iterable[tuple[str, str]], first: date) -> Iterator[str]:
        """Yield the names of the columns."""
        yield _row(COLUMNS)

    def account(self, code: str, name: str, first: date) -> str:
        """Return nothing: each row names its account."""
        return ""

    def transaction(self, transaction: Transaction) -> str:
        """Return the rows of a transaction."""
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
                    entry.version,
                    transaction.reverses,
                    transaction.hold_id,
                )
            )
            for line, entry in enumerate(transaction.entries, start=1)
        )

    def closing(self, day: date, balances: dict[str, int]) -> str:
        """Return nothing: each row has its balance."""
        return ""


class _Echo:
    """A stream that returns what a CSV writer writes to it."""

    def write(self, text: str) -> str:
        return text


_writer = csv.writer(_Echo(), lineterminator="\r\n")


def _row(values: Iterable[object]) -> str:
    text: Any = _writer.writerow(["" if value is None else value for value in values])
    return str(text)
