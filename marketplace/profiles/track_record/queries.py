"""Reading the track record of a school."""

from __future__ import annotations

from sqlalchemy.orm import Session

from marketplace.profiles.track_record.models import TrackRecord


def record_of(session: Session, urn: int) -> TrackRecord | None:
    """Return what was counted last for a school; ``None`` if there was nothing to count yet."""
    return session.get(TrackRecord, urn)
