"""Where a school stands in the network, in words: the one mark that every page shows beside it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from marketplace.schools.facts import Status


class SchoolFacts(Protocol):
    """What the mark of a school is made of; a School, or a row with these columns, has it."""

    @property
    def status(self) -> str:
        """Whether it is open in the register."""

    @property
    def joined_at(self) -> datetime | None:
        """Since when it takes part."""

    @property
    def paused_at(self) -> datetime | None:
        """Since when the operator has paused it."""

    @property
    def left_at(self) -> datetime | None:
        """When it left the network."""

    @property
    def continued_by_urn(self) -> int | None:
        """The school that carries on for it."""


@dataclass(frozen=True, slots=True)
class SchoolMark:
    """A word about a school that is not as others are, and the tone of its tag."""

    text: str
    tone: str


def school_mark(school: SchoolFacts) -> SchoolMark | None:
    """Return what has to be said beside the name of ``school``; None if it takes part as usual."""
    if school.continued_by_urn is not None and school.joined_at is None:
        return SchoolMark("Now another school", "neutral")
    if school.status == Status.CLOSED:
        return SchoolMark("Closed", "danger")
    if school.joined_at is None:
        return SchoolMark("Left the network", "neutral") if school.left_at else None
    return SchoolMark("Paused", "warning") if school.paused_at else None


def takes_part(school: SchoolFacts) -> bool:
    """Say whether other schools can agree something with ``school`` now."""
    return (
        school.joined_at is not None and school.paused_at is None and school.status != Status.CLOSED
    )


def why_not(school: SchoolFacts, name: str) -> str | None:
    """Say in a sentence why nothing can be agreed with the school ``name``; None if it can."""
    if school.status == Status.CLOSED:
        return f"{name} has closed, so nothing can be agreed with it."
    if school.joined_at is None:
        left = "no longer takes part" if school.left_at else "does not take part"
        return f"{name} {left} in the network{'' if school.left_at else ' yet'}."
    if school.paused_at is not None:
        return (
            f"{name} is paused by the network’s operator at the moment, so nothing can be agreed"
            " with it. Try again later, or ask the operator."
        )
    return None
