"""What the term clock holds on people."""

from __future__ import annotations

from flask import Flask

from marketplace.privacy.holdings import Holding, Keep, get_holdings
from marketplace.term_clock.models import TermAnswer


def init_app(app: Flask) -> None:
    """Register it."""
    get_holdings(app).add(
        Holding(
            "term_answers",
            about="when you answered for your school whether it has hours to give",
            column=TermAnswer.answered_by_id,
            shown=(TermAnswer.answered_at, TermAnswer.half_term, TermAnswer.answer),
            on_erasure=Keep("The answer is the school’s."),
        )
    )
