"""The words that a downloaded statement has in every format."""

from __future__ import annotations

from datetime import datetime

from marketplace.clock import LONDON
from marketplace.statements.downloads.document import StatementDocument
from marketplace.web.formats import day


def credits_of(minutes: int) -> float:
    """Return ``minutes`` as a number of credits, for a cell that holds a number."""
    return minutes / 60


def moment_in_london(instant: datetime) -> str:
    """Return an instant in words: "26 November 2026 at 14:05"."""
    local = instant.astimezone(LONDON)
    return f"{day(local.date())} at {local:%H:%M}"


def about(document: StatementDocument) -> list[str]:
    """Return what a statement is of, for its head: name and URN, period, and how it was made."""
    place = f"{document.name}, URN {document.urn}" if document.urn else document.name
    lines = [f"Statement of credits: {place}", document.period.days, "1 credit is 1 hour"]
    return [*lines, produced(document), *book_lines(document)]


def produced(document: StatementDocument) -> str:
    """Return when and by whom it was made; for a closed period, when its books were closed."""
    at = moment_in_london(document.produced_at)
    if document.close is not None:
        return f"As the books were closed on {at}, by record {document.close.number:,}"
    return f"Produced on {at} by {document.produced_by}"


def book_lines(document: StatementDocument) -> list[str]:
    """Return how the book stood: its newest record, its last seal, and when it was verified."""
    standing = document.standing
    lines = [f"The book’s newest record was {standing.last_record:,}"]
    if standing.seal is None:
        lines.append("Nothing was sealed yet")
    else:
        at = moment_in_london(standing.seal.sealed_at)
        lines.append(f"Last seal: number {standing.seal.number:,}, of {at}, {standing.seal.hash}")
    return [*lines, standing.verified] if standing.verified else lines
