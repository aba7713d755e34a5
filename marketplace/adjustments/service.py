"""The verbs of adjustments: one person proposes; another approves or refuses; nobody does both."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import Session

from marketplace import clock
from marketplace.accounts.actor import Actor
from marketplace.accounts.roles import Permission
from marketplace.adjustments.deciding import refuse_decision
from marketplace.adjustments.events import (
    AdjustmentDone,
    AdjustmentProposed,
    AdjustmentRefused,
    AdjustmentWithdrawn,
)
from marketplace.adjustments.figures import (
    figures_now,
    fingerprint,
    has_changed,
    is_undone,
    refuse_unforeseen,
    rows_of,
)
from marketplace.adjustments.kinds import KINDS
from marketplace.adjustments.kinds.base import Approved, Details, Kind
from marketplace.adjustments.models import (
    LONGEST_EVIDENCE,
    LONGEST_REASON,
    LONGEST_SOURCE,
    Adjustment,
    AdjustmentState,
    Step,
)
from marketplace.adjustments.trail import (
    decide,
    ids_of,
    lock_adjustment,
    memo_of,
    school_of,
    write_event,
)
from marketplace.adjustments.urgent import CONFIRMED_WITHIN, refuse_again, undo
from marketplace.credits.adjusting import Cause
from marketplace.errors import Conflict, NotAllowed, NotFound, Refusal
from marketplace.idempotency import idempotent, key_of
from marketplace.network.two_people import require_decider
from marketplace.outbox.service import record
from marketplace.web.texts import visible


def propose_adjustment(
    session: Session,
    actor: Actor,
    kind: Kind,
    urn: int,
    *,
    details: Details,
    reason: str,
    evidence: str,
    evidence_source: str,
    idempotency_key: str,
    urgent: bool = False,
) -> Adjustment:
    """Propose an adjustment of the school ``urn``; the same ``idempotency_key`` proposes it once.

    Nothing changes until another person approves it. Only a kind that may be ``urgent`` is done at
    once: another person confirms it within ``CONFIRMED_WITHIN``, or it is undone, and not done at
    once again for ``NOT_AGAIN_FOR``.

    Raises:
        NotAllowed: without the role.
        NotFound: the register has no such school.
        Refusal: a text is missing, or it cannot be done; it says why.
        Conflict: the same is proposed already.
        AlreadySent: the key has proposed something else.
    """
    actor.require(Permission.MANAGE_NETWORK)
    reason = _text(reason, LONGEST_REASON, "reason")
    evidence = _text(evidence, LONGEST_EVIDENCE, "evidence")
    evidence_source = _text(evidence_source, LONGEST_SOURCE, "evidence_source")
    school = school_of(session, urn)
    key = key_of(actor.person_id, idempotency_key)
    content = (kind.name, urn, dict(details), reason, evidence, evidence_source)
    existing = idempotent(
        session, Adjustment, key, same_as=lambda other: _content(other) == content
    )
    if existing is not None:
        return existing
    if urgent and not kind.may_be_urgent:
        raise Refusal("This cannot be done at once: another person has to approve it first.")
    kind.refuse(session, school, details)
    subject = kind.subject(school, details)
    _refuse_second(session, subject)
    if urgent:
        refuse_again(session, subject)
    now = clock.now()
    figures = kind.figures(session, school, details)
    adjustment = Adjustment(
        kind=kind.name,
        state=AdjustmentState.PROPOSED,
        subject=subject,
        school_urn=urn,
        other_urn=kind.other_urn(session, school, details),
        details=dict(details),
        figures=rows_of(figures),
        reason=reason,
        evidence=evidence,
        evidence_source=evidence_source,
        proposed_by_id=actor.person_id,
        proposed_at=now,
        confirm_by=now + CONFIRMED_WITHIN if urgent else None,
        idempotency_key=key,
    )
    session.add(adjustment)
    session.flush()
    kind.begin(session, school, details, actor, adjustment.id)
    if urgent:
        cause = Cause(actor.ledger_name, adjustment.reference, memo_of(adjustment, kind))
        kind.carry_out(session, school, details, Approved(actor, reason, cause, actor.person_id))
    write_event(session, adjustment, Step.PROPOSED, actor.person_id, reason, figures)
    record(session, AdjustmentProposed(**ids_of(adjustment, actor.person_id)))
    return adjustment


def approve_adjustment(
    session: Session,
    actor: Actor,
    adjustment_id: int,
    *,
    seen: str,
    remark: str = "",
    despite_changes: bool = False,
) -> Adjustment:
    """Approve what another person proposed, and carry it out.

    Where there is only one operator, an auditor may approve. ``seen`` is the `fingerprint` of the
    figures that the approver was shown. If they are no longer those that the proposer saw, the
    approver has to say so with ``despite_changes``.

    Raises:
        NotAllowed: for the person who proposed it, without the role, or with one at a school
            concerned.
        NotFound: there is no such adjustment.
        Conflict: it has been decided already, or something has changed.
        Refusal: it cannot be done (any more); it says why.
    """
    adjustment = _open_one(session, actor, adjustment_id)
    refuse_decision(session, actor, adjustment)
    remark = _remark(remark)
    kind, school = KINDS[adjustment.kind], school_of(session, adjustment.school_urn)
    figures = figures_now(session, adjustment)
    if fingerprint(figures) != seen:
        raise Conflict(
            "Something has changed since this page was shown. Read the figures again, and confirm."
        )
    if is_undone(session, adjustment):
        raise Conflict(
            "This was done at once, and has been undone since, so there is nothing to confirm."
            " Refuse it; whoever proposed it may propose it anew."
        )
    if adjustment.confirm_by is None:
        kind.refuse(session, school, adjustment.details)
    if has_changed(adjustment, figures) and not despite_changes:
        raise Refusal(
            "The figures are not those that were proposed. Tick the box if you approve it all the"
            " same, or refuse it.",
            field="despite_changes",
        )
    if adjustment.confirm_by is None:
        memo = memo_of(adjustment, kind, actor.person_id)
        cause = Cause(actor.ledger_name, adjustment.reference, memo)
        approved = Approved(actor, adjustment.reason, cause, adjustment.proposed_by_id)
        kind.carry_out(session, school, adjustment.details, approved)
        refuse_unforeseen(kind.figures(session, school, adjustment.details), figures)
    decide(session, adjustment, AdjustmentState.DONE, actor)
    write_event(session, adjustment, Step.APPROVED, actor.person_id, remark, figures)
    record(session, AdjustmentDone(**ids_of(adjustment, actor.person_id)))
    return adjustment


def refuse_adjustment(
    session: Session, actor: Actor, adjustment_id: int, *, reason: str
) -> Adjustment:
    """Refuse what another person proposed; what was done at once is undone.

    Raises:
        NotAllowed: for the person who proposed it, who withdraws it instead, without the role, or
            with one at a school concerned.
        NotFound: there is no such adjustment.
        Conflict: it has been decided already.
        Refusal: without a reason.
    """
    adjustment = _open_one(session, actor, adjustment_id)
    refuse_decision(session, actor, adjustment)
    reason = _text(reason, LONGEST_REASON, "reason")
    undo(session, adjustment, actor)
    kind, school = KINDS[adjustment.kind], school_of(session, adjustment.school_urn)
    kind.turn_down(session, school, adjustment.details, actor, reason)
    decide(session, adjustment, AdjustmentState.REFUSED, actor)
    write_event(session, adjustment, Step.REFUSED, actor.person_id, reason, [])
    record(session, AdjustmentRefused(**ids_of(adjustment, actor.person_id)))
    return adjustment


def withdraw_adjustment(
    session: Session, actor: Actor, adjustment_id: int, *, remark: str = ""
) -> Adjustment:
    """Take back what one has proposed oneself; what was done at once is undone.

    Raises:
        NotAllowed: for anyone else, or without the role.
        NotFound: there is no such adjustment.
        Conflict: it has been decided already.
    """
    actor.require(Permission.MANAGE_NETWORK)
    adjustment = _open_one(session, actor, adjustment_id)
    if actor.person_id != adjustment.proposed_by_id:
        raise NotAllowed("Another person has proposed this. You can approve or refuse it.")
    remark = _remark(remark)
    undo(session, adjustment, actor)
    kind, school = KINDS[adjustment.kind], school_of(session, adjustment.school_urn)
    kind.take_back(session, school, adjustment.details, actor)
    decide(session, adjustment, AdjustmentState.WITHDRAWN, actor)
    write_event(session, adjustment, Step.WITHDRAWN, actor.person_id, remark, [])
    record(session, AdjustmentWithdrawn(**ids_of(adjustment, actor.person_id)))
    return adjustment


def _text(value: str, most: int, field: str) -> str:
    value = value.strip()
    if not visible(value):
        raise Refusal("Write something here.", field=field)
    if len(value) > most:
        raise Refusal(f"Use at most {most:,} characters.", field=field)
    return value


def _remark(value: str) -> str:
    value = value.strip()
    if len(value) > LONGEST_REASON:
        raise Refusal(f"Use at most {LONGEST_REASON} characters.", field="remark")
    return value


def _content(adjustment: Adjustment) -> tuple[object, ...]:
    return (
        adjustment.kind,
        adjustment.school_urn,
        adjustment.details,
        adjustment.reason,
        adjustment.evidence,
        adjustment.evidence_source,
    )


def _refuse_second(session: Session, subject: str) -> None:
    """Refuse a second open proposal about the same: it would be done twice."""
    open_id = session.scalar(
        sa.select(Adjustment.id).where(
            Adjustment.subject == subject, Adjustment.state == AdjustmentState.PROPOSED
        )
    )
    if open_id is not None:
        raise Conflict(
            f"The same is proposed already, as adjustment {open_id}. Decide about that one first."
        )


def _open_one(session: Session, actor: Actor, adjustment_id: int) -> Adjustment:
    """The open adjustment, locked, for one who may decide about it."""
    require_decider(session, actor)
    adjustment = lock_adjustment(session, adjustment_id)
    if adjustment is None:
        raise NotFound("There is no such adjustment.")
    if not adjustment.is_open:
        raise Conflict(_ALREADY[AdjustmentState(adjustment.state)])
    return adjustment


_ALREADY = {
    AdjustmentState.DONE: "Another person has approved this already. It was done once.",
    AdjustmentState.REFUSED: "Another person has refused this already.",
    AdjustmentState.WITHDRAWN: "The person who proposed this has withdrawn it.",
    AdjustmentState.LAPSED: "Nobody confirmed this in time, so it has been undone.",
}
