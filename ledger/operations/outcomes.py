"""From a writer's answer to the transaction it wrote, or to the error it stands for."""

from __future__ import annotations

from datetime import UTC, datetime

from ledger.engines.requests import Header, Outcome
from ledger.errors import LedgerError
from ledger.operations.desk import Desk
from ledger.operations.refusals import conflict, refusal
from ledger.types import Entry, Override, Transaction


def transaction_of(
    desk: Desk,
    action: str,
    header: Header,
    outcome: Outcome,
    *,
    subject: int = 0,
    override: Override | None = None,
) -> Transaction:
    """Return the transaction written, or the one written before under the key.

    Raises:
        LedgerError: what the answer stands for, if it is a refusal.
    """
    if outcome.code == "replayed":
        return desk.reader().transaction(outcome.id, replayed=True)
    if outcome.code != "done":
        raise error_of(desk, action, header, outcome, subject=subject)
    return Transaction(
        id=outcome.id,
        key=header.key,
        action=action,
        kind=header.kind,
        memo=header.memo,
        effective=outcome.effective,
        recorded=outcome.recorded.astimezone(UTC),
        actor=header.actor,
        reference=header.reference,
        entries=tuple(
            [
                Entry(account, amount, version, balance)
                for (account, amount), version, balance in zip(
                    outcome.postings, outcome.versions, outcome.balances, strict=True
                )
            ]
        ),
        hold_id=subject if action == "settle" else None,
        reverses=subject if action == "reverse" else None,
        override=override,
    )


def error_of(
    desk: Desk,
    action: str,
    header: Header,
    outcome: Outcome,
    *,
    subject: int = 0,
    expires_at: datetime | None = None,
) -> LedgerError:
    """Return the error that a writer's answer stands for."""
    if outcome.code == "conflict":
        return conflict(desk.reader(), action, header, outcome)
    return refusal(desk.reader(), outcome, header, subject=subject, expires_at=expires_at)
