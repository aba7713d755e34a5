"""Made-up administrators of trusts."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from marketplace.accounts.actor import Actor
from marketplace.accounts.models import TrustGrant
from marketplace.accounts.roles import Role
from marketplace.database import db
from tests.marketplace.accounts.factories import PersonFactory


def trust_administrator(trust_id: int, at: Actor) -> Actor:
    """An administrator of the trust, who acts for the school of ``at``."""
    person = PersonFactory()
    db.session().add(
        TrustGrant(
            person_id=person.id,
            trust_id=trust_id,
            role=Role.TRUST_ADMINISTRATOR,
            granted_at=datetime.now(UTC),
        )
    )
    db.session().flush()
    return replace(
        at,
        person_id=person.id,
        person_name=person.name,
        roles=frozenset({Role.TRUST_ADMINISTRATOR}),
        trust_id=trust_id,
    )
