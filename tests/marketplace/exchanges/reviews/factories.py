"""Made-up reviews."""

from __future__ import annotations

from marketplace.accounts.actor import Actor
from marketplace.database import db
from marketplace.exchanges.models import Exchange, State
from marketplace.exchanges.reviews.models import Review
from marketplace.exchanges.reviews.service import write_review
from tests.marketplace.exchanges.factories import brought_to


def reviewed(acting: Actor, exchange: Exchange, *, again: str = "yes") -> Review:
    """What the school of ``acting`` has just said of ``exchange``."""
    return write_review(
        db.session(),
        acting,
        exchange,
        again=again,
        effect="Year 1 blends with confidence now.",
        praise="She knew every child’s name by noon.",
    )


def shown_review(about: Actor, author: Actor, *, again: str = "yes") -> Review:
    """A review about the school of ``about``, of a new exchange, that everybody may read."""
    exchange = brought_to(State.CONFIRMED, about, author)
    review = reviewed(author, exchange, again=again)
    reviewed(about, exchange)
    return review
