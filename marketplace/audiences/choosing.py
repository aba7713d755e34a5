"""What a school may choose as an audience, and who would see something then."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from marketplace.accounts.actor import Actor
from marketplace.audiences.audience import SQUARE_METRES, Audience, Belonging, Reach
from marketplace.audiences.models import GroupMember, MemberState, SchoolGroup
from marketplace.audiences.queries import count_near, count_viewers
from marketplace.audiences.words import OwnerNames, how_many, in_words, schools
from marketplace.errors import Refusal
from marketplace.schools.models import LocalAuthority, School, Trust
from marketplace.web.capitals import proper


@dataclass(frozen=True, slots=True)
class OwnCircles:
    """What the school acted for belongs to, with the names."""

    belonging: Belonging
    names: OwnerNames

    @property
    def groups(self) -> list[tuple[int, str]]:
        """The groups that it is in, by name."""
        return sorted(self.names.groups.items(), key=lambda group: (group[1].casefold(), group[0]))


@dataclass(frozen=True, slots=True)
class Preview:
    """Who would see something, in words; or what is still to be chosen."""

    words: str
    count: str = ""
    missing: bool = False


def own_circles(session: Session, actor: Actor) -> OwnCircles:
    """Return what the school acted for belongs to, in two statements.

    Raises:
        NotAllowed: if the person acts for the network.
    """
    urn = actor.school()
    authority, trust = session.execute(
        sa.select(LocalAuthority.name, Trust.name)
        .select_from(School)
        .join(LocalAuthority, LocalAuthority.code == School.local_authority_code)
        .outerjoin(Trust, Trust.id == School.trust_id)
        .where(School.urn == urn)
    ).one()
    groups = session.execute(
        sa.select(SchoolGroup.id, SchoolGroup.name)
        .join(GroupMember, GroupMember.group_id == SchoolGroup.id)
        .where(GroupMember.school_urn == urn, GroupMember.state == MemberState.MEMBER)
    ).all()
    names = OwnerNames(
        trust=proper(trust) if trust else "",
        local_authority=authority,
        region=actor.region or "",
        groups=dict(groups),
    )
    return OwnCircles(Belonging.of_actor(actor, frozenset(names.groups)), names)


def check_audience(audience: Audience, owner: Belonging, *, field: str = "audience") -> None:
    """Refuse an audience that the school ``owner`` cannot choose; everything with one asks this.

    Raises:
        Refusal: naming the field at fault, which is ``field`` for the reach.
    """
    if reason := _why_not(audience.reach, owner):
        raise Refusal(
            f"Who may see it? Your school {reason}: choose another audience.", field=field
        )
    has_distance = audience.reach in (Reach.NEAR, Reach.CONFIDENTIAL)
    if has_distance and audience.miles not in SQUARE_METRES:
        raise Refusal("Choose within how many miles.", field=f"{field}_miles")
    if audience.reach == Reach.GROUP and audience.group_id not in owner.group_ids:
        raise Refusal("Choose a group that your school is in.", field=f"{field}_group")
    second = audience.second_group_id
    if second is not None and second not in owner.group_ids - {audience.group_id}:
        raise Refusal("Choose another group that your school is in.", field=f"{field}_second_group")
    if audience.miles is not None and not has_distance:
        raise ValueError("only what is near has a distance")
    if audience.group_ids and audience.reach != Reach.GROUP:
        raise ValueError("only what is for a group has one")


def preview(session: Session, audience: Audience, own: OwnCircles) -> Preview:
    """Return who would see what the school shows to ``audience``, and how many schools that is."""
    try:
        check_audience(audience, own.belonging)
    except Refusal as refusal:
        return Preview(refusal.message, missing=True)
    words = in_words(audience, own.names)
    if audience.reach == Reach.SCHOOL:
        return Preview(words)
    if audience.reach == Reach.CONFIDENTIAL:
        near = count_near(session, audience, own.belonging)
        return Preview(words, f"{schools(near)} near enough")
    return Preview(words, how_many(count_viewers(session, audience, own.belonging)))


def _why_not(reach: Reach, owner: Belonging) -> str:
    """Why the school cannot choose this reach, after “Your school”; empty if it can."""
    if reach == Reach.TRUST and owner.trust_id is None:
        return "belongs to no trust in the register"
    if reach == Reach.REGION and owner.region is None:
        return "has no region in the register"
    if reach in (Reach.NEAR, Reach.CONFIDENTIAL) and owner.position is None:
        return "has no position in the register"
    return ""
