"""Telling the schools that a new listing fits: those that may see it and have its counterpart."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased, selectinload

from marketplace import clock
from marketplace.audiences.audience import OWN_STAFF_ONLY, Belonging, Reach, may_see
from marketplace.audiences.models import GroupMember, MemberState
from marketplace.audiences.queries import get_belonging, is_within, reached_by, takes_part
from marketplace.listings.events import ListingPosted
from marketplace.listings.models import (
    Kind,
    Listing,
    ListingPhase,
    ListingStatus,
    ListingTopic,
    Mode,
)
from marketplace.matching.events import MatchFound
from marketplace.matching.fitting import MILES, fitting_phases, opposite
from marketplace.matching.models import ListingMatch
from marketplace.outbox.service import record
from marketplace.schools.models import School
from marketplace.term_clock.queries import may_be_asked

MOST_TOLD = 10
"""How many schools are told of one new listing: those with most in common, then the nearest."""
MOST_READ = 200
SUBSCRIBER = "matching"
"""How the outbox names who finds matches; it is stored with every delivery."""

_New, _Fitting = aliased(Listing), aliased(Listing)
_NewSchool, _FittingSchool = aliased(School), aliased(School)


def on_posted(session: Session, event: ListingPosted) -> None:
    """Record a match for each school that the new listing fits and that may see it.

    Nobody is told of what only its own staff see, nor because of a request that is confidential.
    """
    listing = session.scalar(
        sa.select(Listing)
        .where(Listing.id == event.listing_id)
        .options(selectinload(Listing.topics), selectinload(Listing.phases))
    )
    if (
        listing is None
        or listing.status != ListingStatus.OPEN
        or listing.audience in OWN_STAFF_ONLY
    ):
        return
    school = session.get_one(School, listing.school_urn)
    for fitting_id, urn in _fitting(session, listing, get_belonging(session, school)):
        known = sa.select(ListingMatch.id).where(
            ListingMatch.listing_id == listing.id, ListingMatch.fitting_id == fitting_id
        )
        if session.scalar(known) is not None:
            continue
        match = ListingMatch(listing_id=listing.id, fitting_id=fitting_id, made_at=clock.now())
        session.add(match)
        session.flush()
        record(session, MatchFound(actor_id=event.actor_id, school_urns=(urn,), match_id=match.id))


def _fitting(session: Session, listing: Listing, owner: Belonging) -> list[tuple[int, int]]:
    """The listing of each school that fits best, with the school, the best of them first."""
    topics = [topic.topic for topic in listing.topics]
    phases = fitting_phases(phase.phase for phase in listing.phases)
    common = sa.func.count()
    conditions = [
        Listing.kind == opposite(listing.kind),
        Listing.status == ListingStatus.OPEN,
        Listing.audience != Reach.CONFIDENTIAL,
        ListingTopic.topic.in_(topics),
        sa.exists().where(ListingPhase.listing_id == Listing.id, ListingPhase.phase.in_(phases)),
        takes_part(),
        # To be told of a request is to be asked.
        *([may_be_asked(School.urn)] if listing.kind == Kind.REQUEST else []),
        reached_by(listing.seen_by, owner),
    ]
    near = is_within(MILES, owner.position)
    if near is not None and listing.mode != Mode.ONLINE:
        conditions.append(sa.or_(near, Listing.mode == Mode.ONLINE))
    rows = session.execute(
        sa.select(Listing.id, School.urn, School.easting, School.northing, common)
        .join(School, School.urn == Listing.school_urn)
        .join(ListingTopic, ListingTopic.listing_id == Listing.id)
        .where(*conditions)
        .group_by(Listing.id, School.urn)
        .order_by(common.desc(), Listing.id.desc())
        .limit(MOST_READ)
    ).all()
    best: dict[int, int] = {}
    for number, urn, *_ in sorted(rows, key=lambda row: (-row[4], _square(owner, row[2], row[3]))):
        best.setdefault(urn, number)
    return [(number, urn) for urn, number in best.items()][:MOST_TOLD]


def _square(owner: Belonging, east: int | None, north: int | None) -> int:
    if owner.position is None or east is None or north is None:
        return 2**62
    return (east - owner.position[0]) ** 2 + (north - owner.position[1]) ** 2


@dataclass(frozen=True, slots=True)
class MatchFacts:
    """A match as it is told: the new listing and whose it is, and the one that it fits."""

    listing_id: int
    title: str
    kind: str
    owner: str
    fitting_id: int
    fitting_title: str
    fitting_urn: int
    is_current: bool
    """Whether both are open, and the school that is told may see the new one now."""


def match_facts(session: Session, match_ids: Collection[int]) -> Mapping[int, MatchFacts]:
    """Return what matches tell, under the audience rule as it is now; two statements."""
    rows = session.execute(
        sa.select(ListingMatch.id, _New, _NewSchool, _Fitting, _FittingSchool)
        .join(_New, _New.id == ListingMatch.listing_id)
        .join(_NewSchool, _NewSchool.urn == _New.school_urn)
        .join(_Fitting, _Fitting.id == ListingMatch.fitting_id)
        .join(_FittingSchool, _FittingSchool.urn == _Fitting.school_urn)
        .where(ListingMatch.id.in_(match_ids))
    ).all()
    urns = {school.urn for row in rows for school in (row[2], row[4])}
    groups: dict[int, set[int]] = {}
    for urn, group_id in session.execute(
        sa.select(GroupMember.school_urn, GroupMember.group_id).where(
            GroupMember.school_urn.in_(urns), GroupMember.state == MemberState.MEMBER
        )
    ):
        groups.setdefault(urn, set()).add(group_id)
    facts = {}
    for number, listing, owner, fitting, reader in rows:
        sees = may_see(
            Belonging.of_school(reader, frozenset(groups.get(reader.urn, ()))),
            Belonging.of_school(owner, frozenset(groups.get(owner.urn, ()))),
            listing.seen_by,
        )
        are_open = listing.status == fitting.status == ListingStatus.OPEN
        facts[number] = MatchFacts(
            listing_id=listing.id,
            title=listing.title,
            kind=listing.kind,
            owner=owner.name,
            fitting_id=fitting.id,
            fitting_title=fitting.title,
            fitting_urn=fitting.school_urn,
            is_current=are_open and sees and owner.urn != reader.urn,
        )
    return facts
