"""The verbs of matching: ask several schools at once, about a listing of one's own or a search."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy.orm import Session

from marketplace.accounts.actor import Actor
from marketplace.accounts.roles import Permission
from marketplace.audiences.audience import Reach
from marketplace.conversations.models import Enquiry
from marketplace.conversations.service import ask
from marketplace.errors import NotFound, Refusal
from marketplace.listings.models import Kind, Listing, ListingStatus
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
    others = _chosen(session, actor, listing_ids)
    for other in others:
        if other.kind != opposite(listing.kind):
            raise Refusal(f"“{other.title}” does not answer this.", field="listings")
    return _ask_each(session, actor, others, body, idempotency_key)


def ask_about_offers(
    session: Session,
    actor: Actor,
    listing_ids: Sequence[int],
    body: str,
    *,
    idempotency_key: str,
) -> list[Enquiry]:
    """Ask the schools behind these offers, each in a conversation of its own; one key asks once.

    Raises:
        NotAllowed: without the role.
        NotFound: if one of them may not be seen.
        Refusal: for none or too many, a request, one that cannot be asked about, or an empty
            message.
    """
    actor.require(Permission.ASK)
    actor.school()
    offers = _chosen(session, actor, listing_ids)
    for offer in offers:
        if offer.kind != Kind.OFFER:
            raise Refusal(f"“{offer.title}” is a request, not an offer.", field="listings")
    return _ask_each(session, actor, offers, body, idempotency_key)


def _chosen(session: Session, actor: Actor, listing_ids: Sequence[int]) -> list[Listing]:
    """The listings of these numbers, each once: at least one, and not too many."""
    numbers = list(dict.fromkeys(listing_ids))
    if not numbers:
        raise Refusal("Choose at least one school.", field="listings")
    if len(numbers) > MOST_ASKED:
        raise Refusal(f"Choose at most {MOST_ASKED}; you chose {len(numbers)}.", field="listings")
    return [get_listing(session, number, actor) for number in numbers]


def _ask_each(
    session: Session, actor: Actor, listings: Sequence[Listing], body: str, idempotency_key: str
) -> list[Enquiry]:
    return [
        ask(session, actor, listing, body, idempotency_key=f"{idempotency_key}-{listing.id}")
        for listing in listings
    ]
