"""Reading confidential requests: what another school needs, without its name, and who would help.

What the school that is asked reads is a ``Need``: it has no column of the school that needs help,
nor a word that it wrote.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload, selectinload

from marketplace.accounts.actor import Actor
from marketplace.audiences.audience import Reach
from marketplace.confidential.models import AskState, ConfidentialAsk
from marketplace.errors import NotFound
from marketplace.listings.models import Listing, ListingPhase, ListingStatus, ListingTopic
from marketplace.listings.queries import get_own_listing
from marketplace.schools.models import School
from marketplace.web.navigation import ActorLike

MOST_SHOWN = 100


@dataclass(frozen=True, slots=True)
class Need:
    """What a school that is not named needs, as the school that is asked reads it."""

    ask_id: int
    state: AskState
    topics: tuple[str, ...]
    phases: tuple[str, ...]
    mode: str
    minutes: int
    miles: int
    asked_at: datetime
    is_open: bool
    """Whether it is still needed."""
    enquiry_id: int | None


@dataclass(frozen=True, slots=True)
class OwnRequest:
    """A confidential request of the school acted for, with how many schools answered what."""

    listing_id: int
    title: str
    states: Counter[AskState]


def is_sought() -> sa.ColumnElement[bool]:
    """Return the condition that a ``Listing`` is a confidential request for which one may ask."""
    return sa.and_(Listing.audience == Reach.CONFIDENTIAL, Listing.status == ListingStatus.OPEN)


def list_needs(session: Session, actor: Actor) -> list[Need]:
    """Return what the school acted for was asked and has not declined, the newest first."""
    states = (AskState.ASKED, AskState.WILLING)
    return _needs(
        session,
        ConfidentialAsk.school_urn == actor.school(),
        ConfidentialAsk.state.in_(states),
        is_sought(),
    )


def get_need(session: Session, ask_id: int, actor: Actor) -> Need:
    """Return what the school acted for was asked.

    Raises:
        NotFound: if another school was asked, or none.
    """
    needs = _needs(
        session, ConfidentialAsk.school_urn == actor.school(), ConfidentialAsk.id == ask_id
    )
    if not needs:
        raise NotFound
    return needs[0]


def _needs(session: Session, *conditions: sa.ColumnElement[bool]) -> list[Need]:
    rows = session.execute(
        sa.select(
            ConfidentialAsk.id,
            ConfidentialAsk.state,
            ConfidentialAsk.asked_at,
            ConfidentialAsk.enquiry_id,
            Listing.id.label("listing_id"),
            Listing.mode,
            Listing.minutes,
            Listing.audience_miles,
            is_sought().label("is_open"),
        )
        .join(Listing, Listing.id == ConfidentialAsk.listing_id)
        .where(*conditions)
        .order_by(ConfidentialAsk.id.desc())
        .limit(MOST_SHOWN)
    ).all()
    listing_ids = [row.listing_id for row in rows]
    topics = _values(session, ListingTopic.listing_id, ListingTopic.topic, listing_ids)
    phases = _values(session, ListingPhase.listing_id, ListingPhase.phase, listing_ids)
    return [
        Need(
            ask_id=row.id,
            state=AskState(row.state),
            topics=topics.get(row.listing_id, ()),
            phases=phases.get(row.listing_id, ()),
            mode=row.mode,
            minutes=row.minutes,
            miles=row.audience_miles or 0,
            asked_at=row.asked_at,
            is_open=bool(row.is_open),
            enquiry_id=row.enquiry_id,
        )
        for row in rows
    ]


def get_ask(session: Session, ask_id: int) -> ConfidentialAsk | None:
    """Return an ask with its request, locked for a change, for a verb."""
    return session.scalar(
        sa.select(ConfidentialAsk)
        .where(ConfidentialAsk.id == ask_id)
        .options(joinedload(ConfidentialAsk.listing))
        .with_for_update(of=ConfidentialAsk)
        .execution_options(populate_existing=True)
    )


def find_ask_about_ours(session: Session, ask_id: int, actor: Actor) -> ConfidentialAsk:
    """Return an ask about a request of the school acted for, with the request.

    Raises:
        NotFound: if it is about another school's, or there is none.
    """
    ask = session.scalar(
        sa.select(ConfidentialAsk)
        .join(ConfidentialAsk.listing)
        .where(ConfidentialAsk.id == ask_id, Listing.school_urn == actor.school())
    )
    if ask is None:
        raise NotFound
    return ask


def get_own_request(
    session: Session, listing_id: int, actor: Actor
) -> tuple[Listing, list[ConfidentialAsk]]:
    """Return a confidential request of the school acted for, with the asks that count, by number.

    Raises:
        NotFound: if it is another school's, or not confidential.
    """
    listing = get_own_listing(session, listing_id, actor)
    if listing.audience != Reach.CONFIDENTIAL:
        raise NotFound
    asks = session.scalars(
        sa.select(ConfidentialAsk)
        .where(ConfidentialAsk.listing_id == listing_id)
        .order_by(ConfidentialAsk.id)
        .limit(MOST_SHOWN)
        .options(joinedload(ConfidentialAsk.school))
    )
    return listing, list(asks)


def count_states(session: Session, listing_id: int) -> Counter[AskState]:
    """Return how many schools answered what when they were asked about a confidential request."""
    rows = session.execute(
        sa.select(ConfidentialAsk.state, sa.func.count())
        .where(ConfidentialAsk.listing_id == listing_id)
        .group_by(ConfidentialAsk.state)
    )
    return Counter({AskState(state): count for state, count in rows})


def list_own_requests(session: Session, actor: Actor) -> list[OwnRequest]:
    """Return the open confidential requests of the school acted for, the newest first."""
    rows = session.execute(
        sa.select(Listing.id, Listing.title, ConfidentialAsk.state, sa.func.count())
        .outerjoin(ConfidentialAsk, ConfidentialAsk.listing_id == Listing.id)
        .where(Listing.school_urn == actor.school(), is_sought())
        .group_by(Listing.id, Listing.title, ConfidentialAsk.state)
        .order_by(Listing.id.desc())
    )
    requests: dict[int, OwnRequest] = {}
    for listing_id, title, state, count in rows:
        request = requests.setdefault(listing_id, OwnRequest(listing_id, title, Counter()))
        if state is not None:
            request.states[AskState(state)] += count
    return list(requests.values())


@dataclass(frozen=True, slots=True)
class Waiting:
    """Something of confidential requests that waits for the school; ``count`` is how many do.

    It is the answer to an ask, or the decision about a school that would help with a request.
    """

    is_ask: bool
    number: int
    since: datetime
    count: int


def list_waiting(session: Session, actor: ActorLike, limit: int) -> list[Waiting]:
    """Return what waits for the school, the oldest first."""
    rows = session.execute(_waiting(), {"urn": actor.urn, "most": limit})
    return [Waiting(bool(is_ask), number, since, count) for is_ask, number, since, count in rows]


@cache
def _waiting() -> sa.Select[*tuple[Any, ...]]:
    """What waits for the school ``urn``; made once, as each start page asks for it."""
    asks = _of_asks(ConfidentialAsk.id, ConfidentialAsk.asked_at, is_ask=True)
    answers = _of_asks(Listing.id, ConfidentialAsk.answered_at, is_ask=False)
    both = sa.union_all(asks.where(*_asked()), answers.where(*_answered())).subquery()
    return (
        sa.select(both.c.is_ask, both.c.number, both.c.since, sa.func.count().over())
        .order_by(both.c.since, both.c.number)
        .limit(sa.bindparam("most", type_=sa.Integer))
    )


def is_waiting() -> sa.ColumnElement[bool]:
    """Return the condition that anything waits for the school ``urn``."""
    asks, answers = (
        sa.exists()
        .where(Listing.id == ConfidentialAsk.listing_id, *conditions, is_sought())
        .correlate(None)
        for conditions in (_asked(), _answered())
    )
    return sa.or_(asks, answers)


def _of_asks(number: Any, since: Any, *, is_ask: bool) -> sa.Select[*tuple[Any, ...]]:
    what = (sa.literal(is_ask).label("is_ask"), number.label("number"), since.label("since"))
    query = sa.select(*what).join_from(
        ConfidentialAsk, Listing, Listing.id == ConfidentialAsk.listing_id
    )
    return query.where(is_sought())


def _asked() -> tuple[sa.ColumnElement[bool], ...]:
    """The conditions that the school ``urn`` is asked, and has not answered."""
    return (
        ConfidentialAsk.school_urn == sa.bindparam("urn"),
        ConfidentialAsk.state == AskState.ASKED,
    )


def _answered() -> tuple[sa.ColumnElement[bool], ...]:
    """The conditions that a school would help with a request of the school ``urn``."""
    return (Listing.school_urn == sa.bindparam("urn"), ConfidentialAsk.state == AskState.WILLING)


def find_request(session: Session, listing_id: int) -> tuple[Listing, School] | None:
    """Return a confidential request that is open, with its school, for the matcher."""
    listing = session.scalar(
        sa.select(Listing)
        .where(Listing.id == listing_id, is_sought())
        .options(
            joinedload(Listing.school), selectinload(Listing.topics), selectinload(Listing.phases)
        )
        .execution_options(populate_existing=True)
    )
    return None if listing is None else (listing, listing.school)


def _values(
    session: Session,
    listing_id: sa.orm.InstrumentedAttribute[int],
    value: sa.orm.InstrumentedAttribute[str],
    listing_ids: list[int],
) -> dict[int, tuple[str, ...]]:
    values: dict[int, tuple[str, ...]] = {}
    for number, one in session.execute(
        sa.select(listing_id, value).where(listing_id.in_(listing_ids)).order_by(value)
    ):
        values[number] = (*values.get(number, ()), one)
    return values
