"""When a review may be written, and until when: each a table of one line."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from marketplace.exchanges.models import Exchange, State
from marketplace.exchanges.reviews.models import Review

WRITTEN_WITHIN = timedelta(days=60)
"""How long after an exchange was confirmed (or corrected) each school may write."""
SHOWN_AFTER = timedelta(days=14)
"""How long the first review waits for the other one.

Reviews that the other side reads first are polite and say little; hidden ones are truer.
"""
ASKED_FOR = timedelta(days=14)
"""How long the start page asks for a review: it is a favour, not a duty."""
FEWEST_PARTNERS = 5
"""Of fewer schools nothing is summed up: two would be a mean of two."""
LONGEST_TEXT = 1000


def own_of(reviews: Sequence[Review], urn: int | None) -> Review | None:
    """Return the review that the school ``urn`` wrote, of those of one exchange."""
    return next((review for review in reviews if review.author_urn == urn), None)


def other_of(reviews: Sequence[Review], urn: int | None) -> Review | None:
    """Return the review that the other school wrote."""
    return next((review for review in reviews if review.author_urn != urn), None)


def why_not_write(
    exchange: Exchange, reviews: Sequence[Review], urn: int, now: datetime
) -> str | None:
    """Say why the school ``urn`` cannot write or change its review now; None if it can."""
    own, other = own_of(reviews, urn), other_of(reviews, urn)
    if own is not None and own.shown_at is not None:
        return "Your review can be read by now, so it stays as it is."
    if exchange.state != State.CONFIRMED:
        return "Say how it was when the exchange is confirmed."
    if now > exchange.updated_at + WRITTEN_WITHIN:
        return f"Reviews are written within {WRITTEN_WITHIN.days} days, which are over."
    if other is not None and other.shown_at is not None:
        return "The other school’s review can be read by now, so yours would no longer be free."
    return None
