"""The journal as Beancount reads it: ``bean-check FILE`` proves it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, timedelta

from ledger.interchange.account_names import COMMODITY, account_name
from ledger.types import Transaction

_ESCAPES = str.maketrans(
    {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\t": "\\t", "\r": "\\r", "\f": "\\f", "\b": "\\b"}
)


class BeancountFormat:
    """Accounts are opened on the day of the first transaction, with their codes as metadata."""

    def opening(self, accounts: Iterable[tuple[str, str]], first: date) -> Iterator[str]:
        """Yield what opens the accounts."""
        yield f'option "operating_currency" "{COMMODITY}"\n\n'
        for code, name in accounts:
            yield self.account(code, name, first)

    def account(self, code: str, name: str, first: date) -> str:
        """Return what opens one account on the day ``first``."""
        named = f"  name: {_quoted(name)}\n" if name else ""
        return f"{first} open {account_name(code)} {COMMODITY}\n  code: {_quoted(code)}\n{named}"

    def transaction(self, transaction: Transaction) -> str:
        """Return one transaction; all but its memo is metadata."""
        lines = [
            f"\n{transaction.effective} * {_quoted(transaction.memo)}",
            f"  transaction: {transaction.id}",
        ]
        for name, value in (
            ("key", transaction.key),
            ("kind", transaction.kind),
            ("reference", transaction.reference),
            ("actor", transaction.actor),
            ("recorded", transaction.recorded.isoformat()),
        ):
            if value:
                lines.append(f"  {name}: {_quoted(value)}")
        for name, number in (("reverses", transaction.reverses), ("hold", transaction.hold_id)):
            if number is not None:
                lines.append(f"  {name}: {number}")
        lines += [
            f"  {account_name(entry.account)}  {entry.amount} {COMMODITY}"
            for entry in transaction.entries
        ]
        return "\n".join(lines) + "\n"

    def closing(self, day: date, balances: dict[str, int]) -> str:
        """Return assertions on the next day, as Beancount asserts at the start of a day."""
        following = day + timedelta(days=1)
        lines = [
            f"{following} balance {account_name(code)}  {balance} {COMMODITY}\n"
            for code, balance in balances.items()
        ]
        return "\n" + "".join(lines)


def _quoted(text: str) -> str:
    return f'"{text.translate(_ESCAPES)}"'
