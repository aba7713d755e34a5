"""Audiences as people read them: “Primary schools of Leicester”."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from marketplace.audiences.audience import Audience, Reach
from marketplace.schools.regions import in_the
from marketplace.schools.traits import (
    FAITHS,
    KINDS,
    LABELS,
    PHASES,
    PLACES,
    SIZES,
    TYPES,
    Trait,
)

REACH_LABELS: dict[Reach, str] = {
    Reach.SCHOOL: "Only our own staff",
    Reach.CONFIDENTIAL: "Nobody: ask schools that fit, without our name",
    Reach.TRUST: "Schools of our trust",
    Reach.GROUP: "Schools of a group that we are in",
    Reach.NEAR: "Schools near us",
    Reach.LOCAL_AUTHORITY: "Schools of our local authority",
    Reach.REGION: "Schools of our region",
    Reach.NATIONAL: "Every school",
}
"""The choices of a school that says who may see something of its own."""

_BEFORE = Trait.MAINTAINED | Trait.INDEPENDENT
"""The types whose words can stand before “schools”."""
_TYPE_WORDS = {
    Trait.MAINTAINED: "maintained",
    Trait.ACADEMY: "academies or free schools",
    Trait.INDEPENDENT: "independent",
    Trait.COLLEGE: "colleges",
}


@dataclass(frozen=True, slots=True)
class OwnerNames:
    """What the places and circles of the owner are called; empty where it has none."""

    trust: str = ""
    local_authority: str = ""
    region: str = ""
    groups: Mapping[int, str] = field(default_factory=dict)


NO_NAMES = OwnerNames()


def label(audience: Audience, group_name: str = "", second_group_name: str = "") -> str:
    """Return an audience in short: how far it is shown, and to which kinds of school."""
    reach = REACH_LABELS[audience.reach]
    if audience.reach == Reach.GROUP and group_name:
        names = filter(None, (group_name, second_group_name))
        reach = f"Schools of {' and '.join(names)}"
    if audience.reach == Reach.NEAR:
        reach = f"Schools within {audience.miles} miles"
    kinds = kinds_of(audience.only)
    return f"{reach}; only {kinds}" if kinds else reach


def in_words(audience: Audience, names: OwnerNames = NO_NAMES) -> str:
    """Return who sees something, as a phrase: “Primary schools of Leicester”."""
    if audience.reach == Reach.SCHOOL:
        return "Only the staff of your own school"
    kinds = kinds_of(audience.only) or (
        "every school" if audience.reach == Reach.NATIONAL else "schools"
    )
    match audience.reach:
        case Reach.CONFIDENTIAL:
            return (
                f"Nobody but your own staff. We ask {kinds} within {audience.miles} miles that"
                " offer this, without your name"
            )
        case Reach.TRUST:
            where = f" of {names.trust or 'your trust'}"
        case Reach.GROUP:
            ids = (audience.group_id, audience.second_group_id)
            known = [name for number in ids if (name := names.groups.get(number or 0))]
            where = f" in {' or '.join(known) or 'the group'}"
        case Reach.NEAR:
            where = f" within {audience.miles} miles of yours"
        case Reach.LOCAL_AUTHORITY:
            where = f" of {names.local_authority or 'your local authority'}"
        case Reach.REGION:
            where = f" in {in_the(names.region) if names.region else 'your region'}"
        case _:
            where = " of the network"
    return kinds[0].upper() + kinds[1:] + where


def kinds_of(only: Trait) -> str:
    """Return the kinds of school that an audience is narrowed to; empty if it is not narrowed."""
    if not only:
        return ""
    before = [
        _either([LABELS[trait].lower() for trait in only & dimension])
        for dimension in (PLACES, KINDS, PHASES)
    ]
    after = []
    types = _either([_TYPE_WORDS[trait] for trait in only & TYPES])
    noun = "schools"
    if only & TYPES == Trait.COLLEGE:
        noun, types = types, ""
    elif not only & TYPES & ~_BEFORE:
        before.insert(0, types)
        types = ""
    if sizes := [LABELS[trait].lower().replace(" pupils", "") for trait in only & SIZES]:
        after.append(f"with {_either(sizes)} pupils")
    if types:
        after.append(f"that are {types}")
    if faiths := [LABELS[trait].lower() for trait in only & FAITHS]:
        after.append(_either(faiths))
    return " ".join([*filter(None, before), noun, *after])


def how_many(count: int) -> str:
    """Return how many schools that is: “84 schools at the moment”."""
    return f"{schools(count)} at the moment"


def schools(count: int) -> str:
    """Return so many schools in words: “1 school”, “84 schools”."""
    return "1 school" if count == 1 else f"{count:,} schools"


def _either(words: list[str]) -> str:
    if len(words) < 3:
        return " or ".join(words)
    return f"{', '.join(words[:-1])} or {words[-1]}"
