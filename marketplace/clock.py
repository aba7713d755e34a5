"""The one clock: every instant and every day that the marketplace writes comes from here."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

LONDON = ZoneInfo("Europe/London")


def now() -> datetime:
    """Return the present instant, aware, in UTC."""
    return datetime.now(UTC)


def today() -> date:
    """Return the present day in Europe/London, where the schools are."""
    return now().astimezone(LONDON).date()
