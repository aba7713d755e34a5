"""The journal as hledger reads it: ``hledger -f FILE check --strict`` proves it.

hledger cannot quote, so in texts a character that means something to it or cannot be seen is
written as ``\\uXXXX`` (or ``\\UXXXXXXXX``), and a backslash as two.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import date

from ledger.interchange.account_names import COMMODITY, account_name
from ledger.types import Transaction

_MEANINGFUL = re.compile(r"[;,|\[\]\\]|:(?=\s|$)")


class HledgerFormat:
    """Accounts come first, with their codes; balances are asserted by a transaction of nothing."""

    def opening(self, accounts: Iterable[tuple[str, str]], first: date) -> Iterator[str]:
        """Yield the declarations of the commodity and the accounts."""
        yield f"commodity 1000. {COMMODITY}\n\n"
        for code, name in accounts:
            yield self.account(code, name, first)

    def account(self, code: str, name: str, first: date) -> str:
        """Return the declaration of one account, which has no day here."""
        named = f", name: {_text(name)}" if name else ""
        return f"account {account_name(code)}  ; code: {code}{named}\n"

    def transaction(self, transaction: Transaction) -> str:
        """Return one transaction; all but its memo is in tags."""
        lines = [f"\n{transaction.effective} * ({transaction.id}) {_text(transaction.memo)}"]
        for name, value in (
            ("key", transaction.key),
            ("kind", transaction.kind),
            ("reference", transaction.reference),
            ("actor", transaction.actor),
            ("recorded", transaction.recorded.isoformat()),
            ("reverses", transaction.reverses),
            ("hold", transaction.hold_id),
        ):
            if value not in ("", None):
                lines.append(f"    ; {name}: {_text(str(value))}")
        lines += [
            f"    {account_name(entry.account)}  {entry.amount} {COMMODITY}"
            for entry in transaction.entries
        ]
        return "\n".join(line.rstrip() for line in lines) + "\n"

    def closing(self, day: date, balances: dict[str, int]) -> str:
        """Return a transaction that asserts the balances."""
        lines = [
            f"    {account_name(code)}  0 {COMMODITY} = {balance} {COMMODITY}\n"
            for code, balance in balances.items()
        ]
        return f"\n{day} * Balances at the end of the day\n{''.join(lines)}"


def _text(text: str) -> str:
    escaped = _MEANINGFUL.sub(lambda match: _escape(match[0]), text)
    return "".join(c if c.isprintable() else _escape(c) for c in escaped)


def _escape(character: str) -> str:
    if character == "\\":
        return "\\\\"
    number = ord(character)
    return f"\\u{number:04x}" if number < 0x10000 else f"\\U{number:08x}"
