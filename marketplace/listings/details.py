"""The details of a listing as a verb takes them and a page reads them: checked, written, read."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cache
from typing import TypeVar

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from marketplace.accounts.models import Person, RoleGrant
from marketplace.calendar.half_terms import is_key
from marketplace.clock import today
from marketplace.database import is_one_of
from marketplace.errors import Refusal
from marketplace.listings.detail_models import (
    ListingDetails,
    ListingHalfTerm,
    ListingPerson,
    Met,
)
from marketplace.listings.formats import DURATIONS, Format
from marketplace.listings.models import Kind
from marketplace.web.texts import visible

K = TypeVar("K")
R = TypeVar("R")

MOST_PEOPLE = 10
MOST_AT_ONCE = 1000
LATEST_DAYS = 730
LONGEST_NAMES = 200
LONGEST_TRIED = 1000


@dataclass(frozen=True, slots=True)
class Details:
    """What a listing says besides its text; whatever is empty is not said.

    ``weekdays`` are numbers from 0 (Monday) to 4, ``half_terms`` keys, ``people`` numbers of
    people of the school. The last four are for requests.
    """

    format: str | None = None
    duration_minutes: int | None = None
    capacity: int | None = None
    delivered_by: str = ""
    people: tuple[int, ...] = ()
    weekdays: tuple[int, ...] = ()
    half_terms: tuple[str, ...] = ()
    expires_on: date | None = None
    for_whom: str = ""
    tried: str = ""
    needed_by: date | None = None
    budget_minutes: int | None = None

    def tidy(self, kind: str) -> Details:
        """Return them as they are stored: each choice once, without what is for the other kind."""
        tidy = replace(
            self,
            delivered_by=self.delivered_by.strip(),
            people=tuple(sorted(set(self.people))),
            weekdays=tuple(sorted(set(self.weekdays))),
            half_terms=tuple(sorted(set(self.half_terms))),
            for_whom=self.for_whom.strip(),
            tried=self.tried.strip(),
        )
        if kind == Kind.REQUEST:
            return replace(tidy, capacity=None, delivered_by="", people=())
        return replace(tidy, for_whom="", tried="", needed_by=None, budget_minutes=None)


@dataclass(frozen=True, slots=True)
class ShownDetails:
    """The details of a listing with what is read only: who gives it, and how far it is met."""

    details: Details
    people_names: tuple[str, ...] = ()
    met: Met = Met.NOT
    met_by: str = ""
    met_on: date | None = None


NO_DETAILS = Details()
NOTHING_SHOWN = ShownDetails(NO_DETAILS)


def check_details(session: Session, urn: int, kind: str, details: Details) -> None:
    """Refuse details that cannot be shown for the school ``urn``.

    Raises:
        Refusal: naming the field at fault.
    """
    if details.format is not None and details.format not in list(Format):
        raise Refusal("Choose what kind of help it is.", field="format")
    if details.duration_minutes is not None and details.duration_minutes not in DURATIONS:
        raise Refusal("Choose how long it takes.", field="duration")
    if details.capacity is not None and not 1 <= details.capacity <= MOST_AT_ONCE:
        raise Refusal(f"Write a number from 1 to {MOST_AT_ONCE:,}.", field="capacity")
    for field, text, most in (
        ("delivered_by", details.delivered_by, LONGEST_NAMES),
        ("for_whom", details.for_whom, LONGEST_NAMES),
        ("tried", details.tried, LONGEST_TRIED),
    ):
        if len(text) > most or (text.strip() and not visible(text)):
            raise Refusal(f"Use at most {most:,} characters that can be seen.", field=field)
    if not set(details.weekdays) <= set(range(5)):
        raise Refusal("Choose days from Monday to Friday.", field="weekdays")
    if len(details.half_terms) > 12 or not all(map(is_key, details.half_terms)):
        raise Refusal("Choose half-terms out of the list.", field="half_terms")
    if details.budget_minutes is not None and details.budget_minutes <= 0:
        raise Refusal("The budget must be more than zero.", field="budget")
    _check_day("expires_on", details.expires_on)
    if kind == Kind.REQUEST:
        _check_day("needed_by", details.needed_by)
    _check_people(session, urn, details.people)


def _check_day(field: str, day: date | None) -> None:
    if day is None:
        return
    if day < today():
        raise Refusal("That day is in the past. Choose today or a later day.", field=field)
    if day > today() + timedelta(days=LATEST_DAYS):
        raise Refusal("That day is more than two years away. Check the year.", field=field)


def _check_people(session: Session, urn: int, people: tuple[int, ...]) -> None:
    if not people:
        return
    if len(people) > MOST_PEOPLE:
        raise Refusal(f"Choose at most {MOST_PEOPLE} colleagues.", field="people")
    if not set(people) <= set(people_to_choose(session, urn)):
        raise Refusal(
            "Choose colleagues of your school who agreed that other schools see their name.",
            field="people",
        )


def people_to_choose(session: Session, urn: int) -> dict[int, str]:
    """Return the people of the school who agreed that others see them, with their names."""
    rows = session.execute(
        sa.select(Person.id, Person.name)
        .where(
            Person.active,
            Person.listed_at.is_not(None),
            Person.id.in_(sa.select(RoleGrant.person_id).where(RoleGrant.school_urn == urn)),
        )
        .order_by(sa.func.lower(Person.name), Person.id)
    )
    return dict(rows.all())


def row_of(session: Session, listing_id: int) -> ListingDetails:
    """Return the row of a listing's details, to be changed; make it if there is none yet."""
    row = _rows(session, [listing_id]).get(listing_id)
    if row is None:
        row = ListingDetails(listing_id=listing_id, half_terms=[], people=[], met=Met.NOT)
        session.add(row)
    return row


def write_details(session: Session, listing_id: int, details: Details) -> None:
    """Write the details of a listing, which are tidy; how far it is met stays."""
    row = row_of(session, listing_id)
    row.format = details.format
    row.duration_minutes = details.duration_minutes
    row.capacity = details.capacity
    row.delivered_by = details.delivered_by
    row.weekdays = sum(1 << day for day in details.weekdays)
    row.expires_on = details.expires_on
    row.for_whom = details.for_whom
    row.tried = details.tried
    row.needed_by = details.needed_by
    row.budget_minutes = details.budget_minutes
    row.half_terms = _kept(
        {one.half_term: one for one in row.half_terms},
        {key: ListingHalfTerm(half_term=key) for key in details.half_terms},
    )
    row.people = _kept(
        {one.person_id: one for one in row.people},
        {person_id: ListingPerson(person_id=person_id) for person_id in details.people},
    )
    session.flush()


def prepare_to_reopen(session: Session, listing_id: int) -> None:
    """Let a listing that comes up again be one that is not met.

    Raises:
        Refusal: if its last day has passed, so that it would end again at once.
    """
    row = session.get(ListingDetails, listing_id)
    if row is None:
        return
    if row.expires_on is not None and row.expires_on < today():
        raise Refusal("Its last day has passed. Renew it, or change the day.")
    if row.met == Met.FULLY:
        row.met, row.met_by, row.met_on = Met.NOT, "", None


def read_details(session: Session, listing_ids: Collection[int]) -> dict[int, ShownDetails]:
    """Return the details of these listings; one that says none is left out."""
    return {listing_id: _shown(row) for listing_id, row in _rows(session, listing_ids).items()}


def details_of(session: Session, listing_id: int) -> ShownDetails:
    """Return the details of one listing."""
    return read_details(session, [listing_id]).get(listing_id, NOTHING_SHOWN)


def _rows(session: Session, listing_ids: Collection[int]) -> dict[int, ListingDetails]:
    rows = session.scalars(_details(), {"ids": list(listing_ids)})
    return {row.listing_id: row for row in rows.unique()}


@cache
def _details() -> sa.Select[ListingDetails]:
    """The details of the listings ``ids``; made once, as each page of a listing asks for it."""
    return (
        sa.select(ListingDetails)
        .where(is_one_of(ListingDetails.listing_id, "ids"))
        .options(
            # Few rows each: one statement for all is faster than three.
            joinedload(ListingDetails.half_terms),
            joinedload(ListingDetails.people).joinedload(ListingPerson.person),
        )
    )


def _shown(row: ListingDetails) -> ShownDetails:
    return ShownDetails(
        Details(
            format=row.format,
            duration_minutes=row.duration_minutes,
            capacity=row.capacity,
            delivered_by=row.delivered_by,
            people=tuple(one.person_id for one in row.people),
            weekdays=tuple(day for day in range(5) if row.weekdays >> day & 1),
            half_terms=tuple(one.half_term for one in row.half_terms),
            expires_on=row.expires_on,
            for_whom=row.for_whom,
            tried=row.tried,
            needed_by=row.needed_by,
            budget_minutes=row.budget_minutes,
        ),
        # Who no longer agrees to be seen, or has left, is not named.
        people_names=tuple(
            one.person.name
            for one in row.people
            if one.person.active and one.person.listed_at is not None
        ),
        met=Met(row.met),
        met_by=row.met_by,
        met_on=row.met_on,
    )


def _kept(present: dict[K, R], wanted: dict[K, R]) -> list[R]:
    """The rows that are wanted, those of them that are there already as they are."""
    return [present.get(key, row) for key, row in wanted.items()]
