"""Resetting the second factor of a colleague who has lost it, with all recovery codes."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import Session

from marketplace.accounts.actor import Actor
from marketplace.accounts.models import Person, RoleGrant, TrustGrant
from marketplace.accounts.roles import NETWORK_ROLES, Role
from marketplace.accounts.second_factors import factors
from marketplace.accounts.second_factors.telling import tell_of_reset
from marketplace.accounts.security_log import SecurityKind, record_security
from marketplace.errors import Refusal
from marketplace.members.events import FactorsReset
from marketplace.members.service import colleague, roles_at, school_to_manage
from marketplace.outbox.service import record


def why_no_reset(session: Session, actor: Actor, urn: int, person: Person) -> str | None:
    """Say why ``actor`` may not reset this person's second factor, or ``None`` if they may.

    It is a factor of the whole account: an administrator resets that of a person who works at
    their own school only, an operator that of every person but the network's staff, and nobody
    their own.
    """
    if person.id == actor.person_id:
        return (
            "You cannot reset your own second factor. Sign in with a recovery code, or ask another"
            " administrator or the network’s operator."
        )
    roles = {
        (role.school_urn, Role(role.role))
        for role in session.scalars(sa.select(RoleGrant).where(RoleGrant.person_id == person.id))
    }
    if not NETWORK_ROLES.isdisjoint(role for _, role in roles):
        return (
            f"{person.name} works for the network. Only the person who runs the server can reset"
            " their second factor (flask --app wsgi people reset-factors)."
        )
    works_elsewhere = any(school_urn != urn for school_urn, _ in roles) or session.scalar(
        sa.select(sa.exists().where(TrustGrant.person_id == person.id))
    )
    if works_elsewhere and actor.urn is not None:
        return (
            f"{person.name} also works at another school, and has one account for both. Ask the"
            " network’s operator to reset their second factor."
        )
    return None


def reset_factors(session: Session, actor: Actor, urn: int, person_id: int) -> Person:
    """Take a colleague's second factors away, end their sessions and tell them; return them.

    In the security log it is marked if the colleague sees to money, for the operator to look at.

    Raises:
        NotAllowed: if the roles do not allow it.
        NotFound: if the person does not work at the school.
        Refusal: if ``actor`` may not reset this person's factor, or there is none.
    """
    school = school_to_manage(session, actor, urn, lock=True)
    person, _ = colleague(session, urn, person_id)
    if (reason := why_no_reset(session, actor, urn, person)) is not None:
        raise Refusal(reason)
    if not factors.reset(session, person):
        raise Refusal(f"{person.name} has no second factor.")
    record_security(
        session,
        SecurityKind.FACTORS_RESET,
        person_id=person.id,
        actor_id=actor.person_id,
        school_urn=urn,
        finance=int(Role.FINANCE in roles_at(session, urn, person.id)),
    )
    where = school.name if actor.urn is not None else "the network"
    tell_of_reset(session, person, by=f"{actor.person_name} of {where}")
    record(
        session,
        FactorsReset(actor_id=actor.person_id, school_urns=(urn,), person_id=person.id),
    )
    return person
