"""The things that notifications are about, and who of a school knows about them."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from marketplace.accounts.holders import holders
from marketplace.accounts.models import Person
from marketplace.accounts.roles import Permission
from marketplace.audiences.models import GroupMember, SchoolGroup
from marketplace.audit.verification.models import VerificationRun
from marketplace.claims.models import Claim
from marketplace.confidential.models import ConfidentialAsk
from marketplace.conversations.models import Enquiry, Message
from marketplace.exchanges.disputes.models import Dispute
from marketplace.exchanges.models import Exchange, ExchangeEvent
from marketplace.exchanges.reviews.models import Review
from marketplace.listings.detail_models import ListingDetails
from marketplace.listings.models import Listing
from marketplace.listings.moderation.models import ListingReport
from marketplace.members.models import Invitation
from marketplace.network.models import OPEN_STATES as OPEN_SUCCESSIONS
from marketplace.network.models import Succession
from marketplace.notifications.kinds import About, Audience
from marketplace.schools.models import School


def _exchanges(session: Session, ids: Collection[int]) -> Mapping[int, Exchange]:
    return {
        exchange.id: exchange
        for exchange in session.scalars(
            sa.select(Exchange)
            .where(Exchange.id.in_(ids))
            .options(
                joinedload(Exchange.provider),
                joinedload(Exchange.receiver),
                joinedload(Exchange.free_trust),
                joinedload(Exchange.enquiry).joinedload(Enquiry.listing),
            )
        )
    }


def _disputes(session: Session, ids: Collection[int]) -> Mapping[int, Dispute]:
    exchange = joinedload(Dispute.exchange)
    disputes = session.scalars(
        sa.select(Dispute)
        .where(Dispute.id.in_(ids))
        .options(exchange.joinedload(Exchange.provider), exchange.joinedload(Exchange.receiver))
    )
    return {dispute.id: dispute for dispute in disputes}


@dataclass(frozen=True, slots=True)
class ListingFacts:
    """A listing, its last day, and how many reports of it wait for the operator."""

    listing: Listing
    expires_on: date | None
    reports_open: int


def _listings(session: Session, ids: Collection[int]) -> Mapping[int, ListingFacts]:
    reports_open = (
        sa.select(sa.func.count())
        .where(ListingReport.listing_id == Listing.id, ListingReport.step_id.is_(None))
        .scalar_subquery()
    )
    rows = session.execute(
        sa.select(Listing, ListingDetails.expires_on, reports_open)
        .outerjoin(ListingDetails, ListingDetails.listing_id == Listing.id)
        .where(Listing.id.in_(ids))
    )
    return {row[0].id: ListingFacts(*row) for row in rows}


def _enquiries(session: Session, ids: Collection[int]) -> Mapping[int, Enquiry]:
    return {
        enquiry.id: enquiry
        for enquiry in session.scalars(
            sa.select(Enquiry)
            .where(Enquiry.id.in_(ids))
            .options(
                joinedload(Enquiry.listing), joinedload(Enquiry.asking), joinedload(Enquiry.owner)
            )
        )
    }


def _people(session: Session, ids: Collection[int]) -> Mapping[int, Person]:
    people = session.scalars(sa.select(Person).where(Person.id.in_(ids)))
    return {person.id: person for person in people}


def _schools(session: Session, ids: Collection[int]) -> Mapping[int, School]:
    schools = session.scalars(sa.select(School).where(School.urn.in_(ids)))
    return {school.urn: school for school in schools}


def _invitations(session: Session, ids: Collection[int]) -> Mapping[int, Invitation]:
    invitations = session.scalars(sa.select(Invitation).where(Invitation.id.in_(ids)))
    return {invitation.id: invitation for invitation in invitations}


def _claims(session: Session, ids: Collection[int]) -> Mapping[int, Claim]:
    claims = session.scalars(
        sa.select(Claim).where(Claim.id.in_(ids)).options(joinedload(Claim.school))
    )
    return {claim.id: claim for claim in claims}


def _successions(session: Session, ids: Collection[int]) -> Mapping[int, Succession]:
    query = _with_schools().where(Succession.id.in_(ids))
    return {succession.id: succession for succession in session.scalars(query)}


def _open_successions(session: Session, urns: Collection[int]) -> Mapping[int, Succession]:
    """The decisions that wait, by the school that has closed; one of them if there are several."""
    query = _with_schools().where(
        Succession.from_urn.in_(urns), Succession.state.in_(OPEN_SUCCESSIONS)
    )
    return {succession.from_urn: succession for succession in session.scalars(query)}


def _verifications(session: Session, ids: Collection[int]) -> Mapping[int, VerificationRun]:
    runs = session.scalars(sa.select(VerificationRun).where(VerificationRun.id.in_(ids)))
    return {run.id: run for run in runs}


def _group_members(session: Session, ids: Collection[int]) -> Mapping[int, GroupMember]:
    places = session.scalars(
        sa.select(GroupMember)
        .where(GroupMember.id.in_(ids))
        .options(
            joinedload(GroupMember.school),
            joinedload(GroupMember.group).joinedload(SchoolGroup.lead),
        )
    )
    return {place.id: place for place in places}


def _asks(session: Session, ids: Collection[int]) -> Mapping[int, ConfidentialAsk]:
    asks = session.scalars(
        sa.select(ConfidentialAsk)
        .where(ConfidentialAsk.id.in_(ids))
        .options(joinedload(ConfidentialAsk.listing).selectinload(Listing.topics))
    )
    return {ask.id: ask for ask in asks}


def _reviews(session: Session, ids: Collection[int]) -> Mapping[int, Review]:
    reviews = session.scalars(
        sa.select(Review)
        .where(Review.id.in_(ids))
        .options(joinedload(Review.author), joinedload(Review.about), joinedload(Review.exchange))
    )
    return {review.id: review for review in reviews}


def _with_schools() -> sa.Select[Succession]:
    return sa.select(Succession).options(
        joinedload(Succession.from_school), joinedload(Succession.to_school)
    )


EXCHANGE = About("exchange", _exchanges, superseded=True)
DISPUTE = About("dispute", _disputes, superseded=True)
ENQUIRY = About("enquiry", _enquiries, superseded=True)
LISTING = About("listing", _listings, superseded=True)
PERSON = About("person", _people)
SCHOOL = About("school", _schools)
INVITATION = About("invitation", _invitations)
SUCCESSION = About("succession", _successions, superseded=True)
OPEN_SUCCESSION = About("closed school", _open_successions, superseded=True)
CLAIM = About("claim", _claims, superseded=True)
GROUP_MEMBER = About("group member", _group_members, superseded=True)
REVIEW = About("review", _reviews, superseded=True)
ASK = About("confidential ask", _asks, superseded=True)
VERIFICATION = About("verification", _verifications)


def school_in(exchange: Exchange, urn: int | None) -> School:
    """Return the school ``urn`` of an exchange."""
    return exchange.provider if urn == exchange.provider_urn else exchange.receiver


def other_in(exchange: Exchange, urn: int | None) -> School:
    """Return the school on the other side of ``urn``."""
    return school_in(exchange, exchange.other_urn(urn))


def people_concerned(
    session: Session, enquiry: Enquiry, urn: int, exchange_id: int | None = None
) -> frozenset[int]:
    """Return who at the school has to do with a conversation, and with an exchange out of it.

    They are the author of its listing, those who wrote in it, and those who took a step.
    """
    people = set(
        session.scalars(
            sa.select(Message.author_id).where(
                Message.enquiry_id == enquiry.id, Message.school_urn == urn
            )
        )
    )
    if enquiry.owner_urn == urn:
        people.add(enquiry.listing.author_id)
    if exchange_id is not None:
        people.update(
            session.scalars(
                sa.select(ExchangeEvent.person_id).where(
                    ExchangeEvent.exchange_id == exchange_id, ExchangeEvent.school_urn == urn
                )
            )
        )
    return frozenset(people)


def first_of(
    session: Session, urn: int, permission: Permission, people: frozenset[int]
) -> Audience:
    """Return those of ``people`` who hold ``permission``; if there are none, all who do."""
    present = people & {person.id for person in holders(session, urn, permission)}
    return Audience(urn, permission, only=present or None)


def others_than(
    session: Session, urn: int, permission: Permission, people: frozenset[int]
) -> Audience:
    """Return those who hold ``permission`` besides ``people``; if there are none, all who do."""
    others = {person.id for person in holders(session, urn, permission)} - people
    return Audience(urn, permission, without=people if others else frozenset())
