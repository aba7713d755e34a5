"""What a school has given and received within a year, and how fast it answers.

The worker counts it after each exchange and each message, and once a night for the year that moves
on; a page reads one row.
"""

from __future__ import annotations

from datetime import time

from flask import Flask

from marketplace.conversations.events import MessageWritten
from marketplace.exchanges.disputes.events import DisputeRuled, DisputeSettled
from marketplace.exchanges.events import CorrectionAgreed, ExchangeConfirmed
from marketplace.exchanges.reviews.events import ReviewDecided, ReviewShown
from marketplace.outbox import get_schedule, get_subscribers
from marketplace.profiles.track_record import counting

OF_EXCHANGES = (ExchangeConfirmed, CorrectionAgreed, DisputeSettled, DisputeRuled)


def init_app(app: Flask) -> None:
    """Count a record after what changes it, and all of them every night."""
    subscribers = get_subscribers(app)
    for kind in (*OF_EXCHANGES, ReviewShown, ReviewDecided):
        subscribers.subscribe(kind, "profiles.count_exchange", counting.count_after)
    subscribers.subscribe(MessageWritten, "profiles.count_answer", counting.count_after_message)
    get_schedule(app).every("count_track_records", time(3, 30), counting.recount_job)
