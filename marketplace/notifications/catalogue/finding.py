"""Kinds of notifications about what others post: it fits ours, or a saved search finds it."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from marketplace.accounts.roles import Permission
from marketplace.listings.models import Kind as ListingKind
from marketplace.matching.events import MatchFound
from marketplace.matching.telling import MatchFacts, match_facts
from marketplace.notifications.kinds import (
    About,
    Audience,
    Facts,
    Group,
    Kind,
    Notice,
    Target,
    Urgency,
)
from marketplace.notifications.models import Frequency
from marketplace.saved_searches.events import SearchAlerted
from marketplace.saved_searches.queries import AlertFacts, alert_facts
from marketplace.saved_searches.unsubscribing import end_link

MATCH = About("match", match_facts)
ALERT = About("alert", alert_facts)
LISTED = 5
"""How many listings of an alert stand in its e-mail; its page has all."""


def _matched(_session: Session, _event: MatchFound, match: MatchFacts) -> list[Audience]:
    return [Audience(match.fitting_urn)]


def _match_title(notice: Notice[MatchFacts]) -> str:
    match = notice.facts
    if match.kind == ListingKind.OFFER:
        return f"{match.owner} offers what you look for: {match.title}"
    return f"{match.owner} looks for what you offer: {match.title}"


def _alerted(_session: Session, _event: SearchAlerted, alert: AlertFacts) -> list[Audience]:
    return [Audience(alert.school_urn, only=frozenset({alert.person_id}))]


def _alert_title(notice: Notice[AlertFacts]) -> str:
    alert = notice.facts
    count = len(alert.listings)
    if not count:
        return f"Nothing of what your search “{alert.name}” found is there any more"
    more = f", and {count - 1} more" if count > 1 else ""
    return f"New for your search “{alert.name}”: {alert.listings[0][1]}{more}"


def _alert_facts(notice: Notice[AlertFacts]) -> Facts:
    return [(school, title) for _number, title, school in notice.facts.listings[:LISTED]]


def _alert_target(notice: Notice[AlertFacts]) -> Target:
    alert = notice.facts
    if len(alert.listings) == 1:
        return Target("pages.listing", {"listing_id": alert.listings[0][0]})
    return Target("saved_searches.saved", {"search_id": alert.search_id})


KINDS: tuple[Kind[Any, Any], ...] = (
    Kind(
        name="match.found",
        label="A school offers what we look for, or looks for what we offer",
        group=Group.FINDING,
        event=MatchFound,
        about=MATCH,
        about_id=lambda event: event.match_id,
        permission=Permission.POST_LISTINGS,
        audiences=_matched,
        title=_match_title,
        facts=lambda notice: [("Fits yours", notice.facts.fitting_title)],
        target=lambda notice: Target("pages.listing", {"listing_id": notice.facts.listing_id}),
        is_current=lambda notice: notice.facts.is_current,
        urgency=Urgency.NEWS,
        default=Frequency.DAILY,
    ),
    Kind(
        name="search.alerted",
        label="A saved search of mine finds something new (each search says how often)",
        group=Group.FINDING,
        event=SearchAlerted,
        about=ALERT,
        about_id=lambda event: event.alert_id,
        permission=Permission.VIEW_LISTINGS,
        audiences=_alerted,
        title=_alert_title,
        facts=_alert_facts,
        target=_alert_target,
        is_current=lambda notice: bool(notice.facts.listings) and notice.facts.is_on,
        # How often is chosen with the search; what it then tells is not to wait once more.
        urgency=Urgency.TASK,
        default=Frequency.AT_ONCE,
        unsubscribe=lambda notice: end_link(notice.facts.search_id, notice.person_id),
    ),
)
