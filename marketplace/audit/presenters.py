"""The journal for people: records in words, accounts and people by name."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from ledger import Entry, Transaction
from marketplace.credits.chart import account_names, actor_names, kind_label
from marketplace.credits.records import accounts_of, record_title


@dataclass(frozen=True, slots=True)
class JournalRow:
    """One record of the journal, ready for its table.

    Attributes:
        entries: each entry with the name of its account.
        accounts: the codes and names of the accounts that the record is about.
        actor, reason: by whom and why, of a record without entries.
    """

    number: int
    day: date
    title: str
    kind: str
    entries: list[tuple[Entry, str]]
    accounts: list[tuple[str, str]]
    actor: str
    reason: str


def journal_rows(session: Session, transactions: Sequence[Transaction]) -> list[JournalRow]:
    """Return the rows of a journal page; two queries at most, however many rows."""
    names = account_names(session, {code for one in transactions for code in accounts_of(one)})
    actors = actor_names(session, {one.actor for one in transactions if not one.entries})
    rows = []
    for one in transactions:
        kind = kind_label(one.kind)
        rows.append(
            JournalRow(
                number=one.id,
                day=one.effective,
                title=record_title(one, names) or one.memo or kind,
                kind=kind,
                entries=[(entry, names[entry.account]) for entry in one.entries],
                accounts=[(code, names[code]) for code in dict.fromkeys(accounts_of(one))],
                actor=actors.get(one.actor, ""),
                reason=one.memo,
            )
        )
    return rows
