"""What the directory of expertise holds on people: it goes when they are erased."""

from __future__ import annotations

from flask import Flask

from marketplace.privacy.holdings import Delete, Holding, Keep, get_holdings
from marketplace.profiles.experts.models import Expertise


def init_app(app: Flask) -> None:
    """Register it."""
    get_holdings(app).add(
        Holding(
            "expertise",
            about="what you say you are good at, who may see it and ask, and how they reach you",
            column=Expertise.person_id,
            shown=(
                Expertise.created_at,
                Expertise.school_urn,
                Expertise.words,
                Expertise.contact,
                Expertise.asked_by,
                Expertise.audience,
                Expertise.accepted_at,
            ),
            on_erasure=Delete(),
        ),
        Holding(
            "suggested_expertise",
            about="to which colleagues you suggested to share what they are good at",
            column=Expertise.suggested_by_id,
            shown=(Expertise.created_at, Expertise.school_urn),
            on_erasure=Keep("The colleague sees that somebody suggested it."),
        ),
    )
