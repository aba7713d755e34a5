"""The forms of reviews."""

from __future__ import annotations

from marketplace.exchanges.reviews.models import Again
from marketplace.exchanges.reviews.rules import LONGEST_TEXT
from marketplace.listings.moderation import forms as moderation
from marketplace.web.fields import RadioField, options, text
from marketplace.web.forms import Form, VersionedForm

AGAIN_LABELS = {
    Again.YES: "Yes, just so",
    Again.CHANGED: "Yes, with changes",
    Again.NO: "No",
}


class ReviewForm(VersionedForm):
    """How it was, by a school that received help or gave it."""

    again = RadioField(
        "Would you do this again?",
        choices=options((one.value, AGAIN_LABELS[one]) for one in Again),
    )
    effect = text(
        "What changed at your school because of it (optional)",
        most=LONGEST_TEXT,
        required=False,
        description="What colleagues do differently now, or what pupils notice. Name no pupil.",
        render_kw={"rows": 4},
    )
    praise = text(
        "What was outstanding (optional)",
        most=LONGEST_TEXT,
        required=False,
        description="What you would tell the next school that asks for it.",
        render_kw={"rows": 3},
    )


class AnswerForm(Form):
    """What the school that a review is about says to it."""

    text = text("Your answer", most=LONGEST_TEXT, render_kw={"rows": 4})


class ReportForm(Form):
    """What is wrong with a review."""

    text = text(
        "What is wrong with it?",
        most=LONGEST_TEXT,
        description="Only the network’s operator reads it.",
        render_kw={"rows": 4},
    )


class DecisionForm(moderation.DecisionForm):
    """What the operator decides about a review."""

    reason = text(
        "Why?", most=LONGEST_TEXT, description="Both schools read this.", render_kw={"rows": 3}
    )
