"""The offers that schools show on the public web: a list, and a page of each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue

from marketplace.accounts.access import PUBLIC, access, find_current_user
from marketplace.database import db
from marketplace.listings.models import Listing
from marketplace.listings.presenters import topic_names
from marketplace.listings.public import PublicCriteria
from marketplace.listings.queries import get_public, list_public
from marketplace.listings.topics import PHASES, current_topics, topics_by_group

LONGEST_WORDS = 200


@dataclass(frozen=True, slots=True)
class PublicOffer:
    """An offer as anybody may read it, and nothing more."""

    url: str
    title: str
    topics: str
    phases: str
    school_name: str
    town: str | None


@access(PUBLIC)
def offers() -> ResponseReturnValue:
    """Show the offers on the public web, the newest first, or those that fit what is asked."""
    after = request.args.get("after", "")
    topic = request.args.get("topic", "")
    criteria = PublicCriteria(
        words=request.args.get("q", "")[:LONGEST_WORDS].strip(),
        topic=topic if topic in current_topics().by_slug else "",
    )
    page = list_public(db.session(), criteria, after=after)
    asked: dict[str, Any] = {
        name: value for name, value in (("q", criteria.words), ("topic", criteria.topic)) if value
    }
    search_url = url_for("search.find", **asked)
    return render_template(
        "pages/offers.html",
        rows=[_public_offer(listing) for listing in page.rows],
        next_url=url_for("pages.offers", **asked, after=page.next) if page.next else None,
        first_page=not after,
        criteria=criteria,
        narrowed=bool(asked),
        topics=topics_by_group(),
        search_url=search_url,
        signed_in=find_current_user() is not None,
        sign_in_url=url_for("accounts.sign_in", next=search_url),
    )


@access(PUBLIC)
def offer(offer_id: int) -> ResponseReturnValue:
    """Show one offer that is on the public web."""
    listing = get_public(db.session(), offer_id)
    signed_in = find_current_user() is not None
    return render_template(
        "pages/offer.html",
        offer=_public_offer(listing),
        listing_url=url_for("pages.listing", listing_id=offer_id) if signed_in else None,
        sign_in_url=url_for("accounts.sign_in", next=url_for("pages.listing", listing_id=offer_id)),
    )


def _public_offer(listing: Listing) -> PublicOffer:
    return PublicOffer(
        url=url_for("pages.offer", offer_id=listing.id),
        title=listing.title,
        topics=", ".join(topic_names([topic.topic for topic in listing.topics])),
        phases=", ".join(PHASES[phase.phase] for phase in listing.phases if phase.phase in PHASES),
        school_name=listing.school.name,
        town=listing.school.town,
    )
