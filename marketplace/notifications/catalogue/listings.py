"""Kinds of notifications about a school's own listings: one ends soon, one has ended."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from marketplace.accounts.roles import Permission
from marketplace.clock import today
from marketplace.listings.events import ListingExpired
from marketplace.listings.lasting import REMINDED_BEFORE
from marketplace.listings.models import ListingStatus
from marketplace.notifications.catalogue.things import LISTING, ListingFacts
from marketplace.notifications.events import ListingEnding
from marketplace.notifications.kinds import Audience, Facts, Group, Kind, Notice, Target, Urgency
from marketplace.notifications.models import Frequency
from marketplace.web.formats import day

POST = Permission.POST_LISTINGS


def _about_id(event: Any) -> int:
    listing_id: int = event.listing_id
    return listing_id


def _owner(_session: Session, _event: Any, facts: ListingFacts) -> list[Audience]:
    return [Audience(facts.listing.school_urn)]


def _page(notice: Notice[ListingFacts]) -> Target:
    return Target("pages.listing", {"listing_id": notice.facts.listing.id})


def _last_day(notice: Notice[ListingFacts]) -> Facts:
    expires_on = notice.facts.expires_on
    return [("Last day", day(expires_on))] if expires_on else []


def _ends_soon(notice: Notice[ListingFacts]) -> bool:
    facts = notice.facts
    return (
        facts.listing.status == ListingStatus.OPEN
        and facts.expires_on is not None
        and today() <= facts.expires_on <= today() + REMINDED_BEFORE
    )


def _has_ended(notice: Notice[ListingFacts]) -> bool:
    facts = notice.facts
    return (
        facts.listing.status == ListingStatus.WITHDRAWN
        and facts.expires_on is not None
        and facts.expires_on < today()
    )


KINDS: tuple[Kind[Any, ListingFacts], ...] = (
    Kind(
        name="listing.ending",
        label="An offer or request of ours ends soon",
        group=Group.SCHOOL,
        event=ListingEnding,
        about=LISTING,
        about_id=_about_id,
        permission=POST,
        audiences=_owner,
        title=lambda notice: (
            f"Your {notice.facts.listing.kind} ends soon: {notice.facts.listing.title}"
        ),
        facts=_last_day,
        target=_page,
        is_current=_ends_soon,
        urgency=Urgency.TASK,
        default=Frequency.DAILY,
    ),
    Kind(
        name="listing.expired",
        label="An offer or request of ours has ended",
        group=Group.SCHOOL,
        event=ListingExpired,
        about=LISTING,
        about_id=_about_id,
        permission=POST,
        audiences=_owner,
        title=lambda notice: (
            f"Your {notice.facts.listing.kind} has ended; one press renews it: "
            f"{notice.facts.listing.title}"
        ),
        facts=_last_day,
        target=_page,
        is_current=_has_ended,
        urgency=Urgency.NEWS,
        default=Frequency.DAILY,
    ),
)
