"""What the operator's words hold on people."""

from __future__ import annotations

from flask import Flask

from marketplace.privacy.holdings import Holding, Keep, get_holdings
from marketplace.search.own_words.models import OwnWord

SHOWN = (OwnWord.phrase, OwnWord.same_as, OwnWord.topic, OwnWord.taken_out)
KEPT = Keep("The network sees who changed what the search knows, and when.")


def init_app(app: Flask) -> None:
    """Register them."""
    get_holdings(app).add(
        Holding(
            "words added to the search",
            about="the words that you added to the search or took out of a topic, for the network",
            column=OwnWord.added_by_id,
            shown=(OwnWord.added_at, *SHOWN),
            on_erasure=KEPT,
        )
    )
    get_holdings(app).add(
        Holding(
            "words taken from the search",
            about="the words that you took from the search or put back, for the network",
            column=OwnWord.taken_away_by_id,
            shown=(OwnWord.taken_away_at, *SHOWN),
            on_erasure=KEPT,
        )
    )
