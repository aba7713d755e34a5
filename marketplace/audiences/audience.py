"""An audience: which schools may see something of a school's, and the rule in plain Python.

``queries`` has the same rule as a condition of the database. A test holds the two together, and
with what the search index answers.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from marketplace.accounts.actor import Actor
from marketplace.schools.models import School
from marketplace.schools.traits import NO_TRAITS, Trait, fits, traits_of
from marketplace.web.formats import METRES_PER_MILE


class Reach(StrEnum):
    """How far something is shown, from the narrowest to everyone."""

    SCHOOL = "school"
    CONFIDENTIAL = "confidential"
    """To nobody else, but the network asks schools that fit, without saying who asks."""
    TRUST = "trust"
    GROUP = "group"
    """To the schools of one or two named groups, as long as the owner is in them itself."""
    NEAR = "near"
    """To schools within so many miles."""
    LOCAL_AUTHORITY = "local_authority"
    REGION = "region"
    NATIONAL = "national"


OWN_STAFF_ONLY = (Reach.SCHOOL, Reach.CONFIDENTIAL)
"""What no other school sees, nor the network's operator and auditors."""

MILES = (3, 5, 10, 20, 30, 50)
"""The distances that an audience may have."""

SQUARE_METRES = {miles: int((miles * METRES_PER_MILE) ** 2) for miles in MILES}
"""The same as squares of metres on the National Grid, whole so that all count alike."""


@dataclass(frozen=True, slots=True)
class Audience:
    """Who may see something: how far it is shown, and to which kinds of school among these.

    Attributes:
        group_id: the group, if the reach is one.
        miles: the distance, if the reach is near; for what is confidential, how far away schools
            are asked.
        only: of each dimension that has traits here, a school must have one; none for all schools.
        alike: whether these traits were chosen as those of schools like ours.
        second_group_id: another group, whose schools see it as well.
    """

    reach: Reach = Reach.NATIONAL
    group_id: int | None = None
    miles: int | None = None
    only: Trait = NO_TRAITS
    alike: bool = False
    second_group_id: int | None = None

    @property
    def group_ids(self) -> frozenset[int]:
        """The groups whose schools see it, in so far as the owner is in them."""
        ids = (self.group_id, self.second_group_id)
        return frozenset(number for number in ids if number is not None)


@dataclass(frozen=True, slots=True)
class Belonging:
    """What a school is and belongs to, by which it is decided what it sees."""

    urn: int
    trust_id: int | None = None
    local_authority_code: str | None = None
    region: str | None = None
    position: tuple[int, int] | None = None
    traits: Trait = NO_TRAITS
    group_ids: frozenset[int] = frozenset()

    @classmethod
    def of_school(cls, school: School, group_ids: frozenset[int] = frozenset()) -> Belonging:
        """Return that of a school of the register, in these groups."""
        east, north = school.easting, school.northing
        return cls(
            school.urn,
            school.trust_id,
            school.local_authority_code,
            school.region,
            (east, north) if east is not None and north is not None else None,
            traits_of(school),
            group_ids,
        )

    @classmethod
    def of_actor(cls, actor: Actor, group_ids: frozenset[int] = frozenset()) -> Belonging:
        """Return that of the school acted for.

        Raises:
            NotAllowed: if the person acts for the network.
        """
        return cls(
            actor.school(),
            actor.trust_id,
            actor.local_authority_code,
            actor.region,
            actor.position,
            actor.traits,
            group_ids,
        )


def may_see(viewer: Belonging, owner: Belonging, audience: Audience) -> bool:
    """Say whether the school ``viewer`` may see what ``owner`` shows to ``audience``."""
    if viewer.urn == owner.urn:
        return True
    return _reaches(viewer, owner, audience) and fits(viewer.traits, audience.only)


def _reaches(viewer: Belonging, owner: Belonging, audience: Audience) -> bool:
    match audience.reach:
        case Reach.NATIONAL:
            return True
        case Reach.REGION:
            return owner.region is not None and viewer.region == owner.region
        case Reach.LOCAL_AUTHORITY:
            code = owner.local_authority_code
            return code is not None and viewer.local_authority_code == code
        case Reach.TRUST:
            return owner.trust_id is not None and viewer.trust_id == owner.trust_id
        case Reach.GROUP:
            return bool(audience.group_ids & viewer.group_ids & owner.group_ids)
        case Reach.NEAR:
            return is_near(viewer.position, owner.position, audience.miles)
        case Reach.SCHOOL | Reach.CONFIDENTIAL:
            return False


def is_near(one: tuple[int, int] | None, other: tuple[int, int] | None, miles: int | None) -> bool:
    """Say whether two places are at most so many miles apart; an unknown place is near nothing."""
    if one is None or other is None or miles not in SQUARE_METRES:
        return False
    return (one[0] - other[0]) ** 2 + (one[1] - other[1]) ** 2 <= SQUARE_METRES[miles]
