"""The parts of a school's page, as the pages show them."""

from __future__ import annotations

from dataclasses import dataclass

from marketplace.audiences.words import label
from marketplace.profiles.parts.models import PartKind, ProfilePart
from marketplace.profiles.parts.rendering import plain_text
from marketplace.web.formats import day

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
class OwnPartRow:
    """One part as the school's own people see it, who may write it."""

    kind: str
    heading: str
    words: str
    is_written: bool
    about: str = ""


def own_part_row(kind: PartKind, part: ProfilePart | None) -> OwnPartRow:
    """Return a part for those who may write it: its words, who sees it and who wrote it when."""
    if part is None or not part.text:
        return OwnPartRow(kind.value, HEADINGS[kind], HINTS[kind], is_written=False)
    about = f"{label(part.seen_by)} · {part.written_by.name}, {day(part.written_at)}"
    words = plain_text(part.text)
    return OwnPartRow(kind.value, HEADINGS[kind], words, is_written=True, about=about)
