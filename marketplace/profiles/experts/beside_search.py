"""Beside what a search finds at other schools: the colleagues of the own trust who know it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import sqlalchemy as sa
from flask import url_for

from marketplace.accounts.access import current_actor
from marketplace.accounts.models import Person
from marketplace.accounts.roles import Permission
from marketplace.audiences.queries import visible_to
from marketplace.database import db, is_one_of
from marketplace.profiles.experts.models import Expertise, ExpertiseLabel, LabelKind
from marketplace.profiles.experts.queries import Circle, is_shared
from marketplace.schools.models import School

NAMED = 2
MOST_TOPICS = 4
"""What means more topics than these says too little about any of them."""


@dataclass(frozen=True, slots=True)
class Colleagues:
    """How many colleagues know a subject, the address of all, and the first of them by name.

    Each of these has the address of what they say, their name, and their school; an empty one is
    our own.
    """

    count: int
    url: str
    named: tuple[tuple[str, str, str], ...]


def colleagues_who_know(topics: Sequence[str]) -> Colleagues | None:
    """Return who in the own school and trust says to be good at one of the topics.

    Those of the own school come first. None where nobody is, or nobody may know.
    """
    actor = current_actor()
    if actor.urn is None or not actor.may(Permission.VIEW_LISTINGS):
        return None
    if not 0 < len(topics) <= MOST_TOPICS:
        return None
    in_trust = actor.trust_id is not None
    statement = _who_know(visible_to(actor, Expertise), in_trust)
    asked = {"topics": list(topics), "urn": actor.urn, "trust": actor.trust_id, "most": NAMED}
    rows = db.session().execute(statement, asked).all()
    if not rows:
        return None
    return Colleagues(
        rows[0].everybody,
        url_for("experts.find", circle=Circle.TRUST if in_trust else None, topic=topics[0]),
        tuple(
            (
                url_for("experts.expert", expertise_id=row.expertise_id),
                row.name,
                "" if row.urn == actor.urn else row.school,
            )
            for row in rows
        ),
    )


@lru_cache(200)
def _who_know(may_see: sa.ColumnElement[bool], in_trust: bool) -> sa.Select[*tuple[Any, ...]]:
    """The statement, kept for what was asked last: making it takes longer than to ask."""
    urn: Any = sa.bindparam("urn")
    is_near = School.trust_id == sa.bindparam("trust") if in_trust else School.urn == urn
    knows = sa.exists().where(
        ExpertiseLabel.expertise_id == Expertise.id,
        ExpertiseLabel.kind == LabelKind.TOPIC,
        is_one_of(ExpertiseLabel.value, "topics"),
    )
    return (
        sa.select(
            sa.func.min(Expertise.id).label("expertise_id"),
            Person.name,
            School.urn,
            School.name.label("school"),
            sa.func.count().over().label("everybody"),
        )
        .select_from(Expertise)
        .join(Person, Person.id == Expertise.person_id)
        .join(School, School.urn == Expertise.school_urn)
        .where(is_near, knows, is_shared(), may_see)
        .group_by(Person.id, Person.name, School.urn, School.name)
        .order_by(School.urn != urn, Person.name, Person.id)
        .limit(sa.bindparam("most", type_=sa.Integer))
    )
