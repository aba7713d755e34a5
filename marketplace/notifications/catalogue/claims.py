"""Kinds of notifications about claims of schools, for the operator."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from marketplace.accounts.roles import Permission
from marketplace.claims.events import ClaimWaiting
from marketplace.claims.models import Claim, ClaimState
from marketplace.notifications.catalogue.things import CLAIM
from marketplace.notifications.kinds import Audience, Group, Kind, Notice, Target, Urgency
from marketplace.notifications.models import Frequency


def _about_id(event: ClaimWaiting) -> int:
    return event.claim_id


def _operators(_session: Session, _event: ClaimWaiting, _claim: Claim) -> list[Audience]:
    return [Audience(None)]


def _page(notice: Notice[Claim]) -> Target:
    return Target("claims.one_claim", {"claim_id": notice.facts.id})


KINDS: tuple[Kind[Any, Claim], ...] = (
    Kind(
        name="claim.waiting",
        label="A claim for a school waits for a decision",
        group=Group.NETWORK,
        event=ClaimWaiting,
        about=CLAIM,
        about_id=_about_id,
        permission=Permission.MANAGE_NETWORK,
        audiences=_operators,
        title=lambda notice: f"A claim for {notice.facts.school.name} waits for your decision",
        target=_page,
        is_current=lambda notice: notice.facts.state == ClaimState.WAITING,
        urgency=Urgency.TASK,
        default=Frequency.AT_ONCE,
    ),
)
