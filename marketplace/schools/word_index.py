"""Keeping the words by which schools are found in step with the register."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, cast

import sqlalchemy as sa
from sqlalchemy.orm import Session

from marketplace.outbox.schedule import JobRun
from marketplace.schools.models import LocalAuthority, School, SchoolWord
from marketplace.schools.name_words import joined_initials, name_words, plain_words
from marketplace.schools.postcodes import parts_of_postcode

_BATCH = 500
_WORD = cast(sa.Table, SchoolWord.__table__)
_FACTS = (School.name, School.town, School.locality, School.county, School.postcode)


def index_schools(session: Session, urns: Sequence[int]) -> None:
    """Write the words of these schools anew."""
    for batch in _batches(urns, _BATCH):
        schools = session.execute(
            sa.select(School.urn, LocalAuthority.name, *_FACTS)
            .join(LocalAuthority, LocalAuthority.code == School.local_authority_code)
            .where(School.urn.in_(batch))
        ).all()
        session.execute(sa.delete(_WORD).where(_WORD.c.school_urn.in_(batch)))
        rows = [row for school in schools for row in _rows(*school)]
        if rows:
            session.execute(sa.insert(_WORD), rows)


def schools_without_words(session: Session) -> Sequence[int]:
    """Return the URNs of the schools that have no words yet."""
    has_words = sa.exists().where(SchoolWord.school_urn == School.urn)
    return session.scalars(sa.select(School.urn).where(~has_words).order_by(School.urn)).all()


def index_schools_without_words(run: JobRun) -> str | None:
    """Give words to schools that have none: the job that fills the table after an upgrade."""
    urns = schools_without_words(run.session)
    for batch in _batches(urns, 10 * _BATCH):
        index_schools(run.session, batch)
        run.commit()
    return f"{len(urns):,} schools" if urns else None


def _rows(urn: int, authority: str, name: str, *facts: str | None) -> Iterator[dict[str, Any]]:
    *places, postcode = facts
    in_name = set(name_words(name)) | set(joined_initials(plain_words(name)))
    around = {word for place in (*places, authority) if place for word in name_words(place)}
    around |= set(parts_of_postcode(postcode or ""))
    for word in in_name | around:
        yield {"school_urn": urn, "word": word, "in_name": word in in_name}


def _batches(urns: Sequence[int], size: int) -> Iterator[Sequence[int]]:
    for start in range(0, len(urns), size):
        yield urns[start : start + size]
