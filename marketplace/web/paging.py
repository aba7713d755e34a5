"""Keyset cursors over an instant and an id: a page begins where the last one ended."""

from __future__ import annotations

from datetime import UTC, datetime


def moment_cursor(at: datetime, row_id: int) -> str:
    """The cursor after the row ``row_id`` of the instant ``at``."""
    return f"{at.isoformat()}_{row_id}"


def read_moment_cursor(text: str) -> tuple[datetime, int] | None:
    """What ``moment_cursor`` made; ``None`` for anything else, which begins at the start."""
    stamp, _, row_id = text.rpartition("_")
    try:
        at = datetime.fromisoformat(stamp)
        if at.tzinfo is None:
            return None
        at = at.astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    if not (row_id.isascii() and row_id.isdecimal()) or len(row_id) > 9:
        return None
    return at, int(row_id)


def read_row_cursor(text: str) -> int | None:
    """The number of a row in an address; ``None`` for anything else."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else None
