"""What was done to a school in the network: written once, never changed."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from marketplace import clock
from marketplace.accounts.security_log import SecurityKind, record_security
from marketplace.network.models import ActionKind, NetworkAction

_SECURITY = {
    ActionKind.JOINED: SecurityKind.SCHOOL_JOINED,
    ActionKind.PAUSED: SecurityKind.SCHOOL_PAUSED,
    ActionKind.RESUMED: SecurityKind.SCHOOL_RESUMED,
    ActionKind.LEFT: SecurityKind.SCHOOL_LEFT,
    ActionKind.PROPOSED: SecurityKind.SUCCESSOR_PROPOSED,
    ActionKind.REFUSED: SecurityKind.SUCCESSOR_REFUSED,
    ActionKind.WITHDREW: SecurityKind.SUCCESSOR_REFUSED,
    ActionKind.CONTINUED: SecurityKind.SCHOOL_SUCCEEDED,
}


def note(
    session: Session,
    school_urn: int,
    kind: ActionKind,
    person_id: int | None,
    reason: str = "",
    *,
    other_urn: int | None = None,
    at: datetime | None = None,
) -> None:
    """Write down what was done to a school, by whom (None: by the register or a command).

    It is in the security log as well, but for the schools that a command brings in.
    """
    session.add(
        NetworkAction(
            school_urn=school_urn,
            kind=kind,
            person_id=person_id,
            other_urn=other_urn,
            reason=reason,
            at=at or clock.now(),
        )
    )
    if kind in _SECURITY and (person_id is not None or kind != ActionKind.JOINED):
        other = {"other_urn": other_urn} if other_urn is not None else {}
        record_security(
            session, _SECURITY[kind], actor_id=person_id, school_urn=school_urn, **other
        )


def actions_of(session: Session, urn: int) -> list[NetworkAction]:
    """Return what was done to the school, the latest first."""
    return list(
        session.scalars(
            sa.select(NetworkAction)
            .where(NetworkAction.school_urn == urn)
            .options(joinedload(NetworkAction.person), joinedload(NetworkAction.other))
            .order_by(NetworkAction.id.desc())
        )
    )
