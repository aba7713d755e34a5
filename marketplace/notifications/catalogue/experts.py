"""Kinds of notifications about the directory of expertise."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from marketplace.notifications.kinds import About, Audience, Group, Kind, Notice, Target, Urgency
from marketplace.notifications.models import Frequency
from marketplace.profiles.experts.events import ExpertiseSuggested
from marketplace.profiles.experts.models import Expertise


def _expertise(session: Session, ids: Collection[int]) -> Mapping[int, Expertise]:
    entries = session.scalars(
        sa.select(Expertise)
        .where(Expertise.id.in_(ids))
        .options(joinedload(Expertise.suggested_by))
    )
    return {entry.id: entry for entry in entries}


EXPERTISE = About("expertise", _expertise)


def _colleague(
    _session: Session, event: ExpertiseSuggested, _expertise: Expertise
) -> list[Audience]:
    return [Audience(urn, only=frozenset({event.person_id})) for urn in event.school_urns]


def _title(notice: Notice[Expertise]) -> str:
    suggested_by = notice.facts.suggested_by
    name = suggested_by.name if suggested_by is not None else "A colleague"
    return f"{name} suggests that you share what you are good at"


KINDS: tuple[Kind[Any, Any], ...] = (
    Kind(
        name="expertise.suggested",
        label="A colleague suggests that I share what I am good at",
        group=Group.SCHOOL,
        event=ExpertiseSuggested,
        about=EXPERTISE,
        about_id=lambda event: event.expertise_id,
        permission=None,
        audiences=_colleague,
        title=_title,
        target=lambda _notice: Target("experts.mine"),
        is_current=lambda notice: notice.facts.accepted_at is None,
        urgency=Urgency.TASK,
        default=Frequency.AT_ONCE,
    ),
)
