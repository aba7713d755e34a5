"""The verbs of reviews: write, answer, report and decide; and showing those whose time has come."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import Session

from marketplace import clock
from marketplace.accounts.actor import Actor
from marketplace.accounts.roles import Permission
from marketplace.audiences.audience import Reach
from marketplace.conversations.models import Enquiry
from marketplace.errors import Conflict, NotAllowed, NotFound, Refusal
from marketplace.exchanges.models import Exchange
from marketplace.exchanges.reviews.events import (
    ReviewAnswered,
    ReviewDecided,
    ReviewReported,
    ReviewShown,
    ReviewWritten,
)
from marketplace.exchanges.reviews.models import (
    Again,
    Review,
    ReviewReport,
    ReviewStep,
)
from marketplace.exchanges.reviews.queries import reviews_of, why_not_decide
from marketplace.exchanges.reviews.rules import (
    LONGEST_TEXT,
    SHOWN_AFTER,
    own_of,
    why_not_write,
)
from marketplace.limits import Writing, refuse_too_many
from marketplace.listings.models import Listing
from marketplace.listings.moderation.models import Decision
from marketplace.outbox.schedule import JobRun
from marketplace.outbox.service import record
from marketplace.web.texts import visible

BATCH = 200


def write_review(
    session: Session,
    actor: Actor,
    exchange: Exchange,
    *,
    again: str,
    effect: str,
    praise: str = "",
    version: int = 0,
) -> Review:
    """Say how an exchange was for the school acted for, or change what was said.

    Nobody else reads it until the other school has written as well, or its time has come. The same
    again changes nothing. ``version`` is that of the review which was seen, 0 if there was none.

    Raises:
        NotAllowed: without the role.
        NotFound: for an exchange of others.
        Refusal: for what cannot be, or when it may not be written (any more).
        Conflict: if a colleague has written or changed it since it was seen.
    """
    actor.require(Permission.AGREE_EXCHANGES)
    urn, now = actor.school(), clock.now()
    if urn not in (exchange.provider_urn, exchange.receiver_urn):
        raise NotFound
    effect, praise = effect.strip(), praise.strip()
    gave = urn == exchange.provider_urn
    _check(again, {"effect": effect, "praise": praise})
    # The second of the two schools waits here, and then sees that the first has written.
    session.refresh(exchange, with_for_update={"of": Exchange}, attribute_names=["version"])
    reviews = reviews_of(session, exchange)
    own = own_of(reviews, urn)
    said = (again, effect, "" if gave else praise)
    if own is not None and (own.again, own.effect, own.praise) == said:
        return own
    if (why_not := why_not_write(exchange, reviews, urn, now)) is not None:
        raise Refusal(why_not)
    if (own.version if own is not None else 0) != version:
        raise Conflict(
            "A colleague has written this review since you opened it. Compare it with what you"
            " wrote (kept below); send it again to have yours."
        )
    if own is not None:
        own.again, own.effect, own.praise = said
        own.written_by_id, own.written_at = actor.person_id, now
        own.version += 1
        session.flush()
        return own
    review = Review(
        exchange_id=exchange.id,
        author_urn=urn,
        about_urn=exchange.other_urn(urn),
        author_gave=gave,
        again=again,
        effect=effect,
        praise=said[2],
        is_private=_is_confidential(session, exchange),
        written_by_id=actor.person_id,
        written_at=now,
        due_at=now + SHOWN_AFTER,
    )
    session.add(review)
    session.flush()
    record(
        session,
        ReviewWritten(
            actor_id=actor.person_id, school_urns=(urn, review.about_urn), review_id=review.id
        ),
    )
    if reviews:
        for one in (*reviews, review):
            _show(session, one, actor.person_id)
    return review


def answer_review(session: Session, actor: Actor, review: Review, text: str) -> Review:
    """Answer, once, what another school said; everybody who reads the review reads it.

    Raises:
        NotAllowed: without the role.
        NotFound: for a review about another school.
        Refusal: without words, or if it is answered already.
    """
    actor.require(Permission.AGREE_EXCHANGES)
    if review.about_urn != actor.school() or review.shown_at is None:
        raise NotFound
    text = text.strip()
    if not visible(text) or len(text) > LONGEST_TEXT:
        raise Refusal(f"Write at most {LONGEST_TEXT:,} characters.", field="text")
    session.refresh(review, with_for_update={"of": Review}, attribute_names=["reply"])
    if review.reply == text:
        return review
    if review.reply:
        raise Refusal("Your school has answered already.")
    review.reply, review.replied_at, review.replied_by_id = text, clock.now(), actor.person_id
    session.flush()
    record(
        session,
        ReviewAnswered(
            actor_id=actor.person_id,
            school_urns=(review.about_urn, review.author_urn),
            review_id=review.id,
        ),
    )
    return review


def report_review(session: Session, actor: Actor, review: Review, text: str) -> ReviewReport:
    """Report what another school wrote to the operator; the same twice is one report.

    Raises:
        NotAllowed: without the role.
        Refusal: of one's own review, or without a reason.
        TooMany: if the person or the school has reported too many already.
    """
    actor.require(Permission.ASK)
    urn, text = actor.school(), text.strip()
    if review.author_urn == urn:
        raise Refusal("This is your own school’s review.")
    if not visible(text) or len(text) > LONGEST_TEXT:
        raise Refusal(f"Say what is wrong, in at most {LONGEST_TEXT:,} characters.", field="text")
    existing = session.scalar(
        sa.select(ReviewReport).where(
            ReviewReport.review_id == review.id,
            ReviewReport.school_urn == urn,
            ReviewReport.step_id.is_(None),
        )
    )
    if existing is not None:
        return existing
    refuse_too_many(
        session,
        Writing.REPORTS,
        ReviewReport.created_at,
        {
            "person": ReviewReport.reporter_id == actor.person_id,
            "school": ReviewReport.school_urn == urn,
        },
    )
    report = ReviewReport(
        review_id=review.id,
        school_urn=urn,
        reporter_id=actor.person_id,
        text=text,
        created_at=clock.now(),
    )
    session.add(report)
    session.flush()
    record(
        session, ReviewReported(actor_id=actor.person_id, school_urns=(urn,), review_id=review.id)
    )
    return report


def decide_review(
    session: Session, actor: Actor, review: Review, decision: str, reason: str, *, version: int
) -> ReviewStep:
    """Hide a review, leave it, or show it again; both schools read the reason.

    Raises:
        NotAllowed: without the role, or about a school where one works.
        Refusal: without a reason, or for what cannot be done with it now.
        Conflict: if another operator has decided since it was seen.
    """
    actor.require(Permission.MANAGE_NETWORK)
    if (why_not := why_not_decide(session, actor, review)) is not None:
        raise NotAllowed(why_not)
    reason = reason.strip()
    if decision not in list(Decision):
        raise Refusal("Choose what to do.", field="decision")
    if not visible(reason) or len(reason) > LONGEST_TEXT:
        raise Refusal(
            f"Give a reason of at most {LONGEST_TEXT:,} characters. Both schools read it.",
            field="reason",
        )
    session.refresh(
        review, with_for_update={"of": Review}, attribute_names=["version", "hidden_because"]
    )
    if review.version != version:
        raise Conflict("Another operator has decided since you opened it. Read it again first.")
    if (decision == Decision.RESTORE) is not bool(review.hidden_because):
        words = "It is hidden already." if review.hidden_because else "It is not hidden."
        raise Refusal(words, field="decision")
    step = ReviewStep(
        review_id=review.id,
        decision=decision,
        reason=reason,
        person_id=actor.person_id,
        at=clock.now(),
    )
    session.add(step)
    session.flush()
    session.execute(
        sa.update(ReviewReport)
        .where(ReviewReport.review_id == review.id, ReviewReport.step_id.is_(None))
        .values(step_id=step.id)
        .execution_options(synchronize_session=False)
    )
    if decision != Decision.KEEP:
        review.hidden_because = reason if decision == Decision.HIDE else ""
    review.version += 1
    session.flush()
    record(
        session,
        ReviewDecided(
            actor_id=actor.person_id,
            school_urns=(review.author_urn, review.about_urn),
            review_id=review.id,
        ),
    )
    return step


def show_reviews_job(run: JobRun) -> str:
    """Show the reviews whose time has come; say how many."""
    shown = 0
    while number := show_due_reviews(run.session):
        shown += number
        run.commit()
    return f"{shown} shown"


def show_due_reviews(session: Session) -> int:
    """Show reviews whose time has come, some hundred at most; return how many."""
    due = session.scalars(
        sa.select(Review)
        .where(Review.shown_at.is_(None), Review.due_at <= clock.now())
        .order_by(Review.due_at, Review.id)
        .limit(BATCH)
        .with_for_update(skip_locked=True)
    ).all()
    for review in due:
        _show(session, review, None)
    return len(due)


def _show(session: Session, review: Review, person_id: int | None) -> None:
    if review.shown_at is not None:
        return
    review.shown_at = clock.now()
    session.flush()
    urns = (review.author_urn, review.about_urn)
    record(session, ReviewShown(actor_id=person_id, school_urns=urns, review_id=review.id))


def _check(again: str, texts: dict[str, str]) -> None:
    if again not in list(Again):
        raise Refusal("Choose one.", field="again")
    for field, words in texts.items():
        if len(words) > LONGEST_TEXT:
            raise Refusal(f"Use at most {LONGEST_TEXT:,} characters.", field=field)


def _is_confidential(session: Session, exchange: Exchange) -> bool:
    audience = session.scalar(
        sa.select(Listing.audience)
        .join(Enquiry, Enquiry.listing_id == Listing.id)
        .where(Enquiry.id == exchange.enquiry_id)
    )
    return audience == Reach.CONFIDENTIAL
