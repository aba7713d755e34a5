"""Two people decide who carries on for a closed school: one proposes, another approves."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import Session

from marketplace import clock
from marketplace.accounts.actor import Actor
from marketplace.accounts.roles import Permission
from marketplace.credits.formats import credits
from marketplace.credits.handovers import shortfall_of
from marketplace.errors import Conflict, NotFound, Refusal
from marketplace.network.destinations import obstacle_at
from marketplace.network.events import SuccessionProposed, SuccessionRefused
from marketplace.network.history import note
from marketplace.network.models import ActionKind, Obstacle, Succession, SuccessionState
from marketplace.network.succession import carry_out, open_successions
from marketplace.network.two_people import require_decider, require_second_person
from marketplace.outbox.service import record
from marketplace.schools.facts import Status
from marketplace.schools.models import School
from marketplace.settings import Policy

LONGEST_NOTE = 500


def propose_succession(
    session: Session,
    actor: Actor,
    from_urn: int,
    to_urn: int,
    *,
    write_off: bool = False,
    remark: str = "",
) -> Succession:
    """Propose that ``to_urn`` carries on for the closed school ``from_urn``.

    Nothing moves until another person approves it. With ``write_off`` what the successor's limit
    does not cover is to be written off.

    Raises:
        NotAllowed: without the role.
        NotFound: there is no such school, or it does not wait for a decision.
        Refusal: the other school cannot carry on; it says why.
        Conflict: somebody has proposed one already.
    """
    actor.require(Permission.MANAGE_NETWORK)
    old = session.scalar(
        sa.select(School).where(School.urn == from_urn).with_for_update(key_share=True)
    )
    if old is None or old.joined_at is None or old.status != Status.CLOSED:
        raise NotFound("This school does not wait for a decision.")
    waiting = open_successions(session, from_urn)
    if any(row.state == SuccessionState.PROPOSED for row in waiting):
        raise Conflict("A successor has been proposed already. It has to be approved or refused.")
    new = session.get(School, to_urn)
    if new is None or new.urn == old.urn:
        raise Refusal("The register has no other school with this URN.", field="to")
    if len(remark := remark.strip()) > LONGEST_NOTE:
        raise Refusal(f"Use at most {LONGEST_NOTE} characters.", field="remark")
    _refuse_unfit(session, old, new, write_off)
    succession = next((row for row in waiting if row.to_urn == to_urn), None)
    if succession is None:
        succession = Succession(
            from_urn=from_urn, to_urn=to_urn, state=SuccessionState.WAITING, created_at=clock.now()
        )
        session.add(succession)
    succession.state = SuccessionState.PROPOSED
    succession.write_off = write_off
    succession.note = remark
    succession.proposed_by_id, succession.proposed_at = actor.person_id, clock.now()
    session.flush()
    note(session, from_urn, ActionKind.PROPOSED, actor.person_id, remark, other_urn=to_urn)
    record(
        session,
        SuccessionProposed(
            actor_id=actor.person_id, school_urns=(from_urn, to_urn), succession_id=succession.id
        ),
    )
    return succession


def approve_succession(
    session: Session, actor: Actor, succession_id: int, policy: Policy
) -> Succession:
    """Approve what another person proposed: everything goes on at the successor at once.

    Where there is only one operator, an auditor may approve.

    Raises:
        NotAllowed: for the person who proposed it, who works at either school, or without the role.
        NotFound: there is no such proposal.
        Conflict: it has been decided already.
        Refusal: the successor cannot carry on (any more); it says why.
    """
    succession = _proposed(session, actor, succession_id)
    schools = (succession.from_urn, succession.to_urn)
    require_second_person(session, actor, succession.proposed_by_id, schools)
    succession.approved_by_id = actor.person_id
    session.flush()
    carry_out(session, succession, policy, actor=actor.ledger_name)
    return succession


def refuse_succession(
    session: Session, actor: Actor, succession_id: int, *, remark: str = ""
) -> Succession:
    """Refuse a proposal, or take back one's own: the school waits for a decision again.

    Raises:
        NotAllowed: without the role.
        NotFound: there is no such proposal.
        Conflict: it has been decided already.
    """
    succession = _proposed(session, actor, succession_id)
    if len(remark := remark.strip()) > LONGEST_NOTE:
        raise Refusal(f"Use at most {LONGEST_NOTE} characters.", field="remark")
    is_own = succession.proposed_by_id == actor.person_id
    succession.state = SuccessionState.WAITING
    succession.proposed_by_id = succession.proposed_at = None
    succession.write_off = False
    session.flush()
    note(
        session,
        succession.from_urn,
        ActionKind.WITHDREW if is_own else ActionKind.REFUSED,
        actor.person_id,
        remark,
        other_urn=succession.to_urn,
    )
    assert succession.to_urn is not None
    record(
        session,
        SuccessionRefused(
            actor_id=actor.person_id,
            school_urns=(succession.from_urn, succession.to_urn),
            succession_id=succession.id,
        ),
    )
    return succession


def _proposed(session: Session, actor: Actor, succession_id: int) -> Succession:
    """The proposal, locked, for one who may decide about it."""
    require_decider(session, actor)
    succession = session.scalar(
        sa.select(Succession)
        .where(Succession.id == succession_id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    )
    if succession is None:
        raise NotFound
    if succession.state != SuccessionState.PROPOSED:
        raise Conflict("This has been decided already.")
    return succession


def _refuse_unfit(session: Session, old: School, new: School, write_off: bool) -> None:
    obstacle = obstacle_at(new)
    if obstacle == Obstacle.NOT_OPEN:
        raise Refusal(f"{new.name} is {new.status} in the register.", field="to")
    if obstacle == Obstacle.PAUSED:
        raise Refusal(f"{new.name} is paused. Let it go on first.", field="to")
    beyond = shortfall_of(session, old.urn, new.urn)
    if beyond and not write_off:
        raise Refusal(
            f"{new.name} would be {credits(beyond)} beyond its credit limit. Tick “Write off” to"
            " have that written off, or choose another school.",
            field="write_off",
        )
