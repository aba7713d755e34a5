"""Pieces of evidence as the pages show them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from marketplace.clock import today
from marketplace.listings.presenters import topic_names
from marketplace.profiles.evidence.models import Evidence, EvidenceKind
from marketplace.web.formats import day, month

KIND_NAMES = {
    EvidenceKind.AWARD: "Award",
    EvidenceKind.HUB: "Hub role",
    EvidenceKind.INSPECTION: "Inspection",
    EvidenceKind.IMPACT: "Impact",
    EvidenceKind.OTHER: "Other",
}


@dataclass(frozen=True, slots=True)
class EvidenceRow:
    """One piece of evidence, ready to be shown."""

    id: int
    kind: str
    title: str
    about: str
    note: str
    topics: str
    link: str
    site: str
    """The host that the link leads to, so that nobody is surprised."""
    has_expired: bool
    added: str = ""


def evidence_row(evidence: Evidence, *, with_adder: bool = False) -> EvidenceRow:
    """Return a piece of evidence for a page; ``with_adder`` for those who may change it."""
    has_expired = evidence.has_expired(today())
    about = [evidence.given_by, month(evidence.given_in)]
    if evidence.valid_until is not None:
        until = month(evidence.valid_until)
        about.append(f"expired after {until}" if has_expired else f"valid until {until}")
    added = f"{evidence.added_by.name}, {day(evidence.added_at)}" if with_adder else ""
    return EvidenceRow(
        evidence.id,
        KIND_NAMES[EvidenceKind(evidence.kind)],
        evidence.title,
        ", ".join(part for part in about if part),
        evidence.note,
        ", ".join(topic_names(evidence.topics)),
        evidence.link,
        (urlsplit(evidence.link).hostname or "").removeprefix("www."),
        has_expired,
        added,
    )


def evidence_line(pieces: Sequence[Evidence], most: int = 2) -> str:
    """Return one quiet line of what a school shows for a topic; empty if there is nothing."""
    if not pieces:
        return ""
    said = [f"{one.title} ({month(one.given_in)})" for one in pieces[:most]]
    more = len(pieces) - most
    return " · ".join(said) + (f" · and {more} more" if more > 0 else "")
