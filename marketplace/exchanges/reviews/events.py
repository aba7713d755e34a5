"""What happens to reviews, for the outbox."""

from __future__ import annotations

from dataclasses import dataclass

from marketplace.outbox.events import Event


@dataclass(frozen=True, kw_only=True)
class ReviewWritten(Event):
    """A school has said how an exchange was; the other one does not read it yet."""

    type = "review.written"
    review_id: int


@dataclass(frozen=True, kw_only=True)
class ReviewShown(Event):
    """A review can be read: both have written, or its time has come."""

    type = "review.shown"
    review_id: int


@dataclass(frozen=True, kw_only=True)
class ReviewAnswered(Event):
    """The school that a review is about has answered it."""

    type = "review.answered"
    review_id: int


@dataclass(frozen=True, kw_only=True)
class ReviewReported(Event):
    """A school reported a review: the reporting school is the one concerned."""

    type = "review.reported"
    review_id: int


@dataclass(frozen=True, kw_only=True)
class ReviewDecided(Event):
    """The operator has hidden a review, left it, or shown it again."""

    type = "review.decided"
    review_id: int
