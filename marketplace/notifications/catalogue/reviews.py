"""Kinds of notifications about reviews: the other school has written, one can be read, a decision.

None says what a review says: that is read where it stands.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from marketplace.accounts.roles import Permission
from marketplace.exchanges.reviews.events import (
    ReviewAnswered,
    ReviewDecided,
    ReviewReported,
    ReviewShown,
    ReviewWritten,
)
from marketplace.exchanges.reviews.models import Review
from marketplace.notifications.catalogue.things import REVIEW
from marketplace.notifications.kinds import Audience, Group, Kind, Notice, Target, Urgency
from marketplace.notifications.models import Frequency
from marketplace.web.formats import day

AGREE = Permission.AGREE_EXCHANGES


def _about_id(event: Any) -> int:
    review_id: int = event.review_id
    return review_id


def _other_school(_session: Session, _event: Any, review: Review) -> list[Audience]:
    return [Audience(review.about_urn)]


def _author(_session: Session, _event: Any, review: Review) -> list[Audience]:
    return [Audience(review.author_urn)]


def _both(_session: Session, _event: Any, review: Review) -> list[Audience]:
    return [Audience(review.author_urn), Audience(review.about_urn)]


def _operators(_session: Session, _event: Any, _review: Review) -> list[Audience]:
    return [Audience(None)]


def _exchange(notice: Notice[Review]) -> Target:
    return Target(
        "exchanges.exchange", {"exchange_id": notice.facts.exchange_id, "_anchor": "reviews"}
    )


def _is_shown(notice: Notice[Review]) -> bool:
    return notice.facts.shown_at is not None


KINDS: tuple[Kind[Any, Review], ...] = (
    Kind(
        name="review.written",
        label="Another school has said how an exchange was, and we may",
        group=Group.EXCHANGES,
        event=ReviewWritten,
        about=REVIEW,
        about_id=_about_id,
        permission=AGREE,
        audiences=_other_school,
        title=lambda notice: (
            f"{notice.facts.author.name} has said how {notice.facts.exchange.title} was: say it,"
            f" too, by {day(notice.facts.due_at)}"
        ),
        target=lambda notice: Target("reviews.write", {"exchange_id": notice.facts.exchange_id}),
        is_current=lambda notice: notice.facts.shown_at is None,
        urgency=Urgency.NEWS,
        default=Frequency.DAILY,
    ),
    Kind(
        name="review.shown",
        label="A review of our school can be read",
        group=Group.EXCHANGES,
        event=ReviewShown,
        about=REVIEW,
        about_id=_about_id,
        permission=AGREE,
        audiences=_other_school,
        title=lambda notice: (
            f"You can read what {notice.facts.author.name} says about {notice.facts.exchange.title}"
        ),
        target=_exchange,
        is_current=_is_shown,
        urgency=Urgency.NEWS,
        default=Frequency.DAILY,
    ),
    Kind(
        name="review.answered",
        label="A school has answered our review",
        group=Group.EXCHANGES,
        event=ReviewAnswered,
        about=REVIEW,
        about_id=_about_id,
        permission=AGREE,
        audiences=_author,
        title=lambda notice: (
            f"{notice.facts.about.name} has answered your review of {notice.facts.exchange.title}"
        ),
        target=_exchange,
        urgency=Urgency.NEWS,
        default=Frequency.DAILY,
    ),
    Kind(
        name="review.reported",
        label="A review was reported",
        group=Group.NETWORK,
        event=ReviewReported,
        about=REVIEW,
        about_id=_about_id,
        permission=Permission.MANAGE_NETWORK,
        audiences=_operators,
        title=lambda notice: (
            f"A review of {notice.facts.author.name} about {notice.facts.about.name} was reported"
        ),
        target=lambda notice: Target("reviews.decide", {"review_id": notice.facts.id}),
        urgency=Urgency.TASK,
        default=Frequency.AT_ONCE,
    ),
    Kind(
        name="review.decided",
        label="The operator has decided about a reported review",
        group=Group.EXCHANGES,
        event=ReviewDecided,
        about=REVIEW,
        about_id=_about_id,
        permission=AGREE,
        audiences=_both,
        title=lambda notice: (
            f"The operator has {'hidden' if notice.facts.hidden_because else 'looked at'} the"
            f" review of {notice.facts.author.name} about {notice.facts.exchange.title}"
        ),
        target=_exchange,
        urgency=Urgency.NEWS,
        default=Frequency.DAILY,
    ),
)
