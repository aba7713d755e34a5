"""Kinds of notifications about listings: one ends soon or has ended, is reported, is hidden."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from marketplace.accounts.roles import Permission
from marketplace.clock import today
from marketplace.listings.events import ListingExpired
from marketplace.listings.lasting import REMINDED_BEFORE
from marketplace.listings.models import ListingStatus
from marketplace.listings.moderation.events import (
    ListingHidden,
    ListingKept,
    ListingReported,
    ListingRestored,
)
from marketplace.listings.moderation.models import ListingReport
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


def _operators(_session: Session, _event: Any, _facts: ListingFacts) -> list[Audience]:
    return [Audience(None)]


def _reporters(session: Session, event: Any, _facts: ListingFacts) -> list[Audience]:
    """Who reported it, each at the schools for which they did."""
    reported = session.execute(
        sa.select(ListingReport.school_urn, ListingReport.reporter_id)
        .where(
            ListingReport.listing_id == event.listing_id,
            ListingReport.reporter_id.in_(event.reporter_ids),
        )
        .distinct()
    )
    by_school: dict[int, set[int]] = {}
    for urn, person_id in reported:
        by_school.setdefault(urn, set()).add(person_id)
    return [Audience(urn, only=frozenset(people)) for urn, people in sorted(by_school.items())]


def _decision_page(notice: Notice[ListingFacts]) -> Target:
    return Target("moderation.decide", {"listing_id": notice.facts.listing.id})


def _report_page(notice: Notice[ListingFacts]) -> Target:
    return Target("moderation.report", {"listing_id": notice.facts.listing.id})


def _is_hidden(notice: Notice[ListingFacts]) -> bool:
    return notice.facts.listing.status == ListingStatus.HIDDEN


def _is_shown(notice: Notice[ListingFacts]) -> bool:
    return not _is_hidden(notice)


def _waits(notice: Notice[ListingFacts]) -> bool:
    return notice.facts.reports_open > 0


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
    Kind(
        name="listing.reported",
        label="A school reports an offer or a request",
        group=Group.NETWORK,
        event=ListingReported,
        about=LISTING,
        about_id=_about_id,
        permission=Permission.MANAGE_NETWORK,
        audiences=_operators,
        title=lambda notice: f"A listing was reported: {notice.facts.listing.title}",
        target=_decision_page,
        is_current=_waits,
        urgency=Urgency.TASK,
        default=Frequency.AT_ONCE,
    ),
    Kind(
        name="listing.hidden",
        label="The operator hides an offer or request of ours",
        group=Group.SCHOOL,
        event=ListingHidden,
        about=LISTING,
        about_id=_about_id,
        permission=POST,
        audiences=_owner,
        title=lambda notice: f"The operator has hidden your listing: {notice.facts.listing.title}",
        target=_page,
        is_current=_is_hidden,
        urgency=Urgency.TASK,
        default=Frequency.AT_ONCE,
    ),
    Kind(
        name="listing.hidden_for_reporter",
        label="What I reported is hidden",
        group=Group.SCHOOL,
        event=ListingHidden,
        about=LISTING,
        about_id=_about_id,
        permission=Permission.ASK,
        audiences=_reporters,
        title=lambda notice: f"What you reported is hidden: {notice.facts.listing.title}",
        target=_report_page,
        is_current=_is_hidden,
        urgency=Urgency.NEWS,
        default=Frequency.DAILY,
    ),
    Kind(
        name="listing.restored",
        label="The operator shows an offer or request of ours again",
        group=Group.SCHOOL,
        event=ListingRestored,
        about=LISTING,
        about_id=_about_id,
        permission=POST,
        audiences=_owner,
        title=lambda notice: f"Other schools see your listing again: {notice.facts.listing.title}",
        target=_page,
        is_current=_is_shown,
        urgency=Urgency.NEWS,
        default=Frequency.DAILY,
    ),
    Kind(
        name="listing.restored_for_reporter",
        label="What I reported is shown again",
        group=Group.SCHOOL,
        event=ListingRestored,
        about=LISTING,
        about_id=_about_id,
        permission=Permission.ASK,
        audiences=_reporters,
        title=lambda notice: f"What you reported is shown again: {notice.facts.listing.title}",
        target=_report_page,
        is_current=_is_shown,
        urgency=Urgency.NEWS,
        default=Frequency.DAILY,
    ),
    Kind(
        name="listing.kept_for_reporter",
        label="What I reported is left as it is",
        group=Group.SCHOOL,
        event=ListingKept,
        about=LISTING,
        about_id=_about_id,
        permission=Permission.ASK,
        audiences=_reporters,
        title=lambda notice: f"What you reported is left as it is: {notice.facts.listing.title}",
        target=_report_page,
        is_current=_is_shown,
        urgency=Urgency.NEWS,
        default=Frequency.DAILY,
    ),
)
