"""A closed school's people, credits, exchanges and record go on at the school that succeeds it."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import Session

from marketplace import clock
from marketplace.audiences.groups.handing_over import hand_over_groups
from marketplace.conversations.handing_over import hand_over_conversations
from marketplace.credits.handovers import BeyondLimit, Handover, hand_over, joining_grant_of
from marketplace.errors import Refusal
from marketplace.exchanges.handing_over import (
    drop_merged_enquiries,
    hand_over_exchanges,
    lock_exchanges,
)
from marketplace.listings.service import hand_over_listings, withdraw_listings_of
from marketplace.members.handing_over import hand_over_invitations, hand_over_roles
from marketplace.network.activity import merge_activity
from marketplace.network.destinations import destination_of, obstacle_at
from marketplace.network.events import SchoolClosed, SchoolSucceeded, SuccessionWaiting
from marketplace.network.history import note
from marketplace.network.joining import join_all
from marketplace.network.models import (
    OPEN_STATES,
    ActionKind,
    Obstacle,
    Succession,
    SuccessionState,
)
from marketplace.outbox.service import record
from marketplace.profiles.handing_over import hand_over_profiles
from marketplace.schools.facts import Status
from marketplace.schools.models import School
from marketplace.settings import Policy

ACTOR = "command:schools-import"
"""Who does what the register decides, as the ledger names it."""


def record_closed(session: Session) -> int:
    """Record an event for each school that has closed and still takes part; return how many.

    The worker then lets it go on elsewhere, one school a transaction, so that an import of the
    whole register stays short, and a crash leaves no school half way.
    """
    urns = session.scalars(
        sa.select(School.urn)
        .where(School.status == Status.CLOSED, School.joined_at.is_not(None))
        .order_by(School.urn)
    ).all()
    for urn in urns:
        record(session, SchoolClosed(actor_id=None, school_urns=(urn,)))
    session.flush()
    return len(urns)


def succeed_by_register(session: Session, urn: int, policy: Policy) -> Succession | None:
    """Let a closed school go on where the register says; else let the operators decide.

    A school that is open, does not take part, or waits for a decision already is left alone.
    """
    school = session.get(School, urn, populate_existing=True)
    if school is None or school.status != Status.CLOSED or school.joined_at is None:
        return None
    waiting = open_successions(session, urn)
    if any(row.state == SuccessionState.PROPOSED for row in waiting):
        return None
    destination = destination_of(session, urn)
    if destination.obstacle is not None or destination.urn is None:
        _let_operators_decide(
            session,
            school,
            waiting,
            destination.candidates,
            destination.obstacle or Obstacle.NOBODY,
        )
        return None
    try:
        with session.begin_nested():
            succession = _waiting_row(session, urn, destination.urn, None)
            carry_out(session, succession, policy, actor=ACTOR)
            return succession
    except BeyondLimit:
        session.refresh(school)
        _let_operators_decide(session, school, waiting, (destination.urn,), Obstacle.LIMIT)
        return None


def open_successions(session: Session, urn: int) -> list[Succession]:
    """Return what waits for a decision about the school ``urn``."""
    return list(
        session.scalars(
            sa.select(Succession)
            .where(Succession.from_urn == urn, Succession.state.in_(OPEN_STATES))
            .order_by(Succession.id)
        )
    )


def carry_out(session: Session, succession: Succession, policy: Policy, *, actor: str) -> None:
    """Let everything of the one school go on at the other, in the caller's transaction.

    The locks are taken in the order of every other verb: exchanges, accounts, schools. A second
    run finds that it is done.

    Raises:
        BeyondLimit: the successor's limit does not cover it, and nothing is to be written off.
        Refusal: the school is open again, or the other one cannot carry on.
    """
    session.refresh(succession, with_for_update={"key_share": True})
    if succession.state == SuccessionState.DONE:
        return
    assert succession.to_urn is not None
    old = session.get_one(School, succession.from_urn, populate_existing=True)
    new = session.get_one(School, succession.to_urn, populate_existing=True)
    _check(old, new)
    exchanges = lock_exchanges(session, old.urn)
    had_joined = new.joined_at is not None
    if not had_joined:
        join_all(session, [new], policy, actor=actor, grant=False)
    handover = Handover(old.urn, old.name, new.urn, new.name, succession.reference, actor)
    moved = hand_over(
        session,
        handover,
        grant_minutes=second_grant(session, old.urn, new.urn) if had_joined else 0,
        write_off=succession.write_off,
    )
    _lock_schools(session, old, new)
    merged = hand_over_conversations(session, old.urn, new.urn)
    hand_over_exchanges(session, exchanges, old, new, holds=moved.holds, enquiries=merged)
    drop_merged_enquiries(session, merged)
    hand_over_listings(session, old.urn, new.urn)
    hand_over_groups(session, old.urn, new.urn)
    hand_over_profiles(session, old, new)
    person_id = succession.approved_by_id
    hand_over_roles(session, old.urn, new.urn, actor_id=person_id)
    hand_over_invitations(session, old.urn, new.urn)
    merge_activity(session, old.urn, new.urn)
    _finish_schools(session, old, new)
    succession.state = SuccessionState.DONE
    succession.obstacle = None
    succession.done_at = clock.now()
    succession.balance_transaction_id = moved.balance_transaction_id
    succession.grant_transaction_id = moved.grant_transaction_id
    succession.write_off_transaction_id = moved.write_off_transaction_id
    session.flush()
    _refuse_others(session, succession)
    note(session, old.urn, ActionKind.CONTINUED, person_id, succession.note, other_urn=new.urn)
    note(session, new.urn, ActionKind.TOOK_OVER, person_id, succession.note, other_urn=old.urn)
    record(
        session,
        SchoolSucceeded(
            actor_id=person_id, school_urns=(old.urn, new.urn), succession_id=succession.id
        ),
    )


def second_grant(session: Session, old_urn: int, new_urn: int) -> int:
    """Return the minutes of the joining grant that is one too many if both become one school."""
    if not _grant_within(session, new_urn):
        return 0
    return _grant_within(session, old_urn)


def withdraw_open_successions(session: Session, urns: list[int]) -> None:
    """Close what waits for a decision about schools that are open again, or have left."""
    for succession in session.scalars(
        sa.select(Succession).where(
            Succession.from_urn.in_(urns), Succession.state.in_(OPEN_STATES)
        )
    ):
        succession.state = SuccessionState.REFUSED
    session.flush()


def _grant_within(session: Session, urn: int) -> int:
    """The one joining grant that a school has: its own, or that of one it carries on for."""
    grant = joining_grant_of(session, urn)
    if grant:
        return grant
    predecessors = session.scalars(
        sa.select(Succession.from_urn)
        .where(Succession.to_urn == urn, Succession.state == SuccessionState.DONE)
        .order_by(Succession.id)
    )
    return next(filter(None, (_grant_within(session, before) for before in predecessors)), 0)


def _check(old: School, new: School) -> None:
    if old.status != Status.CLOSED:
        raise Refusal(f"{old.name} is open again in the register, so it goes on by itself.")
    if old.joined_at is None:
        raise Refusal(f"{old.name} does not take part in the network.")
    obstacle = obstacle_at(new)
    if obstacle == Obstacle.NOT_OPEN:
        raise Refusal(
            f"{new.name} (URN {new.urn}) is {new.status} in the register, so it cannot carry on."
        )
    if obstacle == Obstacle.PAUSED:
        raise Refusal(f"{new.name} is paused. Let it go on first, under its own page.")


def _lock_schools(session: Session, *schools: School) -> None:
    session.execute(
        sa.select(School.urn)
        .where(School.urn.in_([school.urn for school in schools]))
        .order_by(School.urn)
        .with_for_update(key_share=True)
    )


def _finish_schools(session: Session, old: School, new: School) -> None:
    """The old school no longer takes part; whoever it carried on for is with the new one, too."""
    old.joined_at = None
    old.paused_at = old.pause_reason = None
    old.continued_by_urn = new.urn
    session.flush()
    session.execute(
        sa.update(School)
        .where(School.continued_by_urn == old.urn, School.urn != new.urn)
        .values(continued_by_urn=new.urn)
    )


def _let_operators_decide(
    session: Session,
    school: School,
    waiting: list[Succession],
    candidates: tuple[int, ...],
    obstacle: Obstacle,
) -> None:
    """Put the school into the operators' queue, with a row for each candidate."""
    withdraw_listings_of(session, [school.urn])
    rows = [
        _waiting_row(session, school.urn, candidate, obstacle)
        for candidate in (candidates or (None,))
    ]
    for row in waiting:
        if row not in rows:
            row.state = SuccessionState.REFUSED
    session.flush()
    if not waiting:
        record(session, SuccessionWaiting(actor_id=None, school_urns=(school.urn,)))


def _waiting_row(
    session: Session, from_urn: int, to_urn: int | None, obstacle: Obstacle | None
) -> Succession:
    """The open row for this pair of schools; a new one if there is none."""
    row = session.scalar(
        sa.select(Succession).where(
            Succession.from_urn == from_urn,
            Succession.to_urn.is_(None) if to_urn is None else Succession.to_urn == to_urn,
            Succession.state.in_(OPEN_STATES),
        )
    )
    if row is None:
        row = Succession(
            from_urn=from_urn,
            to_urn=to_urn,
            state=SuccessionState.WAITING,
            created_at=clock.now(),
        )
        session.add(row)
    row.obstacle = obstacle
    session.flush()
    return row


def _refuse_others(session: Session, succession: Succession) -> None:
    for row in open_successions(session, succession.from_urn):
        row.state = SuccessionState.REFUSED
    session.flush()
