"""Reading the directory of expertise, always as the actor may see it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, contains_eager, joinedload, selectinload

from marketplace.accounts.actor import Actor
from marketplace.accounts.models import Person, RoleGrant, TrustGrant
from marketplace.audiences.queries import takes_part, visible_to
from marketplace.errors import NotFound
from marketplace.listings.topics import current_topics
from marketplace.profiles.experts.models import Expertise, ExpertiseLabel, LabelKind
from marketplace.profiles.experts.vocabulary import EXPERT_ROLES
from marketplace.schools.models import School
from marketplace.web.navigation import ActorLike
from marketplace.web.paging import Page, paginate

PAGE = 25
MOST_WORDS = 6


class Circle(StrEnum):
    """Whose experts are looked at."""

    SCHOOL = "school"
    TRUST = "trust"
    OTHERS = "others"


@dataclass(frozen=True, slots=True)
class ExpertCriteria:
    """What is looked for; empty fields ask for nothing. ``urn`` is one school of the circle."""

    circle: Circle
    topic: str = ""
    phase: str = ""
    urn: int | None = None
    words: str = ""


def list_experts(
    session: Session, actor: Actor, criteria: ExpertCriteria, *, after: str = "", limit: int = PAGE
) -> Page[Expertise]:
    """Return a page of what colleagues have shared, with person, school and labels.

    In the school and the trust they are by name; of all other schools, which may be thousands, the
    newest come first, so that a page reads no more than it shows.
    """
    query = (
        sa.select(Expertise)
        .join(Expertise.person)
        .join(Expertise.school)
        .where(is_shared(), visible_to(actor, Expertise), of_circle(actor, criteria.circle))
        .options(
            contains_eager(Expertise.person),
            contains_eager(Expertise.school),
            selectinload(Expertise.labels),
        )
    )
    if criteria.topic:
        query = query.where(_has_label(LabelKind.TOPIC, [criteria.topic]))
    if criteria.phase:
        # Who is good at something for a whole school is good at it for each phase.
        query = query.where(_has_label(LabelKind.PHASE, [criteria.phase, "whole-school"]))
    if criteria.urn is not None:
        query = query.where(Expertise.school_urn == criteria.urn)
    for word in criteria.words.split()[:MOST_WORDS]:
        query = query.where(_has_word(word))
    order: tuple[Any, ...] = (Person.name, Expertise.id)
    if criteria.circle is Circle.OTHERS:
        order = (Expertise.id.desc(),)
    return paginate(session, query, *order, after=after, limit=limit)


def shared_at(session: Session, actor: Actor, urn: int, limit: int) -> list[Expertise]:
    """Return what colleagues at one school have shared with the actor, by name."""
    values = {"urn": urn, "most": limit}
    return list(session.scalars(_shared_at(visible_to(actor, Expertise)), values))


@lru_cache(200)
def _shared_at(may_see: sa.ColumnElement[bool]) -> sa.Select[Expertise]:
    """What is shared at the school ``urn``, kept for who looked last: it takes long to make."""
    return (
        sa.select(Expertise)
        .join(Expertise.person)
        .join(Expertise.school)
        .where(Expertise.school_urn == sa.bindparam("urn"), is_shared(), may_see)
        .options(contains_eager(Expertise.person), selectinload(Expertise.labels))
        .order_by(Person.name, Expertise.id)
        .limit(sa.bindparam("most", type_=sa.Integer))
    )


def get_shared(session: Session, expertise_id: int, actor: Actor) -> Expertise:
    """Return what a colleague has shared with the actor, or what is the actor's own.

    Raises:
        NotFound: if there is none that the actor may see.
    """
    expertise = session.scalar(
        sa.select(Expertise)
        .join(Expertise.person)
        .join(Expertise.school)
        .where(Expertise.id == expertise_id, is_shared(), visible_to(actor, Expertise))
        .options(
            contains_eager(Expertise.person),
            contains_eager(Expertise.school).joinedload(School.trust),
            selectinload(Expertise.labels),
        )
    )
    if expertise is None:
        raise NotFound
    return expertise


def get_own(session: Session, expertise_id: int, actor: Actor) -> Expertise:
    """Return what the actor says, or was suggested, at the school acted for.

    Raises:
        NotFound: if it is another person's, or at another school.
    """
    expertise = session.scalar(
        sa.select(Expertise)
        .where(
            Expertise.id == expertise_id,
            Expertise.person_id == actor.person_id,
            Expertise.school_urn == actor.urn,
        )
        .options(selectinload(Expertise.labels), joinedload(Expertise.suggested_by))
    )
    if expertise is None:
        raise NotFound
    return expertise


def list_own(session: Session, actor: Actor) -> list[Expertise]:
    """Return all that the actor says at the school acted for, suggestions first."""
    return list(
        session.scalars(
            sa.select(Expertise)
            .where(Expertise.person_id == actor.person_id, Expertise.school_urn == actor.school())
            .options(selectinload(Expertise.labels), joinedload(Expertise.suggested_by))
            .order_by(Expertise.accepted_at.is_not(None), Expertise.id)
        )
    )


def list_suggested(session: Session, actor: Actor) -> list[Expertise]:
    """Return the suggestions at the school acted for that its colleagues have not taken up."""
    return list(
        session.scalars(
            sa.select(Expertise)
            .where(Expertise.school_urn == actor.school(), Expertise.accepted_at.is_(None))
            .options(joinedload(Expertise.person), selectinload(Expertise.labels))
            .order_by(Expertise.id)
        )
    )


def get_suggested(session: Session, expertise_id: int, actor: Actor) -> Expertise:
    """Return a suggestion at the school acted for that its colleague has not taken up.

    Raises:
        NotFound: if there is none, or the colleague has shared it.
    """
    expertise = session.scalar(
        sa.select(Expertise).where(
            Expertise.id == expertise_id,
            Expertise.school_urn == actor.school(),
            Expertise.accepted_at.is_(None),
        )
    )
    if expertise is None:
        raise NotFound
    return expertise


def count_suggested(actor: ActorLike) -> sa.ScalarSelect[int]:
    """Return the query that counts what was suggested to the person at the school acted for."""
    return (
        sa.select(sa.func.count())
        .select_from(Expertise)
        .where(
            Expertise.person_id == actor.person_id,
            Expertise.school_urn == actor.urn,
            Expertise.accepted_at.is_(None),
        )
        .scalar_subquery()
    )


def schools_of_trust(session: Session, trust_id: int) -> list[School]:
    """Return the schools of a trust that take part, by name."""
    return list(
        session.scalars(
            sa.select(School)
            .where(School.trust_id == trust_id, takes_part())
            .order_by(School.name, School.urn)
        )
    )


def is_shared() -> sa.ColumnElement[bool]:
    """Return the condition that a person has shared it, and still works at the school.

    The query must join the person and the school.
    """
    at_school = sa.exists().where(
        RoleGrant.person_id == Expertise.person_id, RoleGrant.school_urn == Expertise.school_urn
    )
    in_trust = sa.exists().where(
        TrustGrant.person_id == Expertise.person_id, TrustGrant.trust_id == School.trust_id
    )
    return sa.and_(
        Expertise.accepted_at.is_not(None),
        Person.active,
        takes_part(),
        sa.or_(at_school, in_trust),
    )


def of_circle(actor: Actor, circle: Circle) -> sa.ColumnElement[bool]:
    """Return the condition that it is of a circle around the school acted for."""
    urn = actor.school()
    if circle is Circle.SCHOOL or (circle is Circle.TRUST and actor.trust_id is None):
        return Expertise.school_urn == urn
    if circle is Circle.TRUST:
        return School.trust_id == actor.trust_id
    outside_trust = sa.or_(School.trust_id.is_(None), School.trust_id != actor.trust_id)
    return sa.and_(
        Expertise.school_urn != urn, outside_trust if actor.trust_id is not None else sa.true()
    )


def _has_label(kind: LabelKind, values: Collection[str]) -> sa.ColumnElement[bool]:
    return sa.exists().where(
        ExpertiseLabel.expertise_id == Expertise.id,
        ExpertiseLabel.kind == kind,
        ExpertiseLabel.value.in_(values),
    )


def _has_word(word: str) -> sa.ColumnElement[bool]:
    """The condition that a word is in the name, the person's own words, or a label."""

    def has(column: Any) -> sa.ColumnElement[bool]:
        return column.icontains(word, autoescape=True)

    named: dict[LabelKind, dict[str, str]] = {
        LabelKind.TOPIC: {slug: topic.name for slug, topic in current_topics().by_slug.items()},
        LabelKind.ROLE: EXPERT_ROLES,
    }
    labels = [
        sa.and_(
            ExpertiseLabel.kind == kind,
            ExpertiseLabel.value.in_(
                [slug for slug, name in names.items() if word.casefold() in name.casefold()]
            ),
        )
        for kind, names in named.items()
    ]
    labels.append(sa.and_(ExpertiseLabel.kind == LabelKind.LANGUAGE, has(ExpertiseLabel.value)))
    return sa.or_(
        has(Person.name),
        has(Expertise.words),
        sa.exists().where(ExpertiseLabel.expertise_id == Expertise.id, sa.or_(*labels)),
    )
