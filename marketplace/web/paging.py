"""Keyset cursors over an instant and an id: a page begins where the last one ended."""

from __future__ import annotations

from datetime import datetime


def moment_cursor(at: datetime, row_id: int) -> str:
    """The cursor after the row ``row_id`` of the instant ``at``."""
    return f"{at.isoformat()}_{row_id}"


def read_moment_cursor(text: str) -> tuple[datetime, int] | None:
    """What ``moment_cursor`` made; ``None`` for anything else, which begins at the start."""
    stamp, _, row_id = text.rpartition("_")
    try:
        at = datetime.fromisoformat(stamp)
    except ValueError:
        return None
    if at.tzinfo is None or not (row_id.isascii() and row_id.isdecimal()) or len(row_id) > 18:
        return None
    return at, int(row_id)
