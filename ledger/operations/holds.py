"""Holds: minutes reserved now and settled, voided or extended later."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Literal

from ledger.engines import requests
from ledger.errors import UnknownHold
from ledger.operations import accounts
from ledger.operations.desk import Desk
from ledger.operations.outcomes import error_of, transaction_of
from ledger.types import DatedFields, HeaderFields, Hold, Levy, Posting, Transaction


def hold(
    desk: Desk,
    source: str,
    target: str,
    minutes: int,
    expires_at: datetime | None,
    fields: DatedFields,
) -> Hold:
    """Reserve minutes of one account for another; see `ledger.Book.hold`."""
    requests.check_minutes(minutes)
    expires_at = requests.check_expiry(expires_at)
    first, second = requests.check_postings([Posting(source, -minutes), Posting(target, minutes)])
    content = {
        "hold": [source, target, minutes],
        "expires_at": expires_at and expires_at.isoformat(),
    }
    header = requests.header(content, **fields)
    requests.check_two(source, target)
    outcome = desk.writer().move(True, header, (first, second), expires_at)
    if outcome.code == "replayed":
        return desk.reader().hold(outcome.id, replayed=True)
    if outcome.code != "done":
        raise error_of(desk, "hold", header, outcome, expires_at=expires_at)
    return Hold(
        id=outcome.id,
        key=header.key,
        source=source,
        target=target,
        minutes=minutes,
        settled=0,
        state="open",
        expires_at=expires_at,
        recorded=outcome.recorded.astimezone(UTC),
        kind=header.kind,
        memo=header.memo,
        actor=header.actor,
        reference=header.reference,
    )


def settle(
    desk: Desk,
    hold_id: int,
    minutes: int | None,
    *,
    final: bool,
    levy: Levy | None,
    fields: DatedFields,
) -> Transaction:
    """Turn a hold, or part of it, into a transaction; see `ledger.Book.settle`."""
    if minutes is not None:
        requests.check_minutes(minutes)
    content: dict[str, Any] = {"settle": hold_id, "minutes": minutes, "final": final}
    if levy is not None:
        requests.check_text("account a levy goes to", levy.to, 1, 100)
        content["levy"] = [str(requests.check_share(levy.share)), levy.to]
    header = requests.header(content, **fields)
    if not requests.is_number(hold_id):
        raise UnknownHold(hold_id)
    outcome = desk.writer().resolve("settle", header, hold_id, minutes, final, None, levy)
    return transaction_of(desk, "settle", header, outcome, subject=hold_id)


def void(desk: Desk, hold_id: int, fields: HeaderFields) -> Hold:
    """Release what a hold still reserves; see `ledger.Book.void`."""
    return _resolve_without_moving(desk, "void", hold_id, None, fields)


def extend(desk: Desk, hold_id: int, expires_at: datetime | None, fields: HeaderFields) -> Hold:
    """Give an open hold another time to expire; see `ledger.Book.extend`."""
    expires_at = requests.check_expiry(expires_at)
    return _resolve_without_moving(desk, "extend", hold_id, expires_at, fields)


def expire(desk: Desk, limit: int) -> int:
    """Take expired holds off the accounts; see `ledger.Book.expire_holds`."""
    desk.check_no_group()
    requests.check_limit(limit, 1, requests.MOST_WORK)
    desk.writer()
    return accounts.release_due(desk, None, limit)


def _resolve_without_moving(
    desk: Desk,
    action: Literal["void", "extend"],
    hold_id: int,
    expires_at: datetime | None,
    fields: HeaderFields,
) -> Hold:
    content: dict[str, Any] = {action: hold_id}
    if action == "extend":
        content["expires_at"] = expires_at and expires_at.isoformat()
    header = requests.header(content, **fields)
    if not requests.is_number(hold_id):
        raise UnknownHold(hold_id)
    outcome = desk.writer().resolve(
        action, header, hold_id, None, final=action == "void", expires_at=expires_at
    )
    if outcome.code not in ("done", "replayed"):
        raise error_of(desk, action, header, outcome, subject=hold_id, expires_at=expires_at)
    return desk.reader().hold(hold_id, replayed=outcome.code == "replayed")
