"""A school's page as others see it: its parts, and the pieces of evidence beside one of them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import sqlalchemy as sa
from markupsafe import Markup
from sqlalchemy.orm import Session

from marketplace.accounts.actor import Actor
from marketplace.audiences.queries import visible_to
from marketplace.audiences.words import label
from marketplace.profiles.evidence.models import Evidence
from marketplace.profiles.evidence.presenters import EvidenceRow, evidence_row
from marketplace.profiles.parts.models import PartKind, ProfilePart
from marketplace.profiles.parts.presenters import HEADINGS
from marketplace.profiles.parts.rendering import render_markdown
from marketplace.schools.models import School


@dataclass(frozen=True, slots=True)
class VisiblePart:
    """A part of a school's page that the actor may see, with the pieces of evidence beside it."""

    part: ProfilePart
    pieces: list[Evidence]


def visible_parts(session: Session, actor: Actor, urn: int) -> list[VisiblePart]:
    """Return the parts of a school's page that the actor may see, in the order of the page.

    Pieces of evidence are for those who see the part “What shows it”, the newest first; with any,
    it is there even if the school has written no words in it.
    """
    rows = session.execute(_parts(visible_to(actor, ProfilePart)), {"urn": urn})
    visible: dict[str, VisiblePart] = {}
    for part, piece in rows:
        shown = visible.setdefault(part.kind, VisiblePart(part, []))
        if piece is not None:
            shown.pieces.append(piece)
    return [visible[kind.value] for kind in PartKind if kind.value in visible]


@lru_cache(200)
def _parts(may_see: sa.ColumnElement[bool]) -> sa.Select[ProfilePart, Evidence]:
    """The parts of the school ``urn``, kept for who looked last."""
    return (
        sa.select(ProfilePart, Evidence)
        .join(School, School.urn == ProfilePart.school_urn)
        .outerjoin(
            Evidence,
            sa.and_(
                Evidence.school_urn == ProfilePart.school_urn,
                ProfilePart.kind == PartKind.EVIDENCE.value,
            ),
        )
        .where(
            ProfilePart.school_urn == sa.bindparam("urn"),
            sa.or_(ProfilePart.text != "", Evidence.id.is_not(None)),
            may_see,
        )
        .order_by(Evidence.given_in.desc(), Evidence.id.desc())
    )


@dataclass(frozen=True, slots=True)
class PartRow:
    """One part of a school's page, ready to be shown."""

    kind: str
    heading: str
    body: Markup
    seen_by: str
    pieces: list[EvidenceRow]


def part_row(visible: VisiblePart) -> PartRow:
    """Return a part as the page shows it."""
    part = visible.part
    kind = PartKind(part.kind)
    return PartRow(
        kind.value,
        HEADINGS[kind],
        render_markdown(part.text),
        label(part.seen_by),
        [evidence_row(piece) for piece in visible.pieces],
    )
