"""One record of the book in words: what it was, what it belongs to, and what became of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ledger import Hold, Transaction
from marketplace.adjustments.trail import without_people
from marketplace.credits.chart import kind_label
from marketplace.credits.formats import credits
from marketplace.credits.records import moved_minutes, record_title
from marketplace.web.formats import day, moment


@dataclass(frozen=True, slots=True)
class Related:
    """Another record that this one belongs with, in words: ``before``, its number, ``after``."""

    term: str
    before: str
    number: int
    after: str = ""


@dataclass(frozen=True, slots=True)
class RecordPage:
    """What the page of a record says besides its figures.

    Attributes:
        minutes: what was moved, held or released; None where it is about neither.
        related: the records that it belongs with. outcome: what a hold has come to, in words.
    """

    title: str
    kind: str
    reason: str
    minutes: int | None
    minutes_label: str
    related: list[Related]
    outcome: str = ""
    closed_through: str = ""


_MINUTES_LABELS = {"hold": "Held", "void": "Released", "extend": "Held"}


def record_page(
    record: Transaction,
    names: Mapping[str, str],
    *,
    hold: Hold | None,
    ended_by: Sequence[Transaction],
) -> RecordPage:
    """Return the words of a record; ``hold`` is the hold that it is of, if it is of one.

    ``ended_by`` has the records of that hold where the record is the hold itself.
    """
    kind = kind_label(record.kind)
    title = record_title(record, names) or without_people(record.memo) or kind
    return RecordPage(
        title=title,
        kind=kind_label(record.action) if record.reservation is not None else kind,
        reason="" if without_people(record.memo) == title else record.memo,
        minutes=moved_minutes(record),
        minutes_label=_MINUTES_LABELS.get(record.action, "Moved"),
        related=_related(record, ended_by),
        outcome=_outcome(hold) if hold is not None and record.action == "hold" else "",
        closed_through=day(record.closed_through) if record.closed_through else "",
    )


def _related(record: Transaction, ended_by: Sequence[Transaction]) -> list[Related]:
    related = []
    if record.hold_id is not None:
        term = "Pays from" if record.entries else "Hold"
        related.append(Related(term, "the credits held by", record.hold_id))
    for part in ended_by:
        if part.id != record.id:
            related.append(_part(part))
    if record.reverses is not None:
        related.append(Related("Reverses", "takes back", record.reverses))
    if record.reversed_by is not None:
        related.append(
            Related("Reversed", "taken back by", record.reversed_by, "; it counts no longer")
        )
    return related


def _part(part: Transaction) -> Related:
    """What was done to a hold."""
    if part.entries:
        return Related("Settled", f"{credits(moved_minutes(part) or 0)} paid by", part.id)
    minutes = part.reservation.minutes if part.reservation is not None else 0
    if part.action == "void":
        return Related("Released", f"{credits(minutes)} released by", part.id)
    return Related("Extended", "by", part.id)


def _outcome(hold: Hold) -> str:
    """What a hold has come to, in words."""
    match hold.state:
        case "open":
            until = f" until {moment(hold.expires_at)}" if hold.expires_at else ""
            return f"{credits(hold.remaining)} still held{until}"
        case "settled":
            released = hold.minutes - hold.settled
            paid = f"{credits(hold.settled)} paid"
            return f"{paid}, {credits(released)} released" if released else paid
        case "voided":
            return "Released"
    return f"Expired on {moment(hold.expires_at)}" if hold.expires_at else "Expired"
