"""Reading reviews: those of one exchange, those about a school, and what the operator looks at."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased, joinedload

from marketplace import clock
from marketplace.accounts.actor import Actor
from marketplace.accounts.holders import roles_held
from marketplace.accounts.roles import Permission
from marketplace.database import UtcDateTime
from marketplace.errors import NotFound
from marketplace.exchanges.models import Exchange, State
from marketplace.exchanges.reviews.models import Again, Review, ReviewReport, ReviewStep
from marketplace.exchanges.reviews.rules import ASKED_FOR
from marketplace.schools.models import School
from marketplace.web.paging import Page, paginate

PAGE = 20
MOST_STEPS = 100
_Other = aliased(School)


def reviews_of(session: Session, exchange: Exchange) -> Sequence[Review]:
    """Return the reviews of an exchange, at most two."""
    return session.scalars(
        sa.select(Review).where(Review.exchange_id == exchange.id).order_by(Review.id)
    ).all()


def reviews_about(
    session: Session, urn: int, *, after: str = "", limit: int = PAGE
) -> Page[Review]:
    """Return what other schools say about a school and everybody may read, the newest first."""
    query = (
        sa.select(Review)
        .where(Review.about_urn == urn, *are_public())
        .options(joinedload(Review.author), joinedload(Review.exchange))
    )
    return paginate(session, query, Review.id.desc(), after=after, limit=limit)


def are_public() -> tuple[sa.ColumnElement[bool], ...]:
    """Return the conditions that everybody at a school of the network may read a review."""
    return (
        Review.shown_at.is_not(None),
        Review.is_private.is_(sa.false()),
        Review.hidden_because == "",
    )


def count_opinions(session: Session, urn: int) -> tuple[int, int]:
    """Return how many schools say something about this one, and how many would do it again.

    The latest word of each school counts, once.
    """
    latest = (
        sa.select(sa.func.max(Review.id))
        .where(Review.about_urn == urn, *are_public())
        .group_by(Review.author_urn)
    )
    words = session.scalars(sa.select(Review.again).where(Review.id.in_(latest))).all()
    return len(words), sum(word != Again.NO for word in words)


def readable_review(session: Session, actor: Actor, review_id: int) -> Review:
    """Return a review that the actor may read, with its schools and its exchange.

    The two schools and the operator read it once it is shown, everybody else if it is public. What
    came from a confidential request the operator reads only if a school has reported it.

    Raises:
        NotFound: if there is none.
    """
    review = session.scalar(
        sa.select(Review)
        .where(Review.id == review_id, Review.shown_at.is_not(None))
        .options(joinedload(Review.author), joinedload(Review.about), joinedload(Review.exchange))
    )
    if review is None:
        raise NotFound
    is_party = actor.urn is not None and actor.urn in (review.author_urn, review.about_urn)
    if not (is_party or review.is_public() or _may_judge(session, actor, review)):
        raise NotFound
    return review


def _may_judge(session: Session, actor: Actor, review: Review) -> bool:
    if not actor.may(Permission.MANAGE_NETWORK):
        return False
    is_reported = sa.select(sa.exists().where(ReviewReport.review_id == review.id))
    return not review.is_private or bool(session.scalar(is_reported))


def exchanges_to_review(
    session: Session, urn: int, limit: int
) -> Sequence[tuple[int, str, str, datetime, int]]:
    """Return the exchanges that a school may say how they were: the first, and how many in all.

    Each has its number, its title, the other school and since when it is confirmed.
    """
    other = sa.case(
        (Exchange.provider_urn == urn, Exchange.receiver_urn), else_=Exchange.provider_urn
    )
    rows = session.execute(
        sa.select(
            Exchange.id,
            Exchange.title,
            _Other.name,
            Exchange.updated_at,
            sa.func.count().over(),
        )
        .join(_Other, _Other.urn == other)
        .where(_is_of(sa.literal(urn)), *_is_to_be_reviewed(sa.literal(urn)))
        .order_by(Exchange.updated_at, Exchange.id)
        .limit(limit)
    )
    return [(number, title, name, since, count) for number, title, name, since, count in rows]


def are_there_any() -> sa.ColumnElement[bool]:
    """Return the condition that the school ``urn`` may say how an exchange was."""
    urn: Any = sa.bindparam("urn")
    return sa.or_(
        *(
            sa.exists().where(side == urn, *_is_to_be_reviewed(urn)).correlate(None)
            for side in (Exchange.provider_urn, Exchange.receiver_urn)
        )
    )


def _is_of(urn: Any) -> sa.ColumnElement[bool]:
    return sa.or_(Exchange.provider_urn == urn, Exchange.receiver_urn == urn)


def _is_to_be_reviewed(urn: Any) -> tuple[sa.ColumnElement[bool], ...]:
    """The conditions that an exchange was confirmed lately, and the school has not written."""
    since: Any = sa.bindparam(
        "reviews_since", callable_=lambda: clock.now() - ASKED_FOR, type_=UtcDateTime()
    )
    own = sa.exists().where(Review.exchange_id == Exchange.id, Review.author_urn == urn)
    other = sa.exists().where(Review.exchange_id == Exchange.id, Review.shown_at.is_not(None))
    return (
        Exchange.state == State.CONFIRMED,
        Exchange.updated_at > since,
        ~own.correlate(Exchange),
        ~other.correlate(Exchange),
    )


def count_open_reports() -> sa.ScalarSelect[int]:
    """Return the query that counts the reports that wait for a decision."""
    return (
        sa.select(sa.func.count())
        .select_from(ReviewReport)
        .where(ReviewReport.step_id.is_(None))
        .scalar_subquery()
    )


def list_reports(session: Session, actor: Actor, *, after: str = "") -> Page[ReviewReport]:
    """Return a page of the reports that wait for a decision, the oldest first.

    Raises:
        NotAllowed: without the role.
    """
    actor.require(Permission.MANAGE_NETWORK)
    review = joinedload(ReviewReport.review)
    query = (
        sa.select(ReviewReport)
        .where(ReviewReport.step_id.is_(None))
        .options(
            joinedload(ReviewReport.school),
            review.joinedload(Review.author),
            review.joinedload(Review.about),
        )
    )
    return paginate(session, query, ReviewReport.id, after=after, limit=PAGE)


def reports_of(session: Session, review: Review) -> Sequence[ReviewReport]:
    """Return the reports of a review, the latest first."""
    return session.scalars(
        sa.select(ReviewReport)
        .where(ReviewReport.review_id == review.id)
        .options(joinedload(ReviewReport.school), joinedload(ReviewReport.reporter))
        .order_by(ReviewReport.id.desc())
        .limit(MOST_STEPS)
    ).all()


def trail(session: Session, review: Review) -> Sequence[ReviewStep]:
    """Return what was decided about a review, the latest first."""
    return session.scalars(
        sa.select(ReviewStep)
        .where(ReviewStep.review_id == review.id)
        .options(joinedload(ReviewStep.person))
        .order_by(ReviewStep.id.desc())
        .limit(MOST_STEPS)
    ).all()


def why_not_decide(session: Session, actor: Actor, review: Review) -> str | None:
    """Say why the operator may not decide about a review; None if they may."""
    if {review.author_urn, review.about_urn} & set(roles_held(session, actor.person_id)):
        return "You work at one of the two schools, so another operator decides about it."
    return None
