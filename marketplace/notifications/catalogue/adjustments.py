"""Kinds of notifications about adjustments by two people of the network."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from marketplace.accounts.roles import Permission
from marketplace.adjustments.events import (
    AdjustmentDone,
    AdjustmentLapsed,
    AdjustmentProposed,
    AdjustmentRefused,
)
from marketplace.adjustments.kinds import KINDS as KINDS_OF_ADJUSTMENTS
from marketplace.adjustments.models import Adjustment, AdjustmentState
from marketplace.network.two_people import auditors_decide
from marketplace.notifications.kinds import (
    About,
    Audience,
    Facts,
    Group,
    Kind,
    Notice,
    Target,
    Urgency,
)
from marketplace.notifications.models import Frequency


def _adjustments(session: Session, ids: Collection[int]) -> Mapping[int, Adjustment]:
    return {
        adjustment.id: adjustment
        for adjustment in session.scalars(
            sa.select(Adjustment)
            .where(Adjustment.id.in_(ids))
            .options(joinedload(Adjustment.school))
        )
    }


ADJUSTMENT = About("adjustment", _adjustments, superseded=True)


def _adjustment_id(event: Any) -> int:
    adjustment_id: int = event.adjustment_id
    return adjustment_id


def _deciders(
    session: Session, _event: AdjustmentProposed, adjustment: Adjustment
) -> list[Audience]:
    """The other operators and, where there is only one operator, the auditors."""
    permission = None if auditors_decide(session) else Permission.MANAGE_NETWORK
    return [Audience(None, permission, without=frozenset({adjustment.proposed_by_id}))]


def _proposer(_session: Session, _event: Any, adjustment: Adjustment) -> list[Audience]:
    return [Audience(None, only=frozenset({adjustment.proposed_by_id}))]


def _schools(_session: Session, event: AdjustmentDone, adjustment: Adjustment) -> list[Audience]:
    if not KINDS_OF_ADJUSTMENTS[adjustment.kind].is_told:
        return []
    return [Audience(urn) for urn in event.school_urns]


def _what(notice: Notice[Adjustment]) -> str:
    kind = KINDS_OF_ADJUSTMENTS[notice.facts.kind]
    return f"adjustment {notice.facts.id} ({kind.label.lower()}, {notice.facts.school.name})"


def _facts(notice: Notice[Adjustment]) -> Facts:
    kind = KINDS_OF_ADJUSTMENTS[notice.facts.kind]
    return [("What", kind.summary(notice.facts.details))]


def _page(notice: Notice[Adjustment]) -> Target:
    return Target("adjustments.adjustment", {"adjustment_id": notice.facts.id})


def _own_page(notice: Notice[Adjustment]) -> Target:
    return Target("adjustments.own_one", {"adjustment_id": notice.facts.id})


def _is_in(state: AdjustmentState) -> Callable[[Notice[Adjustment]], bool]:
    return lambda notice: notice.facts.state == state


KINDS: tuple[Kind[Any, Any], ...] = (
    Kind(
        name="adjustment.proposed",
        label="A colleague has proposed an adjustment, and a second person approves",
        group=Group.NETWORK,
        event=AdjustmentProposed,
        about=ADJUSTMENT,
        about_id=_adjustment_id,
        permission=Permission.AUDIT_LEDGER,
        audiences=_deciders,
        title=lambda notice: f"Decide about {_what(notice)}",
        facts=_facts,
        target=_page,
        is_current=_is_in(AdjustmentState.PROPOSED),
        urgency=Urgency.TASK,
        default=Frequency.AT_ONCE,
    ),
    Kind(
        name="adjustment.approved",
        label="An adjustment that I proposed is approved",
        group=Group.NETWORK,
        event=AdjustmentDone,
        about=ADJUSTMENT,
        about_id=_adjustment_id,
        permission=Permission.MANAGE_NETWORK,
        audiences=_proposer,
        title=lambda notice: f"Approved: {_what(notice)}",
        facts=_facts,
        target=_page,
        is_current=_is_in(AdjustmentState.DONE),
        urgency=Urgency.NEWS,
        default=Frequency.DAILY,
    ),
    Kind(
        name="adjustment.refused",
        label="An adjustment that I proposed is refused",
        group=Group.NETWORK,
        event=AdjustmentRefused,
        about=ADJUSTMENT,
        about_id=_adjustment_id,
        permission=Permission.MANAGE_NETWORK,
        audiences=_proposer,
        title=lambda notice: f"Refused: {_what(notice)}",
        facts=_facts,
        target=_page,
        is_current=_is_in(AdjustmentState.REFUSED),
        urgency=Urgency.NEWS,
        default=Frequency.DAILY,
    ),
    Kind(
        name="adjustment.lapsed",
        label="What I did at once was not confirmed in time, and is undone",
        group=Group.NETWORK,
        event=AdjustmentLapsed,
        about=ADJUSTMENT,
        about_id=_adjustment_id,
        permission=Permission.MANAGE_NETWORK,
        audiences=_proposer,
        title=lambda notice: f"Not confirmed in time, and undone: {_what(notice)}",
        facts=_facts,
        target=_page,
        is_current=_is_in(AdjustmentState.LAPSED),
        urgency=Urgency.TASK,
        default=Frequency.AT_ONCE,
    ),
    Kind(
        name="adjustment.done",
        label="The network has adjusted our credits",
        group=Group.SCHOOL,
        event=AdjustmentDone,
        about=ADJUSTMENT,
        about_id=_adjustment_id,
        permission=Permission.VIEW_ADJUSTMENTS,
        audiences=_schools,
        title=lambda notice: f"The network has adjusted the credits of {notice.school_name}",
        facts=_facts,
        target=_own_page,
        is_current=_is_in(AdjustmentState.DONE),
        urgency=Urgency.NEWS,
        default=Frequency.DAILY,
    ),
)
