"""Schools join the network with an account and a grant, and leave it when they close."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from marketplace import clock
from marketplace.accounts.ledger_actor import read_ledger_actor
from marketplace.credits.accounts import (
    freeze_accounts,
    open_school_accounts,
    rename_accounts,
    unfreeze_accounts,
)
from marketplace.errors import Refusal
from marketplace.listings.service import withdraw_listings_of
from marketplace.network.activity import begin_activity
from marketplace.network.events import SchoolJoined
from marketplace.network.history import note
from marketplace.network.models import ActionKind
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
    grant: bool = True,
    now: Callable[[], datetime] | None = None,
) -> list[School]:
    """Bring many schools in at once; return those that were new.

    A school that was here before comes back without a second grant; without ``grant`` there is
    none at all. ``now`` is the clock, for schools that came in before today.

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
    now = now or clock.now
    open_school_accounts(session, new, policy, actor=actor, grant=grant, clock=now)
    joined_at = now()
    person = read_ledger_actor(actor)
    person_id = person.person_id if person else None
    for school in new:
        school.joined_at = joined_at
        school.left_at = None
        school.continued_by_urn = None
        note(session, school.urn, ActionKind.JOINED, person_id, at=joined_at)
        record(session, SchoolJoined(actor_id=None, school_urns=(school.urn,)))
    begin_activity(session, [school.urn for school in new], joined_at)
    session.flush()
    return new


def schools_changed(
    session: Session,
    newly_closed: Iterable[int],
    reopened: Iterable[int],
    renamed: Iterable[int] = (),
    *,
    actor: str,
) -> str:
    """Act on the register; return a sentence on what was done.

    Freeze the accounts of schools that closed, and withdraw their listings unless the register
    names one successor, with which they go on; unfreeze those of schools that are open again and
    not paused; give those of schools that have another name that name.
    """
    closed, opened, renamed_urns = list(newly_closed), list(reopened), list(renamed)
    if not closed and not opened and not renamed_urns:
        return ""
    names: dict[int, str] = {}
    paused, succeeded = set[int](), set[int]()
    for school in session.execute(
        sa.select(School.urn, School.name, School.paused_at, School.successor_urn).where(
            School.joined_at.is_not(None)
        )
    ):
        names[school.urn] = school.name
        if school.paused_at is not None:
            paused.add(school.urn)
        if school.successor_urn is not None:
            succeeded.add(school.urn)
    frozen = freeze_accounts(
        session,
        [urn for urn in closed if urn in names],
        actor=actor,
        reason="closed in the register",
    )
    unfrozen = unfreeze_accounts(
        session,
        [urn for urn in opened if urn in names and urn not in paused],
        actor=actor,
        reason="open again in the register",
    )
    withdrawn = withdraw_listings_of(session, [urn for urn in closed if urn not in succeeded])
    new_names = rename_accounts(
        session,
        {urn: names[urn] for urn in renamed_urns if urn in names},
        actor=actor,
        reason="renamed in the register",
    )
    sentences = []
    if frozen or unfrozen or withdrawn:
        sentences.append(
            f"Accounts frozen: {frozen}; unfrozen: {unfrozen}; listings withdrawn: {withdrawn}."
        )
    if new_names:
        sentences.append(f"Accounts renamed: {new_names}.")
    return " ".join(sentences)
