"""The verbs of groups: found, change, invite, accept, decline, take out, leave."""

from __future__ import annotations

from datetime import timedelta

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from marketplace import clock
from marketplace.accounts.actor import Actor
from marketplace.accounts.roles import Permission
from marketplace.audiences.groups.events import (
    GroupChanged,
    GroupDeclined,
    GroupFounded,
    GroupInvited,
    GroupJoined,
    GroupLeft,
)
from marketplace.audiences.groups.queries import MOST_SCHOOLS, count_places, find_place
from marketplace.audiences.models import GroupMember, MemberState, SchoolGroup
from marketplace.errors import Conflict, NotFound, Refusal
from marketplace.idempotency import idempotent, key_of
from marketplace.limits import Writing, refuse_too_many
from marketplace.outbox.service import record
from marketplace.schools.models import School
from marketplace.schools.standing import why_not
from marketplace.web.texts import visible

LONGEST_NAME, LONGEST_PURPOSE = 100, 500
ASKED_AGAIN_AFTER = timedelta(days=30)
"""For so long a school that declined is not asked again."""


def found_group(
    session: Session, actor: Actor, *, name: str, purpose: str, idempotency_key: str
) -> SchoolGroup:
    """Found a group that the school acted for leads; the same ``idempotency_key`` founds it once.

    Raises:
        NotAllowed: without the role.
        Refusal: without a name or a purpose.
        AlreadySent: if the key has founded another group.
        TooMany: if the school has founded too many already.
    """
    actor.require(Permission.MANAGE_GROUPS)
    urn = actor.school()
    name, purpose = _checked(name, purpose)
    key = key_of(actor.person_id, idempotency_key)
    existing = idempotent(
        session,
        SchoolGroup,
        key,
        same_as=lambda group: (group.lead_urn, group.name, group.purpose) == (urn, name, purpose),
    )
    if existing is not None:
        return existing
    refuse_too_many(
        session, Writing.GROUPS, SchoolGroup.founded_at, {"school": SchoolGroup.lead_urn == urn}
    )
    now = clock.now()
    group = SchoolGroup(
        name=name,
        purpose=purpose,
        lead_urn=urn,
        founded_by_id=actor.person_id,
        founded_at=now,
        idempotency_key=key,
        version=1,
    )
    session.add(group)
    session.flush()
    session.add(
        GroupMember(
            group_id=group.id,
            school_urn=urn,
            state=MemberState.MEMBER,
            invited_by_id=actor.person_id,
            invited_at=now,
            answered_by_id=actor.person_id,
            answered_at=now,
        )
    )
    session.flush()
    _record_group(session, GroupFounded, group, actor.person_id)
    return group


def change_group(
    session: Session, actor: Actor, group: SchoolGroup, *, name: str, purpose: str, version: int
) -> SchoolGroup:
    """Change the name and the purpose of a group that the school acted for leads.

    Raises:
        NotAllowed: without the role.
        NotFound: if another school leads it.
        Refusal: without a name or a purpose.
        Conflict: if it has been changed since it was seen.
    """
    _require_lead(group, actor)
    name, purpose = _checked(name, purpose)
    session.refresh(group, with_for_update=True, attribute_names=["version"])
    if group.version != version:
        raise Conflict(
            "A colleague has changed this group since you opened it. Compare it with what you wrote"
            " (kept below); send it again to have yours."
        )
    group.name, group.purpose, group.version = name, purpose, version + 1
    session.flush()
    _record_group(session, GroupChanged, group, actor.person_id)
    return group


def invite_school(session: Session, actor: Actor, group: SchoolGroup, urn: int) -> GroupMember:
    """Invite a school into a group that the school acted for leads; once invited, it stays so.

    Raises:
        NotAllowed: without the role.
        NotFound: if another school leads the group, or there is no such school.
        Refusal: if the school takes no part, is in the group, or has declined lately.
        TooMany: if the school acted for has invited too many already.
    """
    _require_lead(group, actor)
    school = session.get(School, urn)
    if school is None:
        raise NotFound("The register has no school with this number.")
    if (reason := why_not(school, school.name)) is not None:
        raise Refusal(reason)
    place = find_place(session, group, urn)
    if place is not None and place.state == MemberState.INVITED:
        return place
    if place is not None and place.state == MemberState.MEMBER:
        raise Refusal(f"{school.name} is in the group already.")
    if place is not None and _has_declined_lately(place):
        raise Refusal(f"{school.name} has declined lately. Ask again in a month.")
    if count_places(session, group) >= MOST_SCHOOLS:
        raise Refusal(f"A group has at most {MOST_SCHOOLS:,} schools.")
    refuse_too_many(
        session,
        Writing.GROUP_INVITATIONS,
        GroupMember.invited_at,
        {"school": GroupMember.group_id == group.id},
    )
    if place is None:
        place = GroupMember(group_id=group.id, school_urn=urn)
    place.state = MemberState.INVITED
    place.invited_by_id, place.invited_at = actor.person_id, clock.now()
    place.answered_by_id = place.answered_at = None
    try:
        with session.begin_nested():
            session.add(place)
    except IntegrityError:
        # A colleague invited the same school at the same instant.
        of_colleague = find_place(session, group, urn)
        if of_colleague is None:
            raise
        return of_colleague
    _record(session, GroupInvited, place, actor)
    return place


def accept_group(session: Session, actor: Actor, group: SchoolGroup) -> GroupMember:
    """Join a group that the school acted for was invited into; who is in it stays so.

    Raises:
        NotAllowed: without the role.
        NotFound: if it was not invited, or the invitation was taken back.
    """
    place = _own_place(session, actor, group)
    if place.state == MemberState.MEMBER:
        return place
    _answer(place, actor, MemberState.MEMBER)
    session.flush()
    _record(session, GroupJoined, place, actor)
    return place


def decline_group(session: Session, actor: Actor, group: SchoolGroup) -> None:
    """Decline an invitation of the school acted for.

    Raises:
        NotAllowed: without the role.
        NotFound: if it was not invited, or the invitation was taken back.
        Conflict: if the school has joined in between.
    """
    place = _own_place(session, actor, group)
    if place.state == MemberState.MEMBER:
        raise Conflict("A colleague has accepted in between. You can leave the group.")
    _answer(place, actor, MemberState.DECLINED)
    session.flush()
    _record(session, GroupDeclined, place, actor)


def leave_group(session: Session, actor: Actor, group: SchoolGroup) -> None:
    """Leave a group; what the school showed to it, others of it no longer see.

    If the school led it, the one that has been in it for longest leads it then.

    Raises:
        NotAllowed: without the role.
        NotFound: if it is not in the group.
    """
    place = _own_place(session, actor, group)
    if place.state != MemberState.MEMBER:
        raise NotFound
    _answer(place, actor, MemberState.LEFT)
    session.flush()
    _record(session, GroupLeft, place, actor)
    hand_over_lead(session, group, actor.person_id)


def take_out(session: Session, actor: Actor, group: SchoolGroup, urn: int) -> None:
    """Take another school out of a group that the school acted for leads, or its invitation back.

    Raises:
        NotAllowed: without the role.
        NotFound: if another school leads the group, or the school is neither in it nor invited.
        Refusal: if it is one's own school.
    """
    _require_lead(group, actor)
    if urn == actor.urn:
        raise Refusal("To go yourselves, leave the group.")
    place = find_place(session, group, urn)
    if place is None or place.state not in (MemberState.MEMBER, MemberState.INVITED):
        raise NotFound
    was_in = place.state == MemberState.MEMBER
    _answer(place, actor, MemberState.LEFT)
    session.flush()
    _record(session, GroupLeft if was_in else GroupDeclined, place, actor)


def hand_over_lead(session: Session, group: SchoolGroup, actor_id: int | None) -> None:
    """Let the school that has been in a group for longest lead it, if its lead has left."""
    in_group = sa.select(GroupMember.school_urn).where(
        GroupMember.group_id == group.id, GroupMember.state == MemberState.MEMBER
    )
    urns = session.scalars(in_group.order_by(GroupMember.answered_at, GroupMember.school_urn)).all()
    if not urns or group.lead_urn in urns:
        return
    group.lead_urn = urns[0]
    group.version += 1
    session.flush()
    _record_group(session, GroupChanged, group, actor_id)


def _record(
    session: Session,
    kind: type[GroupInvited | GroupJoined | GroupDeclined | GroupLeft],
    place: GroupMember,
    actor: Actor,
) -> None:
    record(
        session,
        kind(
            actor_id=actor.person_id,
            school_urns=(place.school_urn,),
            group_id=place.group_id,
            member_id=place.id,
        ),
    )


def _record_group(
    session: Session,
    kind: type[GroupFounded | GroupChanged],
    group: SchoolGroup,
    actor_id: int | None,
) -> None:
    record(
        session,
        kind(
            actor_id=actor_id,
            school_urns=(group.lead_urn,),
            group_id=group.id,
        ),
    )


def _checked(name: str, purpose: str) -> tuple[str, str]:
    name, purpose = name.strip(), purpose.strip()
    if not visible(name) or len(name) > LONGEST_NAME:
        raise Refusal(f"Write a name of at most {LONGEST_NAME} characters.", field="name")
    if not visible(purpose) or len(purpose) > LONGEST_PURPOSE:
        raise Refusal(
            f"Say what it is for, in at most {LONGEST_PURPOSE} characters.", field="purpose"
        )
    return name, purpose


def _require_lead(group: SchoolGroup, actor: Actor) -> None:
    if group.lead_urn != actor.urn:
        raise NotFound
    actor.require(Permission.MANAGE_GROUPS)


def _own_place(session: Session, actor: Actor, group: SchoolGroup) -> GroupMember:
    actor.require(Permission.MANAGE_GROUPS)
    place = find_place(session, group, actor.school())
    if place is None or place.state not in (MemberState.MEMBER, MemberState.INVITED):
        raise NotFound
    return place


def _answer(place: GroupMember, actor: Actor, state: MemberState) -> None:
    place.state = state
    place.answered_by_id, place.answered_at = actor.person_id, clock.now()


def _has_declined_lately(place: GroupMember) -> bool:
    return (
        place.state == MemberState.DECLINED
        and place.answered_at is not None
        and place.answered_at > clock.now() - ASKED_AGAIN_AFTER
    )
