"""Who decides what one operator has proposed: another operator, or an auditor if there is none."""

from __future__ import annotations

from collections.abc import Iterable

import sqlalchemy as sa
from sqlalchemy.orm import Session

from marketplace.accounts.actor import Actor
from marketplace.accounts.holders import school_of_role
from marketplace.accounts.models import Person, RoleGrant
from marketplace.accounts.roles import Permission, Role
from marketplace.errors import NotAllowed

SEVERAL_OPERATORS = "There are several operators, so one of them has to decide this."


def may_decide(session: Session, actor: Actor) -> bool:
    """Say whether ``actor`` may decide about what another person proposed."""
    if actor.may(Permission.MANAGE_NETWORK):
        return True
    return actor.may(Permission.AUDIT_LEDGER) and auditors_decide(session)


def why_not_decide(
    session: Session, actor: Actor, proposed_by_id: int | None, urns: Iterable[int | None]
) -> str:
    """Say why a person of the network may not approve a proposal, and who may; "" if they may.

    Nobody decides about a school, one of ``urns``, where they hold a role.
    """
    if not may_decide(session, actor):
        return SEVERAL_OPERATORS
    if actor.person_id == proposed_by_id:
        return f"You have proposed this yourself, so {who_approves(session)} has to approve it."
    school = school_of_role(session, actor.person_id, urns)
    if school is None:
        return ""
    return (
        f"You hold a role at {school.name}, so {who_approves(session)} without one there has to"
        " decide this."
    )


def require_decider(session: Session, actor: Actor) -> None:
    """Refuse all but operators and, where there is only one operator, auditors.

    Raises:
        NotAllowed: saying who decides.
    """
    if not actor.may(Permission.AUDIT_LEDGER):
        actor.require(Permission.MANAGE_NETWORK)
    if not may_decide(session, actor):
        raise NotAllowed(SEVERAL_OPERATORS)


def require_second_person(
    session: Session, actor: Actor, proposed_by_id: int | None, urns: Iterable[int | None]
) -> None:
    """Refuse who has proposed it themselves, or holds a role at one of the schools ``urns``.

    Raises:
        NotAllowed: saying who may decide.
    """
    if why_not := why_not_decide(session, actor, proposed_by_id, urns):
        raise NotAllowed(why_not)


def who_approves(session: Session) -> str:
    """Say in words who can approve a proposal besides the operator who made it."""
    return "an auditor or another operator" if auditors_decide(session) else "another operator"


def auditors_decide(session: Session) -> bool:
    """Say whether there is at most one operator, so that auditors decide as well."""
    return (session.scalar(sa.select(operators_query())) or 0) <= 1


def operators_query() -> sa.ScalarSelect[int]:
    """Return the query that counts the people who run the network: those who are switched on.

    It is asked on the network’s pages: that there is no school, there is an index for.
    """
    return (
        sa.select(sa.func.count(Person.id.distinct()))
        .join(RoleGrant, RoleGrant.person_id == Person.id)
        # The network's roles alone have an index of few rows.
        .where(RoleGrant.school_urn.is_(None), RoleGrant.role == Role.OPERATOR, Person.active)
        .scalar_subquery()
    )
