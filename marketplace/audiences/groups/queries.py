"""Reading groups of schools: our own, those that invite us, and one with its schools."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, contains_eager, joinedload

from marketplace.accounts.actor import Actor
from marketplace.audiences.models import GroupMember, MemberState, SchoolGroup
from marketplace.errors import NotFound
from marketplace.schools.models import School
from marketplace.web.navigation import ActorLike

MOST_GROUPS = 100
MOST_SCHOOLS = 1000
"""How many schools a group may have, invited ones included."""
IN_OR_INVITED = (MemberState.MEMBER, MemberState.INVITED)


@dataclass(frozen=True, slots=True)
class OwnGroup:
    """A group as one of its schools, or one that is invited, has it in its list."""

    id: int
    name: str
    purpose: str
    lead: str
    is_lead: bool
    state: MemberState
    schools: int
    since: datetime


def list_own(session: Session, actor: Actor) -> list[OwnGroup]:
    """Return the groups that the school acted for is in or invited into, by name."""
    urn = actor.school()
    other = sa.orm.aliased(GroupMember)
    schools = (
        sa.select(sa.func.count())
        .where(other.group_id == SchoolGroup.id, other.state == MemberState.MEMBER)
        .correlate(SchoolGroup)
        .scalar_subquery()
    )
    rows = session.execute(
        sa.select(SchoolGroup, GroupMember, School.name, schools)
        .join(GroupMember, GroupMember.group_id == SchoolGroup.id)
        .join(School, School.urn == SchoolGroup.lead_urn)
        .where(GroupMember.school_urn == urn, GroupMember.state.in_(IN_OR_INVITED))
        .order_by(sa.func.lower(SchoolGroup.name), SchoolGroup.id)
        .limit(MOST_GROUPS)
    )
    return [
        OwnGroup(
            group.id,
            group.name,
            group.purpose,
            lead,
            group.lead_urn == urn,
            MemberState(member.state),
            count,
            member.answered_at or member.invited_at,
        )
        for group, member, lead, count in rows
    ]


def get_group(session: Session, group_id: int, actor: Actor) -> tuple[SchoolGroup, GroupMember]:
    """Return a group that the school acted for is in or invited into, with its own place in it.

    Raises:
        NotFound: if there is none, or the school has nothing to do with it.
    """
    row = session.execute(
        sa.select(SchoolGroup, GroupMember)
        .join(GroupMember, GroupMember.group_id == SchoolGroup.id)
        .where(
            SchoolGroup.id == group_id,
            GroupMember.school_urn == actor.school(),
            GroupMember.state.in_(IN_OR_INVITED),
        )
        .options(joinedload(SchoolGroup.lead))
    ).one_or_none()
    if row is None:
        raise NotFound
    group, place = row
    return group, place


def list_schools(session: Session, group: SchoolGroup, state: MemberState) -> list[GroupMember]:
    """Return the places of the schools that are in a group, or invited, by name."""
    return list(
        session.scalars(
            sa.select(GroupMember)
            .join(GroupMember.school)
            .where(GroupMember.group_id == group.id, GroupMember.state == state)
            .order_by(School.name, School.urn)
            .options(contains_eager(GroupMember.school))
        )
    )


def find_place(session: Session, group: SchoolGroup, urn: int) -> GroupMember | None:
    """Return the place of a school in a group, whatever its state; locked for a change."""
    return session.scalar(
        sa.select(GroupMember)
        .where(GroupMember.group_id == group.id, GroupMember.school_urn == urn)
        .with_for_update()
        .execution_options(populate_existing=True)
    )


def count_places(session: Session, group: SchoolGroup) -> int:
    """Return how many schools are in a group or invited."""
    return (
        session.scalar(
            sa.select(sa.func.count()).where(
                GroupMember.group_id == group.id, GroupMember.state.in_(IN_OR_INVITED)
            )
        )
        or 0
    )


def states_in(session: Session, group: SchoolGroup) -> dict[int, MemberState]:
    """Return the state of each school that is in a group or invited."""
    rows = session.execute(
        sa.select(GroupMember.school_urn, GroupMember.state).where(
            GroupMember.group_id == group.id, GroupMember.state.in_(IN_OR_INVITED)
        )
    )
    return {urn: MemberState(state) for urn, state in rows}


@dataclass(frozen=True, slots=True)
class Invitation:
    """An invitation that waits for the school's answer; ``count`` is how many there are."""

    group_id: int
    name: str
    lead: str
    since: datetime
    count: int


def list_invitations(session: Session, actor: ActorLike, limit: int) -> list[Invitation]:
    """Return the invitations that have waited for longest, at most ``limit``."""
    rows = session.execute(_invitations(), {"urn": actor.urn, "most": limit})
    return [Invitation(*row) for row in rows]


@cache
def _invitations() -> sa.Select[*tuple[Any, ...]]:
    """The invitations of the school ``urn``; made once, as each start page asks for them."""
    return (
        sa.select(
            SchoolGroup.id,
            SchoolGroup.name,
            School.name,
            GroupMember.invited_at,
            sa.func.count().over(),
        )
        .join(GroupMember, GroupMember.group_id == SchoolGroup.id)
        .join(School, School.urn == SchoolGroup.lead_urn)
        .where(
            GroupMember.school_urn == sa.bindparam("urn"), GroupMember.state == MemberState.INVITED
        )
        .order_by(GroupMember.invited_at, SchoolGroup.id)
        .limit(sa.bindparam("most", type_=sa.Integer))
    )


def is_invited() -> sa.ColumnElement[bool]:
    """Return the condition that an invitation waits for the school ``urn``."""
    return sa.exists().where(
        GroupMember.school_urn == sa.bindparam("urn"), GroupMember.state == MemberState.INVITED
    )
