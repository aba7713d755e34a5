"""Reviews as the templates show them: beside an exchange, about a school, and in a sentence."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from flask import url_for
from sqlalchemy.orm import Session

from marketplace import clock
from marketplace.accounts.actor import Actor
from marketplace.accounts.roles import Permission
from marketplace.exchanges.models import Exchange, State
from marketplace.exchanges.reviews.models import Again, Review
from marketplace.exchanges.reviews.queries import exchanges_to_review
from marketplace.exchanges.reviews.rules import (
    FEWEST_PARTNERS,
    WRITTEN_WITHIN,
    other_of,
    own_of,
    why_not_write,
)
from marketplace.listings.presenters import topic_names
from marketplace.web.formats import day
from marketplace.web.navigation import ActorLike
from marketplace.web.tasks import Task, TaskList

Links = list[tuple[str, str]]
"""What one can do about a review: what it is called, and its address."""
AGAIN_WORDS = {
    Again.YES: ("Would do it again", "success"),
    Again.CHANGED: ("Would do it again, with changes", "info"),
    Again.NO: ("Would not do it again", "neutral"),
}


@dataclass(frozen=True, slots=True)
class ReviewRow:
    """One review, ready to be shown."""

    id: int
    author: str
    author_url: str
    about: str
    again: tuple[str, str]
    """What it says about doing it again, and the tone of the tag."""
    what: str
    """What the exchange was, and when."""
    praise: str
    effect: str
    reply: str
    hidden_because: str


@dataclass(frozen=True, slots=True)
class ReviewPanel:
    """What the page of an exchange says about its two reviews."""

    note: str
    write_url: str
    write_label: str
    rows: list[tuple[ReviewRow, Links]]


def review_row(
    review: Review, author: str, about: str, exchange: Exchange, *, with_title: bool = False
) -> ReviewRow:
    """Return a review with the names of its two schools.

    Only the two read the title of the exchange: it is that of a listing which perhaps only a trust
    or a group may see. Others read what it was about.
    """
    on = exchange.delivered_on or exchange.on_date
    verb = "gave" if review.author_gave else "received"
    what = "help"
    if with_title:
        what = f"“{exchange.title}”"
    elif exchange.topic:
        what = f"help with {topic_names([exchange.topic])[0]}"
    return ReviewRow(
        review.id,
        author,
        url_for("pages.school", urn=review.author_urn),
        about,
        AGAIN_WORDS[Again(review.again)],
        f"{verb} {what}, {day(on)}",
        review.praise,
        review.effect,
        review.reply,
        review.hidden_because,
    )


def rows_about(reviews: Sequence[Review], about: str) -> list[ReviewRow]:
    """Return what other schools say about the school with this name."""
    return [review_row(one, one.author.name, about, one.exchange) for one in reviews]


def report_link(actor: Actor, review_id: int) -> Links:
    """Return the link to report a review, or to decide about it; none if somebody may not."""
    if actor.may(Permission.MANAGE_NETWORK):
        address = url_for("reviews.decide", review_id=review_id)
        return [("Reports and decisions about it", address)]
    may_report = actor.urn is not None and actor.may(Permission.ASK)
    return [("Report it", url_for("reviews.report", review_id=review_id))] if may_report else []


def opinion(partners: int, again: int) -> str:
    """Return what schools say in one sentence; nothing while they are too few for it."""
    if partners < FEWEST_PARTNERS:
        return ""
    return f"{again} of {partners} schools would do it again"


def review_panel(
    exchange: Exchange, reviews: Sequence[Review], urn: int, *, may_write: bool
) -> ReviewPanel | None:
    """Return what the page of an exchange says about reviews; None before it is confirmed."""
    if exchange.state != State.CONFIRMED and not reviews:
        return None
    own, other = own_of(reviews, urn), other_of(reviews, urn)
    can_write = why_not_write(exchange, reviews, urn, clock.now()) is None
    names = {exchange.provider_urn: exchange.provider.name}
    names[exchange.receiver_urn] = exchange.receiver.name
    rows: list[tuple[ReviewRow, Links]] = []
    for review in reviews:
        if review.shown_at is None:
            continue
        author, about = names[review.author_urn], names[review.about_urn]
        row = review_row(review, author, about, exchange, with_title=True)
        links: Links = []
        if review.about_urn == urn and may_write:
            if not review.reply:
                links.append(("Answer it", url_for("reviews.answer", review_id=review.id)))
            links.append(("Report it", url_for("reviews.report", review_id=review.id)))
        rows.append((row, links))
    if not (can_write or rows or own):
        return None
    return ReviewPanel(
        _note(own, other, exchange, can_write=can_write),
        url_for("reviews.write", exchange_id=exchange.id) if can_write and may_write else "",
        "Change your review" if own is not None else "Say how it was",
        rows,
    )


def _note(own: Review | None, other: Review | None, exchange: Exchange, *, can_write: bool) -> str:
    if own is not None and own.shown_at is None:
        return (
            "Your review is written. The other school reads it when it has written its own, or on"
            f" {day(own.due_at)}."
        )
    if not can_write:
        return ""
    until = day(exchange.updated_at + WRITTEN_WITHIN)
    if other is not None:
        return (
            "The other school has said how it was. You read it when you have written, too, or on"
            f" {day(other.due_at)}: then yours cannot be written any more."
        )
    return f"Until {until} both schools can say how it was. Neither reads the other’s first."


def find_tasks(session: Session, actor: ActorLike, limit: int) -> TaskList:
    """Return the exchanges of which the school may say how they were, the oldest first."""
    if actor.urn is None:
        return TaskList([], 0)
    rows = exchanges_to_review(session, actor.urn, limit)
    return TaskList(
        [_task(number, title, name, since) for number, title, name, since, _count in rows],
        rows[0][4] if rows else 0,
    )


def _task(exchange_id: int, title: str, other: str, since: datetime) -> Task:
    return Task(
        title=title,
        about=f"with {other} is done: would you do it again?",
        action="Say how it was",
        url=url_for("reviews.write", exchange_id=exchange_id),
        since=since,
        can_wait=True,
    )
