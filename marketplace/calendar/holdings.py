"""What term dates hold on people."""

from __future__ import annotations

from flask import Flask

from marketplace.calendar.models import CalendarEntry
from marketplace.privacy.holdings import Holding, Keep, get_holdings


def init_app(app: Flask) -> None:
    """Register it."""
    get_holdings(app).add(
        Holding(
            "term_dates",
            about="which term dates you entered for your school or an authority",
            column=CalendarEntry.changed_by_id,
            shown=(CalendarEntry.changed_at, CalendarEntry.kind, CalendarEntry.starts_on),
            on_erasure=Keep("Term dates are the school’s."),
        )
    )
