"""Posting and reversing: what moves minutes at once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ledger.engines import requests
from ledger.engines.requests import Header, Outcome
from ledger.errors import (
    BatchRefused,
    IdempotencyConflict,
    LedgerError,
    NotReversible,
    UnknownTransaction,
)
from ledger.operations.desk import Desk
from ledger.operations.outcomes import error_of, transaction_of
from ledger.types import DatedFields, NewTransaction, NoteFields, Override, Posting, Transaction


def post(desk: Desk, new: NewTransaction, *, own: bool = False) -> Transaction:
    """Post one transaction; see `ledger.Book.post`. ``own``: its key is the library's own."""
    header, postings = _checked(new, own)
    first, second = postings[:2]
    if len(postings) == 2 and first.amount < 0 and first.account != second.account:
        outcome = desk.writer().move(False, header, (first, second), None)
    else:
        outcome = desk.writer().post(header, postings)
    return transaction_of(desk, "post", header, outcome)


def transfer(
    desk: Desk, source: str, target: str, minutes: int, fields: DatedFields
) -> Transaction:
    """Move minutes from one account to another; see `ledger.Book.transfer`."""
    requests.check_minutes(minutes)
    requests.check_two(source, target)
    moved = [Posting(source, -minutes), Posting(target, minutes)]
    return post(desk, NewTransaction(postings=moved, **fields))


def post_many(
    desk: Desk,
    transactions: Sequence[NewTransaction],
    *,
    atomic: bool,
    imported: bool = False,
    own: bool = False,
) -> list[Transaction | LedgerError]:
    """Post many transactions in order; see `ledger.Book.post_many`.

    ``own``: their keys may be the library's own.
    """
    batch: list[tuple[Header, Sequence[Posting]]] = []
    errors: list[LedgerError | None] = []
    for index, new in enumerate(transactions):
        try:
            batch.append(_checked(new, own or imported))
            errors.append(None)
        except LedgerError as error:
            if atomic:
                raise BatchRefused(index, error) from error
            errors.append(error)
    outcomes, failed = desk.writer().post_many(batch, atomic, imported) if batch else ([], None)
    if failed is not None:  # no check refused any, so its place in the batch is its index
        *_, outcome = outcomes
        cause = _cause(desk, [header for header, _ in batch], failed, outcome)
        raise BatchRefused(failed, cause) from cause
    answers: list[Transaction | LedgerError] = []
    posted = zip(batch, outcomes, strict=True)
    for refusal in errors:
        if refusal is not None:
            answers.append(refusal)
            continue
        (header, _), outcome = next(posted)
        try:
            answers.append(transaction_of(desk, "post", header, outcome))
        except LedgerError as error:
            answers.append(error)
    return answers


def _cause(desk: Desk, headers: Sequence[Header], failed: int, outcome: Outcome) -> LedgerError:
    """Return why a whole batch was refused and undone, by the answer to the one that failed."""
    header = headers[failed]
    try:
        return error_of(desk, "post", header, outcome)
    except UnknownTransaction:  # a conflict with one of the batch itself, which was undone
        earlier = next(other for other in headers if other.key == header.key)
    differences = {
        name: (getattr(earlier, name), getattr(header, name))
        for name in ("kind", "memo", "effective", "actor", "reference")
    } | {"lines": (earlier.content["lines"], header.content["lines"])}
    differing = {name: pair for name, pair in differences.items() if pair[0] != pair[1]}
    return IdempotencyConflict(header.key, None, differing)


def reverse(
    desk: Desk,
    transaction_id: int,
    override: Override | None,
    on_original_day: bool,
    fields: NoteFields,
) -> Transaction:
    """Post the exact contrary of a transaction; see `ledger.Book.reverse`."""
    if override is not None:
        requests.check_override(override)
    content: dict[str, Any] = {
        "reverses": transaction_id,
        "override": override and [override.actor, override.reason],
    }
    if on_original_day:  # left out otherwise, so that keys used before it existed are replayed
        content["on_original_day"] = True
    header = requests.header(content, kind="reversal", **fields)
    original = desk.reader().transaction(transaction_id)
    if on_original_day:
        header = header._replace(effective=original.effective)
    if not original.entries or original.reverses is not None:
        raise NotReversible(transaction_id)
    postings = [Posting(entry.account, -entry.amount) for entry in original.entries]
    outcome = desk.writer().post(header, postings, transaction_id, override)
    return transaction_of(
        desk, "reverse", header, outcome, subject=transaction_id, override=override
    )


def _checked(new: NewTransaction, own: bool) -> tuple[Header, tuple[Posting, ...]]:
    """Check what is to be posted and take its digest."""
    postings = requests.check_postings(new.postings)
    header = requests.header(
        {"lines": postings},  # a digest's word for them, as in every book since the first
        key=new.key,
        kind=new.kind,
        memo=new.memo,
        effective=new.effective,
        actor=new.actor,
        reference=new.reference,
        own=own,
    )
    return header, postings
