"""What a school's start page tells besides what is its turn: who knows what, and what ends soon."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from marketplace.accounts.actor import Actor
from marketplace.accounts.models import Person
from marketplace.audiences.queries import visible_to
from marketplace.clock import today
from marketplace.listings.detail_models import ListingDetails
from marketplace.listings.lasting import REMINDED_BEFORE
from marketplace.listings.models import Listing, ListingStatus
from marketplace.profiles.experts.models import Expertise
from marketplace.profiles.experts.queries import is_shared
from marketplace.schools.models import School
from marketplace.search.hourly import for_an_hour

MOST_ENDING = 3


@dataclass(frozen=True, slots=True)
class Ending:
    """A listing that ends soon unless it is renewed."""

    id: int
    title: str
    expires_on: date


def colleagues_in_trust(session: Session, actor: Actor) -> tuple[int, int]:
    """Return how many people of the trust share what they are good at, and at how many schools.

    Of a school without a trust they are its own. It is counted once an hour: it names nobody.
    """
    in_trust = actor.trust_id is not None
    key = ("colleagues", actor.urn, actor.trust_id, actor.support_id is not None)

    def count() -> tuple[int, int]:
        is_ours = School.trust_id == actor.trust_id if in_trust else School.urn == actor.urn
        row = session.execute(
            sa.select(
                sa.func.count(Expertise.person_id.distinct()),
                sa.func.count(Expertise.school_urn.distinct()),
            )
            .join(Person, Person.id == Expertise.person_id)
            .join(School, School.urn == Expertise.school_urn)
            .where(is_ours, is_shared(), visible_to(actor, Expertise))
        ).one()
        return row[0], row[1]

    return for_an_hour(key, count)


def list_ending(session: Session, urn: int) -> list[Ending]:
    """Return the open listings of a school that end within two weeks, the first of them."""
    values = {"urn": urn, "until": today() + REMINDED_BEFORE, "most": MOST_ENDING}
    return [Ending(*row) for row in session.execute(_ending(), values)]


@cache
def _ending() -> sa.Select[*tuple[Any, ...]]:
    return (
        sa.select(Listing.id, Listing.title, ListingDetails.expires_on)
        .join(ListingDetails, ListingDetails.listing_id == Listing.id)
        .where(
            Listing.school_urn == sa.bindparam("urn"),
            Listing.status == ListingStatus.OPEN,
            # By the index of the days, PostgreSQL would read those of all schools that end soon.
            sa.func.coalesce(ListingDetails.expires_on, date.max) <= sa.bindparam("until"),
        )
        .order_by(ListingDetails.expires_on, Listing.id)
        .limit(sa.bindparam("most", type_=sa.Integer))
    )
