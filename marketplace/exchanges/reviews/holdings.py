"""What reviews hold on people."""

from __future__ import annotations

from flask import Flask

from marketplace.exchanges.reviews.models import Review, ReviewReport, ReviewStep
from marketplace.privacy.holdings import Holding, Keep, get_holdings

_SCHOOLS = Keep("What a school said of an exchange is the school’s.")


def init_app(app: Flask) -> None:
    """Register it."""
    get_holdings(app).add(
        Holding(
            "reviews",
            about="the reviews that you wrote for your school",
            column=Review.written_by_id,
            shown=(
                Review.written_at,
                Review.exchange_id,
                Review.again,
                Review.effect,
                Review.praise,
            ),
            on_erasure=_SCHOOLS,
        ),
        Holding(
            "answers_to_reviews",
            about="your school’s answers to reviews that you wrote",
            column=Review.replied_by_id,
            shown=(Review.replied_at, Review.exchange_id, Review.reply),
            on_erasure=_SCHOOLS,
        ),
        Holding(
            "review_reports",
            about="the reviews that you reported",
            column=ReviewReport.reporter_id,
            shown=(ReviewReport.created_at, ReviewReport.review_id, ReviewReport.text),
            on_erasure=Keep("It is a part of why a review was hidden or left."),
        ),
        Holding(
            "review_decisions",
            about="what you decided about reviews as an operator",
            column=ReviewStep.person_id,
            shown=(ReviewStep.at, ReviewStep.review_id, ReviewStep.decision),
            on_erasure=Keep("It shows who decided what may be read."),
        ),
    )
