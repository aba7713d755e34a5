"""What listings hold on people."""

from __future__ import annotations

from flask import Flask

from marketplace.listings.detail_models import ListingPerson
from marketplace.listings.draft_models import ListingDraft
from marketplace.listings.drafts import KEPT_DAYS, purge_drafts
from marketplace.listings.models import Listing
from marketplace.privacy.holdings import Delete, Holding, Keep, get_holdings
from marketplace.privacy.retention import Rule, get_retention


def init_app(app: Flask) -> None:
    """Register it."""
    get_holdings(app).add(
        Holding(
            "listings",
            about="which of your school’s offers and requests you posted",
            column=Listing.author_id,
            shown=(
                Listing.created_at,
                Listing.school_urn,
                Listing.kind,
                Listing.title,
                Listing.description,
                Listing.status,
            ),
            on_erasure=Keep("Offers and requests are the school’s."),
        ),
        Holding(
            "listing_drafts",
            about="the drafts of your school’s offers and requests that you changed last",
            column=ListingDraft.author_id,
            shown=(ListingDraft.updated_at, ListingDraft.school_urn, ListingDraft.title),
            on_erasure=Keep("Drafts are the school’s; they go a year after their last change."),
        ),
        Holding(
            "listings_of_help",
            about="which of your school’s offers name you as who gives the help",
            column=ListingPerson.person_id,
            shown=(ListingPerson.listing_id,),
            on_erasure=Delete(),
        ),
    )
    get_retention(app).add(
        Rule(
            "listing_drafts",
            what="Drafts of offers and requests, after they were last changed",
            days=KEPT_DAYS,
            why="Last year’s draft is of use for this year’s offer; an older one is not.",
            purge=purge_drafts,
        )
    )
