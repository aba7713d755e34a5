"""What one invented listing says, and which schools could believably have written it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

ListingKind = Literal["offer", "request"]
SchoolPhase = Literal["nursery", "primary", "secondary", "all-through", "16 plus", "special"]
Mode = Literal["on_site", "at_ours", "online"]
"""Where it happens: at the school that asked, at the school that gives, or on a screen.

For a request, too, “ours” is the school that gives the help.
"""

SCHOOL_PHASES: tuple[SchoolPhase, ...] = get_args(SchoolPhase)
MODES: tuple[Mode, ...] = get_args(Mode)
ANY_SCHOOL = SCHOOL_PHASES
PRIMARY: tuple[SchoolPhase, ...] = ("primary", "all-through")
SECONDARY: tuple[SchoolPhase, ...] = ("secondary", "all-through")
SIXTH_FORM: tuple[SchoolPhase, ...] = ("secondary", "all-through", "16 plus")
SCHOOLS: tuple[SchoolPhase, ...] = ("primary", "secondary", "all-through", "special")

_AGES: dict[str, tuple[int, int]] = {
    "early-years": (2, 5),
    "ks1": (5, 7),
    "ks2": (7, 11),
    "ks3": (11, 14),
    "ks4": (14, 16),
    "post-16": (16, 19),
}
_TAUGHT_IN: dict[SchoolPhase, tuple[str, ...]] = {
    "primary": ("early-years", "ks1", "ks2"),
    "secondary": ("ks3", "ks4", "post-16"),
    "all-through": tuple(_AGES),
}


@dataclass(frozen=True, slots=True)
class ListingText:
    """An offer or a request in the words of a school, without saying which.

    ``minutes`` is the suggested length, a multiple of 15. ``topics`` and ``phases`` are slugs
    of :mod:`marketplace.listings.topics`.
    """

    kind: ListingKind
    title: str
    description: str
    topics: tuple[str, ...]
    phases: tuple[str, ...]
    suits: tuple[SchoolPhase, ...]
    mode: Mode
    minutes: int

    def plausible_for(
        self, school_phase: SchoolPhase, age_low: int | None, age_high: int | None
    ) -> bool:
        """Whether a school of this phase and these pupils’ ages could have written it.

        A sixth-form text needs a sixth form, a Reception text needs more than juniors; but a
        secondary school may well help primary pupils, whom it doesn’t have. Ages that the
        register doesn’t know rule nothing out.
        """
        if school_phase not in self.suits:
            return False
        own = [_AGES[phase] for phase in self.phases if phase in _TAUGHT_IN.get(school_phase, ())]
        if not own or age_low is None or age_high is None:
            return True
        return any(min(high, age_high) > max(low, age_low) for low, high in own)


def prose(text: str) -> str:
    """Unwrap the lines of each paragraph of ``text``; list items (“– …”) keep their own lines."""
    return "\n\n".join(_unwrap(block) for block in text.split("\n\n") if block.strip())


def _unwrap(block: str) -> str:
    lines: list[str] = []
    for line in map(str.strip, block.strip().splitlines()):
        if lines and not line.startswith("– "):
            lines[-1] += f" {line}"
        else:
            lines.append(line)
    return "\n".join(lines)
