"""What is done to schools: bring one in, pause it, let it leave.

A school is paused, goes on and leaves by an adjustment of two people (``marketplace.adjustments``):
the verbs here carry out what has been approved.
"""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from marketplace import clock
from marketplace.accounts.actor import Actor
from marketplace.accounts.roles import Permission
from marketplace.audiences.groups.handing_over import leave_groups_of
from marketplace.credits.accounts import find_account, freeze_accounts, unfreeze_accounts
from marketplace.credits.adjusting import Cause
from marketplace.credits.chart import account_code
from marketplace.credits.handovers import empty_account
from marketplace.errors import Conflict, NotFound, Refusal
from marketplace.exchanges.handing_over import (
    cancel_open_exchanges,
    count_open,
    lock_exchanges,
)
from marketplace.listings.queries import count_open_of
from marketplace.listings.service import withdraw_listings_of
from marketplace.members.handing_over import count_people, end_roles, revoke_invitations
from marketplace.network.activity import end_activity
from marketplace.network.events import SchoolFrozen, SchoolLeft, SchoolUnfrozen
from marketplace.network.history import note
from marketplace.network.joining import join
from marketplace.network.models import ActionKind, NetworkAction
from marketplace.network.succession import record_closed, withdraw_open_successions
from marketplace.network.two_people import require_decider
from marketplace.outbox.service import record
from marketplace.schools.facts import Status
from marketplace.schools.models import School
from marketplace.schools.standing import takes_part
from marketplace.settings import Policy
from marketplace.web.texts import visible

LONGEST_REASON = 500


@dataclass(frozen=True, slots=True)
class Leaving:
    """What will happen when a school leaves: counts, and its balance in minutes."""

    people: int
    listings: int
    exchanges: int
    balance: int

    @property
    def fingerprint(self) -> str:
        """What the person saw, to be compared with what is true when they confirm it."""
        return f"{self.people}.{self.listings}.{self.exchanges}.{self.balance}"


def bring_school_in(session: Session, actor: Actor, urn: int, policy: Policy) -> bool:
    """Bring the school ``urn`` in; return whether it was new.

    Raises:
        NotAllowed: without the role.
        NotFound: the register has no such school.
        Refusal: it is not open.
    """
    actor.require(Permission.MANAGE_NETWORK)
    return join(session, _school(session, urn), policy, actor=actor.ledger_name)


def freeze_school(
    session: Session, actor: Actor, urn: int, reason: str, *, cause: Cause | None = None
) -> School:
    """Pause a school: its people read and change nothing, and nobody agrees anything with it.

    ``cause`` is what the ledger writes down, if it is not the actor and the ``reason``.

    Raises:
        NotAllowed: unless the actor may approve it.
        NotFound: the register has no such school.
        Refusal: it does not take part, or there is no reason.
        Conflict: it is paused already.
    """
    require_decider(session, actor)
    school = _school(session, urn, lock=True)
    reason = _reason(reason)
    _refuse_outside(school)
    if school.paused_at is not None:
        raise Conflict(f"{school.name} is paused already.")
    school.paused_at, school.pause_reason = clock.now(), reason
    cause = cause or Cause(actor.ledger_name, account_code(urn), reason)
    freeze_accounts(session, [urn], actor=cause.actor, reason=cause.memo, reference=cause.reference)
    session.flush()
    note(session, urn, ActionKind.PAUSED, actor.person_id, reason)
    record(session, SchoolFrozen(actor_id=actor.person_id, school_urns=(urn,)))
    return school


def unfreeze_school(
    session: Session, actor: Actor | None, urn: int, *, cause: Cause | None = None
) -> School:
    """Let a paused school go on; without an ``actor`` a scheduled job does it, with a ``cause``.

    Raises:
        NotAllowed: unless the actor may approve it.
        NotFound: the register has no such school.
        Conflict: it is not paused.
    """
    if actor is not None:
        require_decider(session, actor)
    school = _school(session, urn, lock=True)
    if school.paused_at is None:
        raise Conflict(f"{school.name} is not paused.")
    school.paused_at = school.pause_reason = None
    if school.status != Status.CLOSED:
        if cause is None:
            assert actor is not None
            cause = Cause(actor.ledger_name, account_code(urn), "goes on")
        unfreeze_accounts(
            session, [urn], actor=cause.actor, reason=cause.memo, reference=cause.reference
        )
    session.flush()
    person_id = actor.person_id if actor else None
    note(session, urn, ActionKind.RESUMED, person_id)
    record(session, SchoolUnfrozen(actor_id=person_id, school_urns=(urn,)))
    record_closed(session)  # a closed school may have waited for this one
    return school


def leaving_of(session: Session, school: School) -> Leaving:
    """Return what will happen when ``school`` leaves."""
    account = find_account(session, school.urn)
    return Leaving(
        people=count_people(session, school.urn),
        listings=count_open_of(session, school.urn),
        exchanges=count_open(session, school.urn),
        balance=account.posted if account else 0,
    )


def let_school_leave(
    session: Session,
    actor: Actor,
    urn: int,
    *,
    reason: str,
    heir_urn: int | None,
    seen: str,
    cause: Cause | None = None,
) -> School:
    """Let a school leave the network; its record stays, and it may join again.

    Its open exchanges are cancelled, its listings withdrawn and its roles ended. What it has goes
    to the school ``heir_urn``, or back to the network; what it owes is written off. ``seen`` is
    the fingerprint of what the actor was shown, ``cause`` what the ledger writes down besides.

    Raises:
        NotAllowed: unless the actor may approve it.
        NotFound: the register has no such school.
        Refusal: it does not take part, there is no reason, or the heir cannot take the credits.
        Conflict: something has changed since the page was shown.
    """
    require_decider(session, actor)
    school = _school(session, urn)
    reason = _reason(reason)
    _refuse_outside(school)
    heir = _heir(session, school, heir_urn) if heir_urn is not None else None
    exchanges = lock_exchanges(session, urn)
    plan = leaving_of(session, school)
    if plan.fingerprint != seen:
        raise Conflict(
            f"Something has changed at {school.name} since you opened this page. Read again what"
            " will happen, and confirm it."
        )
    text = f"{school.name} has left the network."
    cancel_open_exchanges(session, exchanges, school, text, actor=actor.ledger_name)
    empty_account(
        session,
        urn,
        school.name,
        heir_urn=heir.urn if heir else None,
        heir_name=heir.name if heir else "the network",
        reference=cause.reference if cause else f"leaving:{urn}:{_times_left(session, urn) + 1}",
        actor=actor.ledger_name,
        note=cause.memo if cause else "",
    )
    withdraw_listings_of(session, [urn])
    leave_groups_of(session, [urn])
    end_roles(session, urn, actor_id=actor.person_id)
    revoke_invitations(session, urn)
    end_activity(session, urn)
    withdraw_open_successions(session, [urn])
    school.joined_at = school.paused_at = school.pause_reason = None
    school.left_at = clock.now()
    session.flush()
    note(
        session,
        urn,
        ActionKind.LEFT,
        actor.person_id,
        reason,
        other_urn=heir.urn if heir and plan.balance > 0 else None,
    )
    record(
        session,
        SchoolLeft(
            actor_id=actor.person_id, school_urns=(urn,), heir_urn=heir.urn if heir else None
        ),
    )
    return school


def _school(session: Session, urn: int, *, lock: bool = False) -> School:
    query = sa.select(School).where(School.urn == urn).execution_options(populate_existing=True)
    school = session.scalar(query.with_for_update(key_share=True) if lock else query)
    if school is None:
        raise NotFound("The register has no school with this URN.")
    return school


def _refuse_outside(school: School) -> None:
    if school.joined_at is None:
        raise Refusal(f"{school.name} does not take part in the network.")


def _reason(reason: str) -> str:
    reason = reason.strip()
    if not visible(reason):
        raise Refusal("Say why: the school reads it.", field="reason")
    if len(reason) > LONGEST_REASON:
        raise Refusal(f"Use at most {LONGEST_REASON} characters.", field="reason")
    return reason


def _heir(session: Session, school: School, heir_urn: int) -> School:
    heir = session.get(School, heir_urn)
    if heir is None:
        raise Refusal("The register has no school with this URN.", field="heir")
    if heir.urn == school.urn:
        raise Refusal("Choose another school: this is the one that leaves.", field="heir")
    if not takes_part(heir):
        raise Refusal(f"{heir.name} cannot take credits at the moment.", field="heir")
    return heir


def _times_left(session: Session, urn: int) -> int:
    return (
        session.scalar(
            sa.select(sa.func.count()).where(
                NetworkAction.school_urn == urn, NetworkAction.kind == ActionKind.LEFT
            )
        )
        or 0
    )
