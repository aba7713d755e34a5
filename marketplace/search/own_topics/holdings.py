"""What the changes of topics hold on people."""

from __future__ import annotations

from flask import Flask

from marketplace.privacy.holdings import Holding, Keep, get_holdings
from marketplace.search.own_topics.models import TopicChange


def init_app(app: Flask) -> None:
    """Register it."""
    get_holdings(app).add(
        Holding(
            "changes of topics",
            about="the topics that you added, renamed, moved or retired, for the network",
            column=TopicChange.changed_by_id,
            shown=(TopicChange.changed_at, TopicChange.name, TopicChange.retired),
            on_erasure=Keep("The network sees who changed the topics, and when."),
        )
    )
