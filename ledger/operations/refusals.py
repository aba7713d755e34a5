"""Turning a writer's answer into the error that says it to a person."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from ledger.engines.requests import Header, Outcome
from ledger.errors import (
    AccountNotOpen,
    AlreadyReversed,
    AlreadySettled,
    AlreadyVoided,
    BeforeOpening,
    ClockAhead,
    ExceedsHold,
    HoldExpired,
    IdempotencyConflict,
    InvalidDate,
    InvalidText,
    LedgerError,
    LimitExceeded,
    PeriodClosed,
    UnknownAccount,
    UnknownHold,
)
from ledger.queries import Reader
from ledger.schema import EPOCH
from ledger.types import Transaction


def refusal(
    reader: Reader,
    outcome: Outcome,
    header: Header,
    *,
    subject: int = 0,
    expires_at: datetime | None = None,
) -> LedgerError:
    """The error an answer stands for; ``subject`` is the hold or transaction concerned."""
    match outcome.code:
        case "unknown_account":
            return UnknownAccount(outcome.account)
        case "frozen" | "closed":
            return AccountNotOpen(outcome.account, outcome.code)
        case "clock_ahead":
            last, clock = (
                EPOCH + timedelta(microseconds=instant) for instant in (outcome.have, outcome.need)
            )
            return ClockAhead(outcome.account, last, clock)
        case "floor" | "ceiling":
            return LimitExceeded(outcome.account, outcome.code, outcome.have, outcome.need)
        case "future":
            return InvalidDate(header.effective, "The effective date lies in the future.")
        case "expiry":
            return InvalidDate(expires_at, "A hold cannot expire in the past.")
        case "period_closed":
            closed_through = reader.closed_through()
            assert closed_through is not None
            return PeriodClosed(outcome.effective, closed_through)
        case "before_opening":
            assert header.effective is not None
            first = date.fromordinal(outcome.have)
            return BeforeOpening(outcome.account, first, header.effective)
        case "reversed":
            return AlreadyReversed(subject, outcome.have)
        case "levy_to":
            return InvalidText("account a levy goes to", outcome.account)
        case "unknown_hold":
            return UnknownHold(subject)
        case "settled":
            return AlreadySettled(subject)
        case "voided":
            return AlreadyVoided(subject)
        case "expired":
            return HoldExpired(subject)
        case "exceeds":
            return ExceedsHold(subject, outcome.have, outcome.need)
    raise AssertionError(f"a writer answered {outcome.code!r}")


def conflict(reader: Reader, action: str, header: Header, outcome: Outcome) -> IdempotencyConflict:
    """What the key stands for beside what it was used for now, field by field."""
    stored = reader.transaction(outcome.id)
    recorded: dict[str, Any] = {
        "action": stored.action,
        "kind": stored.kind,
        "memo": stored.memo,
        "actor": stored.actor,
        "reference": stored.reference,
    }
    given: dict[str, Any] = {
        "action": action,
        "kind": header.kind,
        "memo": header.memo,
        "actor": header.actor,
        "reference": header.reference,
    }
    if header.effective is not None:
        recorded["effective"], given["effective"] = stored.effective, header.effective
    if stored.action == action:
        recorded |= _content(reader, stored)
        given |= {name: header.content[name] for name in header.content if name in recorded}
    return IdempotencyConflict(
        header.key,
        stored.id,
        {name: (recorded[name], given[name]) for name in given if recorded[name] != given[name]},
    )


def _content(reader: Reader, stored: Transaction) -> dict[str, Any]:
    """What a record says in the words that its caller used."""
    match stored.action:
        case "post":
            return {"lines": tuple((entry.account, entry.amount) for entry in stored.entries)}
        case "hold":
            hold = reader.hold(stored.id)
            return {"hold": [hold.source, hold.target, hold.minutes]}
        case "settle":
            return {"settle": stored.hold_id, "minutes": -stored.entries[0].amount}
        case "reverse":
            return {"reverses": stored.reverses}
        case "freeze" | "unfreeze":
            return {stored.action: reader.account_of(stored.id)}
        case "void" | "extend":
            return {stored.action: stored.hold_id}
    return {}
