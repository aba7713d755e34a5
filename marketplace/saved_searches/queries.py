"""Reading saved searches: a person’s own, what they have found, and facts of alerts."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from marketplace.accounts.actor import Actor
from marketplace.audiences.audience import Belonging, may_see
from marketplace.audiences.models import GroupMember, MemberState
from marketplace.audiences.queries import visible_to
from marketplace.errors import NotFound
from marketplace.listings.models import Listing, ListingStatus
from marketplace.saved_searches.models import (
    AlertedListing,
    AlertFrequency,
    SavedSearch,
    SearchAlert,
)
from marketplace.schools.models import School
from marketplace.web.paging import Page, paginate

MOST_SAVED = 50
"""How many searches one person can save at one school."""
PAGE = 30
_Searcher = aliased(School)


def list_saved(session: Session, actor: Actor) -> list[tuple[SavedSearch, int]]:
    """Return the person’s saved searches at the school acted for, and how many each has told of."""
    found = (
        sa.select(sa.func.count())
        .where(AlertedListing.saved_search_id == SavedSearch.id)
        .correlate(SavedSearch)
        .scalar_subquery()
    )
    rows = session.execute(
        sa.select(SavedSearch, found)
        .where(SavedSearch.person_id == actor.person_id, SavedSearch.school_urn == actor.school())
        .order_by(SavedSearch.id.desc())
        .limit(MOST_SAVED)
    )
    return [(search, count) for search, count in rows]


def get_saved(session: Session, search_id: int, actor: Actor) -> SavedSearch:
    """Return a saved search of the person at the school acted for.

    Raises:
        NotFound: if there is none, or it is another person’s.
    """
    search = session.scalar(
        sa.select(SavedSearch).where(
            SavedSearch.id == search_id,
            SavedSearch.person_id == actor.person_id,
            SavedSearch.school_urn == actor.school(),
        )
    )
    if search is None:
        raise NotFound
    return search


@dataclass(frozen=True, slots=True)
class FoundRow:
    """A listing that a saved search has told of."""

    listing_id: int
    title: str
    school_name: str
    told_at: datetime
    is_open: bool


def list_found(
    session: Session, actor: Actor, search: SavedSearch, *, after: str = "", limit: int = PAGE
) -> Page[FoundRow]:
    """Return a page of what a saved search has told of and its person may still see."""
    query = (
        sa.select(
            Listing.id,
            Listing.title,
            School.name,
            SearchAlert.made_at,
            Listing.status == ListingStatus.OPEN,
        )
        .select_from(AlertedListing)
        .join(SearchAlert, SearchAlert.id == AlertedListing.alert_id)
        .join(Listing, Listing.id == AlertedListing.listing_id)
        .join(School, School.urn == Listing.school_urn)
        .where(AlertedListing.saved_search_id == search.id, visible_to(actor, Listing))
    )
    page = paginate(session, query, AlertedListing.listing_id.desc(), after=after, limit=limit)
    return page.map(lambda row: FoundRow(*row))


@dataclass(frozen=True, slots=True)
class AlertFacts:
    """What an alert tells, of the listings that are open and may be seen now."""

    search_id: int
    person_id: int
    school_urn: int
    name: str
    is_on: bool
    listings: tuple[tuple[int, str, str], ...]
    """The number, the title and the school of each, the newest first."""


def alert_facts(session: Session, alert_ids: Collection[int]) -> Mapping[int, AlertFacts]:
    """Return what alerts tell, under the audience rule as it is now; three statements."""
    searches = session.execute(
        sa.select(SearchAlert.id, SavedSearch, _Searcher)
        .join(SavedSearch, SavedSearch.id == SearchAlert.saved_search_id)
        .join(_Searcher, _Searcher.urn == SavedSearch.school_urn)
        .where(SearchAlert.id.in_(alert_ids))
    ).all()
    rows = session.execute(
        sa.select(AlertedListing.alert_id, Listing, School)
        .join(Listing, Listing.id == AlertedListing.listing_id)
        .join(School, School.urn == Listing.school_urn)
        .where(AlertedListing.alert_id.in_(alert_ids), Listing.status == ListingStatus.OPEN)
        .order_by(Listing.id.desc())
    ).all()
    urns = {school.urn for *_, school in [*searches, *rows]}
    groups = groups_by_school(session, urns)
    listings: dict[int, list[tuple[Listing, School]]] = {}
    for alert_id, listing, school in rows:
        listings.setdefault(alert_id, []).append((listing, school))
    facts = {}
    for alert_id, search, school in searches:
        viewer = Belonging.of_school(school, groups.get(school.urn, frozenset()))
        seen = tuple(
            (listing.id, listing.title, owner.name)
            for listing, owner in listings.get(alert_id, [])
            if may_see(
                viewer,
                Belonging.of_school(owner, groups.get(owner.urn, frozenset())),
                listing.seen_by,
            )
        )
        facts[alert_id] = AlertFacts(
            search.id,
            search.person_id,
            search.school_urn,
            search.name,
            search.frequency != AlertFrequency.OFF,
            seen,
        )
    return facts


def groups_by_school(session: Session, urns: Collection[Any]) -> dict[int, frozenset[int]]:
    """Return the numbers of the groups that each of these schools is in, in one statement."""
    groups: dict[int, set[int]] = {}
    for urn, group_id in session.execute(
        sa.select(GroupMember.school_urn, GroupMember.group_id).where(
            GroupMember.school_urn.in_(urns), GroupMember.state == MemberState.MEMBER
        )
    ):
        groups.setdefault(urn, set()).add(group_id)
    return {urn: frozenset(ids) for urn, ids in groups.items()}
