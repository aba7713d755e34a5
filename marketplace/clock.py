"""The one clock: every instant is aware UTC, every day a day in England."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

_LONDON = ZoneInfo("Europe/London")


def now() -> datetime:
    """This instant, aware, in UTC."""
    return datetime.now(UTC)


def today() -> date:
    """Today's date in Europe/London."""
    return now().astimezone(_LONDON).date()
