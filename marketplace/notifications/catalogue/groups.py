"""Kinds of notifications about groups of schools: an invitation, and what became of it."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from marketplace.accounts.roles import Permission
from marketplace.audiences.groups.events import GroupDeclined, GroupInvited, GroupJoined
from marketplace.audiences.models import GroupMember, MemberState
from marketplace.notifications.catalogue.things import GROUP_MEMBER
from marketplace.notifications.kinds import Audience, Facts, Group, Kind, Notice, Target, Urgency
from marketplace.notifications.models import Frequency


def _about_id(event: Any) -> int:
    member_id: int = event.member_id
    return member_id


def _invited_school(_session: Session, _event: Any, place: GroupMember) -> list[Audience]:
    return [Audience(place.school_urn)]


def _leading_school(_session: Session, event: Any, place: GroupMember) -> list[Audience]:
    """The school that leads the group, unless it is what it has done itself."""
    lead = place.group.lead_urn
    if place.school_urn == lead:
        return []
    without = frozenset() if event.actor_id is None else frozenset({event.actor_id})
    return [Audience(lead, without=without)]


def _group(notice: Notice[GroupMember]) -> Target:
    return Target("groups.group", {"group_id": notice.facts.group_id})


def _facts(notice: Notice[GroupMember]) -> Facts:
    group = notice.facts.group
    return [("Group", group.name), ("Led by", group.lead.name)]


KINDS: tuple[Kind[Any, GroupMember], ...] = (
    Kind(
        name="group.invited",
        label="Another school invites us into a group",
        group=Group.SCHOOL,
        event=GroupInvited,
        about=GROUP_MEMBER,
        about_id=_about_id,
        permission=Permission.MANAGE_GROUPS,
        audiences=_invited_school,
        title=lambda notice: (
            f"{notice.facts.group.lead.name} invites your school into {notice.facts.group.name}"
        ),
        facts=_facts,
        target=_group,
        is_current=lambda notice: notice.facts.state == MemberState.INVITED,
        urgency=Urgency.TASK,
        default=Frequency.AT_ONCE,
    ),
    Kind(
        name="group.joined",
        label="A school joins a group that we lead",
        group=Group.SCHOOL,
        event=GroupJoined,
        about=GROUP_MEMBER,
        about_id=_about_id,
        permission=Permission.MANAGE_GROUPS,
        audiences=_leading_school,
        title=lambda notice: f"{notice.facts.school.name} has joined {notice.facts.group.name}",
        target=_group,
        is_current=lambda notice: notice.facts.state == MemberState.MEMBER,
        urgency=Urgency.NEWS,
        default=Frequency.DAILY,
    ),
    Kind(
        name="group.declined",
        label="A school declines to join a group that we lead",
        group=Group.SCHOOL,
        event=GroupDeclined,
        about=GROUP_MEMBER,
        about_id=_about_id,
        permission=Permission.MANAGE_GROUPS,
        audiences=_leading_school,
        title=lambda notice: f"{notice.facts.school.name} does not join {notice.facts.group.name}",
        target=_group,
        is_current=lambda notice: notice.facts.state == MemberState.DECLINED,
        urgency=Urgency.NEWS,
        default=Frequency.DAILY,
    ),
)
