"""Who may see what, as conditions of the database, and how many schools that is."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, NamedTuple, cast

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from marketplace.accounts.actor import Actor
from marketplace.audiences.audience import (
    OWN_STAFF_ONLY,
    SQUARE_METRES,
    Audience,
    Belonging,
    Reach,
)
from marketplace.audiences.models import GroupMember, HasAudience, MemberState
from marketplace.schools.facts import Status
from marketplace.schools.models import School
from marketplace.schools.traits import DIMENSIONS, Trait, fits_in_sql

_OfOwner = aliased(GroupMember)
_OfViewer = aliased(GroupMember)


def visible_to(
    actor: Actor, model: type[HasAudience], owner: Any = School
) -> sa.ColumnElement[bool]:
    """Return the SQL condition that ``actor`` may see a row of ``model``.

    It is the one rule for search, counts, alerts, profiles and everything else with an audience.
    The query must join the school that the row belongs to, as ``School`` or as the alias ``owner``.
    The network's operator and auditors see all but what is only for a school's own staff; an
    operator who reads a school's pages for support sees what it sees, but nothing confidential.
    """
    if actor.urn is None:
        return model.audience.not_in(OWN_STAFF_ONLY)
    viewer = _Viewer(
        urn=actor.urn,
        region=actor.region,
        local_authority_code=actor.local_authority_code,
        trust_id=actor.trust_id,
        position=actor.position,
        traits=actor.traits,
        is_support=actor.support_id is not None,
    )
    return _visible_to(viewer, cast(Any, model), owner)


class _Viewer(NamedTuple):
    """What it depends on of who looks."""

    urn: int
    region: str | None
    local_authority_code: str | None
    trust_id: int | None
    position: tuple[int, int] | None
    traits: Trait
    is_support: bool


@lru_cache(200)
def _visible_to(viewer: _Viewer, model: type[HasAudience], owner: Any) -> sa.ColumnElement[bool]:
    """The condition for one school, kept while its people look: making it takes longer than use."""
    own = owner.urn == viewer.urn
    if viewer.is_support:
        own = sa.and_(own, model.audience != Reach.CONFIDENTIAL)
    return sa.or_(
        own, sa.and_(_reaches(viewer, model, owner), _is_narrowed_to(viewer.traits, model))
    )


def visible_to_others(model: Any) -> sa.ColumnElement[bool]:
    """Return the SQL condition that schools besides the owner may see a row of ``model``."""
    return model.audience.not_in(OWN_STAFF_ONLY)


def _reaches(viewer: _Viewer, model: type[HasAudience], owner: Any) -> sa.ColumnElement[bool]:
    reaches = [model.audience == Reach.NATIONAL]
    if viewer.region is not None:
        reaches.append(sa.and_(model.audience == Reach.REGION, owner.region == viewer.region))
    if viewer.local_authority_code is not None:
        reaches.append(
            sa.and_(
                model.audience == Reach.LOCAL_AUTHORITY,
                owner.local_authority_code == viewer.local_authority_code,
            )
        )
    if viewer.trust_id is not None:
        reaches.append(sa.and_(model.audience == Reach.TRUST, owner.trust_id == viewer.trust_id))
    if viewer.position is not None:
        reach = sa.case(
            {miles: _fixed(metres) for miles, metres in SQUARE_METRES.items()},
            value=model.audience_miles,
        )
        reaches.append(
            sa.and_(model.audience == Reach.NEAR, square_metres(owner, viewer.position) <= reach)
        )
    reaches.append(
        sa.and_(
            model.audience == Reach.GROUP,
            sa.exists()
            .where(
                _OfViewer.group_id.in_((model.audience_group_id, model.audience_second_group_id)),
                _OfViewer.school_urn == viewer.urn,
                _OfViewer.state == MemberState.MEMBER,
                _OfOwner.group_id == _OfViewer.group_id,
                _OfOwner.school_urn == owner.urn,
                _OfOwner.state == MemberState.MEMBER,
            )
            .correlate_except(_OfViewer, _OfOwner),
        )
    )
    return sa.or_(*reaches)


def _is_narrowed_to(traits: Trait, model: type[HasAudience]) -> sa.ColumnElement[bool]:
    only = model.audience_only

    def has_any(wanted: sa.ColumnElement[int]) -> sa.ColumnElement[bool]:
        return only.bitwise_and(wanted) != _fixed(0)

    return sa.or_(
        only == _fixed(0),
        sa.and_(
            *(
                sa.or_(~has_any(_fixed(dimension)), has_any(sa.literal(int(dimension & traits))))
                for dimension in DIMENSIONS
            )
        ),
    )


def _fixed(number: int) -> sa.ColumnElement[int]:
    """A number that is the same for everybody, as part of the statement.

    The driver of PostgreSQL keeps what it made of a statement only up to 50 parameters.
    """
    return sa.literal_column(str(int(number)), sa.Integer)


def reached_by(audience: Audience, owner: Belonging) -> sa.ColumnElement[bool]:
    """Return the SQL condition that a ``School`` other than the owner's sees what it shows.

    It is the rule from the other side: for counting and listing who sees something.
    """
    reach = _reaches_school(audience, owner)
    if reach is None:
        return sa.false()
    return sa.and_(School.urn != owner.urn, reach, fits_in_sql(audience.only))


def _reaches_school(audience: Audience, owner: Belonging) -> sa.ColumnElement[bool] | None:
    """The condition on the school; ``None`` if there is none that it reaches."""
    match audience.reach:
        case Reach.NATIONAL:
            return sa.true()
        case Reach.REGION:
            return School.region == owner.region if owner.region is not None else None
        case Reach.LOCAL_AUTHORITY:
            code = owner.local_authority_code
            return School.local_authority_code == code if code is not None else None
        case Reach.TRUST:
            return School.trust_id == owner.trust_id if owner.trust_id is not None else None
        case Reach.GROUP:
            groups = audience.group_ids & owner.group_ids
            if not groups:
                return None
            return sa.exists().where(
                GroupMember.group_id.in_(groups),
                GroupMember.school_urn == School.urn,
                GroupMember.state == MemberState.MEMBER,
            )
        case Reach.NEAR:
            return is_within(audience.miles, owner.position)
        case Reach.SCHOOL | Reach.CONFIDENTIAL:
            return None


def is_within(
    miles: int | None, position: tuple[int, int] | None, school: Any = School
) -> sa.ColumnElement[bool] | None:
    """Return the condition that a school is within so many miles; ``None`` if none can be."""
    if position is None or miles not in SQUARE_METRES:
        return None
    east, north = position
    square = SQUARE_METRES[miles]
    reach = int(square**0.5) + 1
    return sa.and_(
        # The index has these; the circle within them is measured.
        school.easting.between(east - reach, east + reach),
        school.northing.between(north - reach, north + reach),
        square_metres(school, position) <= square,
    )


def takes_part() -> sa.ColumnElement[bool]:
    """Return the condition that a ``School`` takes part, so that its people can see anything."""
    return sa.and_(School.joined_at.is_not(None), School.status != Status.CLOSED)


def count_viewers(session: Session, audience: Audience, owner: Belonging) -> int:
    """Return how many schools that take part see what ``owner`` shows, without itself."""
    return (
        session.scalar(
            sa.select(sa.func.count())
            .select_from(School)
            .where(takes_part(), reached_by(audience, owner))
        )
        or 0
    )


def count_near(session: Session, audience: Audience, owner: Belonging) -> int:
    """Return how many schools that take part are near enough to be asked in confidence."""
    return (
        session.scalar(
            sa.select(sa.func.count()).select_from(School).where(*may_be_asked(audience, owner))
        )
        or 0
    )


def may_be_asked(audience: Audience, owner: Belonging) -> list[sa.ColumnElement[bool]]:
    """Return the conditions that a ``School`` may be asked about what is confidential."""
    near = is_within(audience.miles, owner.position)
    return [
        takes_part(),
        School.paused_at.is_(None),
        School.urn != owner.urn,
        fits_in_sql(audience.only),
        near if near is not None else sa.false(),
    ]


def groups_of(session: Session, urn: int) -> frozenset[int]:
    """Return the numbers of the groups that a school is in."""
    return frozenset(
        session.scalars(
            sa.select(GroupMember.group_id).where(
                GroupMember.school_urn == urn, GroupMember.state == MemberState.MEMBER
            )
        )
    )


def get_belonging(session: Session, school: School) -> Belonging:
    """Return what a school is and belongs to, with its groups."""
    return Belonging.of_school(school, groups_of(session, school.urn))


def square_metres(school: Any, position: tuple[int, int]) -> sa.ColumnElement[int]:
    """Return how far a school is from a position, as the square of metres."""
    # Pythagoras on the National Grid: true to a part in a thousand within England.
    east = sa.cast(school.easting, sa.BigInteger) - position[0]
    north = sa.cast(school.northing, sa.BigInteger) - position[1]
    return east * east + north * north
