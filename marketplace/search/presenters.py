"""Search results as the templates show them."""

from __future__ import annotations

from flask import url_for

from marketplace.credits.formats import credits
from marketplace.listings.forms import AUDIENCE_LABELS, MODE_LABELS
from marketplace.listings.models import Audience, Mode
from marketplace.listings.presenters import ListingCard, summary, topic_names
from marketplace.search.criteria import SearchResult
from marketplace.web.formats import miles


def card_of(result: SearchResult) -> ListingCard:
    """Return a search result as its card."""
    towns = (result.town, result.local_authority)
    return ListingCard(
        url=url_for("pages.listing", listing_id=result.id),
        kind=result.kind,
        title=result.title,
        summary=summary(result.description),
        school_name=result.school_name,
        origin=", ".join(dict.fromkeys(town for town in towns if town)),
        distance=miles(result.metres) if result.metres is not None else None,
        topics=topic_names(result.topics),
        phases=[],
        mode_label=MODE_LABELS[Mode(result.mode)],
        cost=credits(result.minutes),
        audience_label=AUDIENCE_LABELS[Audience(result.audience)],
        mark=result.mark,
    )
