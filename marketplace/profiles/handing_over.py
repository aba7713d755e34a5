"""What becomes of a school's experts and its page when another school carries on for it."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import Session

from marketplace.audiences.audience import Audience, Reach
from marketplace.profiles.evidence.models import Evidence
from marketplace.profiles.experts.models import AskedBy, Expertise
from marketplace.profiles.parts.models import PartKind, ProfilePart
from marketplace.profiles.photographs.models import MOST_PHOTOGRAPHS, Photograph
from marketplace.profiles.track_record.counting import count_record
from marketplace.profiles.track_record.models import TrackRecord
from marketplace.schools.models import School


def hand_over_profiles(session: Session, old: School, new: School) -> None:
    """Let what colleagues share, and the school's page, be those of the school ``new``.

    What was for the old trust is for the own staff of a school that is not of it, and so it is with
    who may ask: nobody agreed to show it to others. A part that the new school has written itself
    stays as it is.
    """
    for expertise in session.scalars(sa.select(Expertise).where(Expertise.school_urn == old.urn)):
        expertise.school_urn = new.urn
        _narrow(expertise, old, new)
        if expertise.asked_by == AskedBy.TRUST and old.trust_id != new.trust_id:
            expertise.asked_by = AskedBy.SCHOOL.value
    written = set(
        session.scalars(sa.select(ProfilePart.kind).where(ProfilePart.school_urn == new.urn))
    )
    for part in session.scalars(sa.select(ProfilePart).where(ProfilePart.school_urn == old.urn)):
        if part.kind in written:
            session.delete(part)
        else:
            part.school_urn = new.urn
            _narrow(part, old, new)
    _hand_over_evidence(session, old, new, is_shown=PartKind.EVIDENCE.value not in written)
    _hand_over_photographs(session, old, new)
    session.flush()
    session.execute(
        sa.delete(TrackRecord).where(TrackRecord.school_urn == old.urn),
        execution_options={"synchronize_session": False},
    )
    count_record(session, new.urn)


def _hand_over_evidence(session: Session, old: School, new: School, *, is_shown: bool) -> None:
    """Let the pieces go with the part whose audience they have; without it they are deleted."""
    for piece in session.scalars(sa.select(Evidence).where(Evidence.school_urn == old.urn)):
        if is_shown:
            piece.school_urn = new.urn
        else:
            session.delete(piece)


def _hand_over_photographs(session: Session, old: School, new: School) -> None:
    """Put the photographs behind those of the new school; those that have no room are deleted."""
    places = session.scalars(sa.select(Photograph.place).where(Photograph.school_urn == new.urn))
    place = max(places, default=0)
    for photograph in session.scalars(
        sa.select(Photograph).where(Photograph.school_urn == old.urn).order_by(Photograph.place)
    ).all():
        place += 1
        if place > MOST_PHOTOGRAPHS:
            session.delete(photograph)
        else:
            photograph.school_urn, photograph.place = new.urn, place
            _narrow(photograph, old, new)


def _narrow(row: Expertise | ProfilePart | Photograph, old: School, new: School) -> None:
    if row.audience == Reach.TRUST and old.trust_id != new.trust_id:
        row.seen_by = Audience(Reach.SCHOOL)
