"""What becomes of the groups of a school that closes, leaves, or is carried on by another."""

from __future__ import annotations

from collections.abc import Iterable

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from marketplace import clock
from marketplace.audiences.groups.events import GroupJoined, GroupLeft
from marketplace.audiences.groups.queries import find_place
from marketplace.audiences.groups.service import hand_over_lead
from marketplace.audiences.models import GroupMember, MemberState
from marketplace.outbox.service import record


def hand_over_groups(session: Session, old_urn: int, new_urn: int) -> int:
    """Let a school be in the groups of the one that it carries on for; return how many."""
    count = 0
    for place in _places(session, [old_urn]):
        was_in = place.state == MemberState.MEMBER
        new_place = find_place(session, place.group, new_urn)
        if new_place is None:
            new_place = GroupMember(
                group_id=place.group_id,
                school_urn=new_urn,
                invited_by_id=place.invited_by_id,
                invited_at=place.invited_at,
            )
            session.add(new_place)
        if new_place.state != MemberState.MEMBER:
            new_place.state = place.state
            new_place.answered_by_id, new_place.answered_at = (
                place.answered_by_id,
                place.answered_at,
            )
        session.flush()
        if was_in:
            count += 1
            record(
                session,
                GroupJoined(
                    actor_id=None,
                    school_urns=(new_urn,),
                    group_id=place.group_id,
                    member_id=new_place.id,
                ),
            )
        if place.group.lead_urn == old_urn:
            place.group.lead_urn = new_urn
            place.group.version += 1
        _end(session, place)
    return count


def leave_groups_of(session: Session, urns: Iterable[int]) -> int:
    """Take schools that have closed or leave out of every group; return out of how many."""
    places = _places(session, list(urns))
    for place in places:
        _end(session, place)
        hand_over_lead(session, place.group, None)
    return len(places)


def _places(session: Session, urns: list[int]) -> list[GroupMember]:
    return list(
        session.scalars(
            sa.select(GroupMember)
            .where(
                GroupMember.school_urn.in_(urns),
                GroupMember.state.in_((MemberState.MEMBER, MemberState.INVITED)),
            )
            .order_by(GroupMember.id)
            .options(joinedload(GroupMember.group))
        )
    )


def _end(session: Session, place: GroupMember) -> None:
    was_in = place.state == MemberState.MEMBER
    place.state, place.answered_by_id, place.answered_at = MemberState.LEFT, None, clock.now()
    session.flush()
    if was_in:
        record(
            session,
            GroupLeft(
                actor_id=None,
                school_urns=(place.school_urn,),
                group_id=place.group_id,
                member_id=place.id,
            ),
        )
