"""Made-up staff of whole trusts."""

from __future__ import annotations

from datetime import UTC, datetime

from marketplace.accounts.models import Person, TrustGrant
from marketplace.accounts.roles import Role
from marketplace.database import db
from tests.marketplace.accounts.factories import PersonFactory


def director_of(trust_id: int, role: Role = Role.TRUST_FINANCE, **facts: object) -> Person:
    """Somebody whose only role is one for a whole trust."""
    person = PersonFactory(**facts)
    db.session().add(
        TrustGrant(
            person_id=person.id,
            trust_id=trust_id,
            role=role,
            granted_at=datetime.now(UTC),
        )
    )
    db.session().flush()
    return person
