"""What listings hold on people."""

from __future__ import annotations

from flask import Flask

from marketplace.listings.detail_models import ListingPerson
from marketplace.listings.models import Listing
from marketplace.privacy.holdings import Delete, Holding, Keep, get_holdings


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
            "listings_of_help",
            about="which of your school’s offers name you as who gives the help",
            column=ListingPerson.person_id,
            shown=(ListingPerson.listing_id,),
            on_erasure=Delete(),
        ),
    )
