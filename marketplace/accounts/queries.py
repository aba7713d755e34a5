"""Who decides about the people of a school."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import Session

from marketplace.accounts.models import Person, RoleGrant, SignIn, TrustGrant
from marketplace.accounts.roles import Role
from marketplace.schools.models import School


def administrators_of(session: Session, urn: int) -> set[int]:
    """The administrators of the school or its trust who can sign in.

    Their accounts are switched on, and have a password or have been signed in to otherwise.
    """
    signed_in = sa.exists().where(SignIn.person_id == Person.id)
    can_sign_in = (Person.active, sa.or_(Person.password_hash.is_not(None), signed_in))
    own = (
        sa.select(Person.id)
        .join(RoleGrant, RoleGrant.person_id == Person.id)
        .where(RoleGrant.school_urn == urn, RoleGrant.role == Role.ADMINISTRATOR, *can_sign_in)
    )
    of_the_trust = (
        sa.select(Person.id)
        .join(TrustGrant, TrustGrant.person_id == Person.id)
        .join(School, School.trust_id == TrustGrant.trust_id)
        .where(
            School.urn == urn,
            TrustGrant.role == Role.TRUST_ADMINISTRATOR,
            *can_sign_in,
        )
    )
    return set(session.scalars(sa.union(own, of_the_trust)))
