"""The verbs of matching: ask several schools at once."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy.orm import Session

from marketplace.accounts.actor import Actor
from marketplace.accounts.roles import Permission
from marketplace.audiences.audience import Reach
from marketplace.conversations.models import Enquiry
from marketplace.conversations.service import ask
from marketplace.errors import NotFound, Refusal
from marketplace.listings.models import Listing, ListingStatus
from marketplace.listings.queries import get_listing
from marketplace.matching.fitting import opposite

MOST_ASKED = 10
"""How many schools are asked with one form."""


def why_not_ask(listing: Listing) -> str:
    """Say in a sentence why nobody can be asked about ``listing``; empty if schools can be."""
    if listing.status != ListingStatus.OPEN:
        return "It has been withdrawn. Put it up again to ask schools about it."
    if listing.audience == Reach.CONFIDENTIAL:
        return (
            "It is confidential. A question from here would tell your school’s name, so nobody can"
            " be asked from this page."
        )
    return ""


def ask_several(
    session: Session,
    actor: Actor,
    listing: Listing,
    listing_ids: Sequence[int],
    body: str,
    *,
    idempotency_key: str,
) -> list[Enquiry]:
    """Ask the schools behind these listings, each in a conversation of its own; one key asks once.

    ``listing`` is the request or offer of the school acted for that they fit.

    Raises:
        NotAllowed: without the role.
        NotFound: if ``listing`` is another school’s, or one of the others may not be seen.
        Refusal: for none or too many, one that does not answer the listing, or an empty message.
    """
    actor.require(Permission.ASK)
    if listing.school_urn != actor.school():
        raise NotFound
    if reason := why_not_ask(listing):
        raise Refusal(reason)
    chosen = list(dict.fromkeys(listing_ids))
    if not chosen:
        raise Refusal("Choose at least one school.", field="listings")
    if len(chosen) > MOST_ASKED:
        raise Refusal(f"Choose at most {MOST_ASKED}; you chose {len(chosen)}.", field="listings")
    enquiries = []
    for number in chosen:
        other = get_listing(session, number, actor)
        if other.kind != opposite(listing.kind):
            raise Refusal(f"“{other.title}” does not answer this.", field="listings")
        enquiries.append(
            ask(session, actor, other, body, idempotency_key=f"{idempotency_key}-{number}")
        )
    return enquiries
