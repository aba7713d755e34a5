"""Schools join the network with an account and a grant, and leave it when they close."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from marketplace import clock
from marketplace.credits.accounts import (
    freeze_accounts,
    open_school_accounts,
    unfreeze_accounts,
)
from marketplace.errors import Refusal
from marketplace.listings.service import withdraw_listings_of
from marketplace.network.events import SchoolJoined
from marketplace.outbox.service import record
from marketplace.schools.models import School
from marketplace.settings import Policy


def join(session: Session, school: School, policy: Policy, *, actor: str) -> bool:
    """Bring ``school`` in: an account, a credit limit and the joining grant.

    Return whether it was new; joining twice changes nothing.

    Raises:
        Refusal: if the school is not open.
    """
    return bool(join_all(session, [school], policy, actor=actor))


def join_all(
    session: Session,
    schools: Sequence[School],
    policy: Policy,
    *,
    actor: str,
    now: Callable[[], datetime] = clock.now,
) -> list[School]:
    """Bring many schools in at once; return those that were new.

    ``now`` is the clock, for schools that came in before today.

    Raises:
        Refusal: if one of them is not open, naming it.
    """
    for school in schools:
        if school.status not in ("open", "closing"):
            raise Refusal(
                f"{school.name} (URN {school.urn}) is {school.status} in the register, so it"
                " cannot take part."
            )
    new = [school for school in schools if school.joined_at is None]
    if not new:
        return []
    open_school_accounts(session, new, policy, actor=actor, clock=now)
    for school in new:
        school.joined_at = now()
        record(session, SchoolJoined(actor_id=None, school_urns=(school.urn,)))
    session.flush()
    return new


def schools_changed(
    session: Session, newly_closed: Iterable[int], reopened: Iterable[int], *, actor: str
) -> str:
    """Act on the register; return a sentence on what was done.

    Freeze the accounts of schools that closed and withdraw their listings; unfreeze those of
    schools that are open again.
    """
    closed, opened = list(newly_closed), list(reopened)
    if not closed and not opened:
        return ""
    joined = set(
        session.scalars(
            sa.select(School.urn).where(
                School.urn.in_(closed + opened), School.joined_at.is_not(None)
            )
        )
    )
    frozen = freeze_accounts(
        session,
        [urn for urn in closed if urn in joined],
        actor=actor,
        reason="closed in the register",
    )
    unfrozen = unfreeze_accounts(
        session,
        [urn for urn in opened if urn in joined],
        actor=actor,
        reason="open again in the register",
    )
    withdrawn = withdraw_listings_of(session, closed)
    if not (frozen or unfrozen or withdrawn):
        return ""
    return f"Accounts frozen: {frozen}; unfrozen: {unfrozen}; listings withdrawn: {withdrawn}."
