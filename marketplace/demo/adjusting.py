"""The demo's adjustments: one that waits for a second person, and two that are decided."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.orm import Session

from marketplace.accounts.actor import Actor
from marketplace.accounts.current_user import actor_of
from marketplace.accounts.models import Person
from marketplace.accounts.roles import Role
from marketplace.adjustments.figures import figures_now, fingerprint
from marketplace.adjustments.kinds.grant import GRANT, ISSUANCE
from marketplace.adjustments.kinds.limit import LIMIT
from marketplace.adjustments.service import (
    approve_adjustment,
    propose_adjustment,
    refuse_adjustment,
)
from marketplace.demo.accounts import DOMAIN
from marketplace.schools.models import School


def make_adjustments(session: Session, main: Sequence[School]) -> None:
    """Propose three adjustments as the operator, and decide about two of them as the auditor."""
    operator, auditor = (
        network_person(session, Role.OPERATOR),
        network_person(session, Role.AUDITOR),
    )
    first, second = main[0], main[1]
    grant = propose_adjustment(
        session,
        operator,
        GRANT,
        first.urn,
        details={"minutes": 240, "source": ISSUANCE},
        reason="The school hosted the regional phonics day, and nobody had agreed to pay for it.",
        evidence="Twelve schools took part; the steering group decided on four credits.",
        evidence_source="Minutes of the steering group, 12 June, item 4",
        idempotency_key="demo adjustment 1",
    )
    approve_adjustment(session, auditor, grant.id, seen=fingerprint(figures_now(session, grant)))
    refused = propose_adjustment(
        session,
        operator,
        GRANT,
        second.urn,
        details={"minutes": 600, "source": ISSUANCE},
        reason="The school asks for more credits to begin with.",
        evidence="The headteacher asked for ten credits by telephone.",
        evidence_source="Note of the call of 3 July",
        idempotency_key="demo adjustment 2",
    )
    refuse_adjustment(
        session,
        auditor,
        refused.id,
        reason="Every school begins with the same grant. Ask the steering group first.",
    )
    propose_adjustment(
        session,
        operator,
        LIMIT,
        second.urn,
        details={"floor": -1200, "ceiling": None, "soft_floor": -900, "soft_ceiling": None},
        reason="The school takes part in a long project this year and pays it back in summer.",
        evidence="The trust stands in for the credits, in writing.",
        evidence_source="E-mail of the trust’s finance director, 15 September",
        idempotency_key="demo adjustment 3",
    )


def network_person(session: Session, role: Role) -> Actor:
    """The demo's person who holds ``role`` for the network."""
    person = session.scalars(sa.select(Person).where(Person.email == f"{role}@{DOMAIN}")).one()
    return actor_of(person, frozenset({role}), None)
