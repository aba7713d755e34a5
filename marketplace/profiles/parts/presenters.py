"""The parts of a school's page, as the pages show them."""

from __future__ import annotations

from dataclasses import dataclass

from markupsafe import Markup

from marketplace.audiences.words import label
from marketplace.profiles.parts.models import PartKind, ProfilePart
from marketplace.profiles.parts.rendering import render_markdown

HEADINGS: dict[PartKind, str] = {
    PartKind.OUTSTANDING: "What we do outstandingly",
    PartKind.EVIDENCE: "What shows it",
    PartKind.WELCOME: "Working with us",
    PartKind.CONTACT: "Contact and leads",
}
HINTS: dict[PartKind, str] = {
    PartKind.OUTSTANDING: "What other schools could come to see, and what it changed for pupils.",
    PartKind.EVIDENCE: "Accreditations, hub roles, strengths in inspection reports, what visitors"
    " said. Link to where it can be read.",
    PartKind.WELCOME: "Visits, days that suit you, what you would like in return.",
    PartKind.CONTACT: "Whom to turn to for what, and how. Name only colleagues who agree.",
}


@dataclass(frozen=True, slots=True)
class PartRow:
    """One part of a school's page, ready to be shown."""

    kind: str
    heading: str
    body: Markup
    seen_by: str


def part_row(part: ProfilePart) -> PartRow:
    """Return a part as the page shows it."""
    kind = PartKind(part.kind)
    return PartRow(kind.value, HEADINGS[kind], render_markdown(part.text), label(part.seen_by))
