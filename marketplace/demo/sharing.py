"""The demo's groups of schools, audiences of other kinds, and confidential requests."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.orm import Session, selectinload

from marketplace.accounts.actor import Actor
from marketplace.accounts.current_user import actor_of
from marketplace.accounts.models import Person
from marketplace.accounts.roles import Role
from marketplace.audiences.audience import Audience, Reach
from marketplace.audiences.groups.service import accept_group, found_group, invite_school
from marketplace.audiences.models import SchoolGroup
from marketplace.audiences.queries import visible_to_others
from marketplace.confidential.matching import ask_schools
from marketplace.confidential.models import ConfidentialAsk
from marketplace.confidential.service import promise_help
from marketplace.conversations.models import Enquiry
from marketplace.demo.accounts import Staff
from marketplace.listings.models import Kind, Listing, ListingStatus, Mode
from marketplace.listings.service import Draft, post_listing
from marketplace.schools.models import School
from marketplace.schools.traits import Trait

NEIGHBOURS = 6
"""So many schools near the first one are in its groups."""


def make_sharing(
    session: Session, schools: Sequence[School], main: Sequence[School], staff: Staff
) -> None:
    """Make two groups, let a few listings be for some schools only, and two for none."""
    first = main[0]
    near = _nearest(session, first, schools)
    if len(near) < NEIGHBOURS:
        return
    actors = {school.urn: _actor(session, school, staff) for school in (first, *near)}
    hub = _group(
        session,
        [actors[school.urn] for school in (near[0], first, *near[1:4])],
        "Mathematics Hub",
        "We look at each other’s mathematics twice a term, and lend each other our leads.",
    )
    alliance = _group(
        session,
        [actors[near[5].urn]],
        "Small Schools Alliance",
        "Schools of few staff that share cover, visits and subject leaders.",
    )
    invite_school(session, actors[near[5].urn], alliance, first.urn)
    _show(session, first, Audience(Reach.GROUP, group_id=hub.id))
    _show(session, near[1], Audience(Reach.GROUP, group_id=hub.id))
    _show(session, near[2], Audience(Reach.NEAR, miles=10, only=Trait.PRIMARY))
    _show(session, near[3], Audience(Reach.LOCAL_AUTHORITY, only=Trait.PRIMARY))
    _keep_secret(
        session,
        actors[near[4].urn],
        actors[first.urn],
        "Somebody to look with fresh eyes",
        "Our results have fallen twice. We would like somebody to look, and to tell us plainly.",
        promises=False,
    )
    _keep_secret(
        session,
        actors[first.urn],
        actors[near[0].urn],
        "Help before our next inspection",
        "Two subject leaders left at Easter. We need an honest look at where we stand.",
        promises=True,
    )
    session.flush()


def _nearest(session: Session, first: School, schools: Sequence[School]) -> list[School]:
    """The schools of other trusts nearest to the first that have an offer to show."""
    if first.easting is None or first.northing is None:
        return []
    here = (first.easting, first.northing)

    def square(school: School) -> int:
        return ((school.easting or 0) - here[0]) ** 2 + ((school.northing or 0) - here[1]) ** 2

    offering = set(session.scalars(sa.select(Listing.school_urn).where(_is_unasked_offer())))
    others = [
        school
        for school in schools
        if school.urn != first.urn
        and school.urn in offering
        and (school.trust_id is None or school.trust_id != first.trust_id)
    ]
    return sorted(others, key=lambda school: (square(school), school.urn))[:NEIGHBOURS]


def _group(session: Session, actors: Sequence[Actor], name: str, purpose: str) -> SchoolGroup:
    """A group of the schools of ``actors``, led by the first."""
    lead, *others = actors
    group = found_group(
        session, lead, name=name, purpose=purpose, idempotency_key=f"demo group {name}"
    )
    for other in others:
        invite_school(session, lead, group, other.school())
        accept_group(session, other, group)
    return group


def _show(session: Session, school: School, audience: Audience) -> None:
    """Let the newest offer of a school that nobody has asked about be for ``audience``."""
    listing = _unasked_offer(session, school.urn)
    if listing is not None:
        listing.seen_by = audience
        session.flush()


def _keep_secret(
    session: Session, asking: Actor, helper: Actor, title: str, text: str, *, promises: bool
) -> None:
    """Let a school ask in confidence for what the helper offers, which promises it or not."""
    offer = session.scalar(
        _newest(
            Listing.school_urn == helper.school(),
            Listing.kind == Kind.OFFER,
            Listing.status == ListingStatus.OPEN,
            visible_to_others(Listing),
        )
    )
    if offer is None:
        return
    request = post_listing(
        session,
        asking,
        Draft(
            kind=Kind.REQUEST,
            title=title,
            description=text,
            topics=tuple(topic.topic for topic in offer.topics),
            phases=tuple(phase.phase for phase in offer.phases),
            mode=Mode.ON_SITE,
            minutes=180,
            audience=Audience(Reach.CONFIDENTIAL, miles=50),
        ),
        idempotency_key=f"demo {title}",
    )
    ask_schools(session, request.id)
    ask = session.scalar(
        sa.select(ConfidentialAsk.id).where(
            ConfidentialAsk.listing_id == request.id, ConfidentialAsk.school_urn == helper.urn
        )
    )
    if ask is not None and promises:
        promise_help(session, helper, ask)


def _unasked_offer(session: Session, urn: int) -> Listing | None:
    """The newest open offer of a school that nobody has asked about and that others see."""
    return session.scalar(_newest(Listing.school_urn == urn, _is_unasked_offer()))


def _newest(*conditions: sa.ColumnElement[bool]) -> sa.Select[Listing]:
    return (
        sa.select(Listing)
        .where(*conditions)
        .order_by(Listing.id.desc())
        .limit(1)
        .options(selectinload(Listing.topics), selectinload(Listing.phases))
    )


def _is_unasked_offer() -> sa.ColumnElement[bool]:
    return sa.and_(
        Listing.kind == Kind.OFFER,
        Listing.status == ListingStatus.OPEN,
        Listing.audience.not_in((Reach.SCHOOL, Reach.GROUP)),
        ~sa.exists().where(Enquiry.listing_id == Listing.id),
    )


def _actor(session: Session, school: School, staff: Staff) -> Actor:
    """A coordinator of a school."""
    person = session.get_one(Person, staff.of(school.urn))
    return actor_of(person, frozenset({Role.COORDINATOR}), school)
