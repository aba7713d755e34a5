"""Proposing to close a period, closing it, taking the proposal back. Nothing commits."""

from __future__ import annotations

from datetime import date

import sqlalchemy as sa
from sqlalchemy.orm import Session

from ledger import Book, IdempotencyConflict, InvalidDate, LedgerError, StillPosting
from marketplace import clock
from marketplace.accounts.actor import Actor
from marketplace.accounts.roles import Permission
from marketplace.audit.closing.checks import check_period
from marketplace.audit.closing.events import BooksClosed, ClosingProposed, ClosingWithdrawn
from marketplace.audit.closing.models import PeriodClosing
from marketplace.errors import Conflict, NotFound, Refusal
from marketplace.outbox.service import record
from marketplace.web.formats import day


def propose_closing(session: Session, actor: Actor, ends_on: date, reason: str) -> PeriodClosing:
    """Propose to close the books through ``ends_on``; another person has to do it.

    Raises:
        NotAllowed: the actor may not close periods.
        Refusal: the day is not over, the books are closed through it, or something is open in
            the period and no reason is given.
        Conflict: it has been proposed already.
    """
    actor.require(Permission.CLOSE_PERIODS)
    if ends_on >= clock.today():
        raise Refusal(
            "That day is not over. A period can be closed from the day after its last one.",
            field="ends_on",
        )
    closed = [period.ends_on for period in Book(session).periods() if period.ends_on >= ends_on]
    if closed:
        raise Refusal(
            f"The books are closed through {day(max(closed))} already. Choose a later day.",
            field="ends_on",
        )
    if not reason and any(result.count for result in check_period(session, ends_on)):
        raise Refusal(
            "Something is still open in this period, as the list shows. See to it, or write why"
            " the period may be closed nevertheless.",
            field="reason",
        )
    if session.scalar(_standing().where(PeriodClosing.ends_on == ends_on)) is not None:
        raise Conflict("Someone has proposed to close this period already. Look at the list.")
    closing = PeriodClosing(
        ends_on=ends_on, reason=reason, proposed_by_id=actor.person_id, proposed_at=clock.now()
    )
    session.add(closing)
    session.flush()
    record(
        session,
        ClosingProposed(actor_id=actor.person_id, school_urns=(), closing_id=closing.id),
    )
    return closing


def close_period(session: Session, actor: Actor, closing_id: int) -> PeriodClosing:
    """Close the books as another person has proposed: for ever.

    Raises:
        NotAllowed: the actor may not close periods.
        NotFound: there is no such proposal.
        Refusal: it is the actor's own, or the ledger refuses.
        Conflict: it is no longer open.
    """
    actor.require(Permission.CLOSE_PERIODS)
    closing = _open(session, closing_id)
    if closing.proposed_by_id == actor.person_id:
        raise Refusal(
            "You have proposed this, so another operator or auditor has to close the period."
        )
    results = check_period(session, closing.ends_on)
    try:
        Book(session).close_period(
            closing.ends_on,
            key=f"close-period:{closing.ends_on.isoformat()}",
            actor=actor.ledger_name,
            memo=closing.reason,
            reference=f"closing:{closing.id}",
        )
    except (InvalidDate, IdempotencyConflict) as error:
        raise Refusal(
            f"The books are closed through {day(closing.ends_on)} or a later day already. Withdraw"
            " this proposal."
        ) from error
    except StillPosting as error:
        raise Conflict(
            "Something that began before the end of the period is still being recorded. Try again"
            " in a minute."
        ) from error
    except LedgerError as error:
        raise Refusal(f"{error} Ask whoever runs the server.") from error
    closing.closed_by_id, closing.closed_at = actor.person_id, clock.now()
    closing.checks = [[result.check.label, result.count] for result in results]
    record(session, BooksClosed(actor_id=actor.person_id, school_urns=(), closing_id=closing.id))
    return closing


def withdraw_closing(session: Session, actor: Actor, closing_id: int) -> PeriodClosing:
    """Take a proposal back, or refuse another person's.

    Raises:
        NotAllowed: the actor may not close periods.
        NotFound: there is no such proposal.
        Conflict: it is no longer open.
    """
    actor.require(Permission.CLOSE_PERIODS)
    closing = _open(session, closing_id)
    closing.withdrawn_at = clock.now()
    record(
        session,
        ClosingWithdrawn(actor_id=actor.person_id, school_urns=(), closing_id=closing.id),
    )
    return closing


def _standing() -> sa.Select[PeriodClosing]:
    return sa.select(PeriodClosing).where(PeriodClosing.withdrawn_at.is_(None))


def _open(session: Session, closing_id: int) -> PeriodClosing:
    closing = session.scalar(
        sa.select(PeriodClosing)
        .where(PeriodClosing.id == closing_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if closing is None:
        raise NotFound("There is no proposal with this number.")
    if closing.closed_at is not None:
        raise Conflict("This period has been closed already.")
    if closing.withdrawn_at is not None:
        raise Conflict("This proposal has been withdrawn. Look at the list.")
    return closing
