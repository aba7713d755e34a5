"""The demo's experts and the pages of its schools, so that the directory is not empty."""

from __future__ import annotations

import random
import tomllib
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from marketplace import clock
from marketplace.accounts.models import Person, RoleGrant
from marketplace.accounts.roles import Role
from marketplace.audiences.audience import Audience, Reach
from marketplace.demo.accounts import DOMAIN, Staff
from marketplace.demo.choosing import school_phase
from marketplace.demo.content import DATA, prose
from marketplace.exchanges.models import Exchange
from marketplace.profiles.experts.models import AskedBy, Expertise, ExpertiseLabel, LabelKind
from marketplace.profiles.parts.models import PartKind, ProfilePart
from marketplace.profiles.track_record.counting import count_record
from marketplace.schools.models import School

MOST_SISTERS = 60
MOST_OTHERS = 150
"""How many schools besides the main ones have an expert."""
MOST_RECORDS = 500
"""Of how many schools the track record is counted at once; the worker counts the others."""
ASKED_BY = (
    AskedBy.EVERYONE,
    AskedBy.EVERYONE,
    AskedBy.TRUST,
    AskedBy.EVERYONE,
    AskedBy.SCHOOL,
    AskedBy.EVERYONE,
    AskedBy.NOBODY,
)
"""Who may ask, for one after the other."""


def make_profiles(
    session: Session,
    schools: Sequence[School],
    main: Sequence[School],
    staff: Staff,
    rng: random.Random,
) -> None:
    """Let colleagues share what they are good at, and the main schools write their pages."""
    entries = tomllib.loads((DATA / "experts.toml").read_text("utf-8"))["experts"]
    pages = tomllib.loads((DATA / "profiles.toml").read_text("utf-8"))["pages"]
    now = clock.now()
    numbers = iter(range(10_000))
    main_urns = {school.urn for school in main}
    trust_id = main[0].trust_id
    sisters = [
        school
        for school in schools
        if school.trust_id is not None
        and school.trust_id == trust_id
        and school.urn not in main_urns
    ][:MOST_SISTERS]
    for school in [*main, *sisters]:
        fitting = [entry for entry in entries if _fits(entry, school)]
        many = (5, 8) if school.urn in main_urns else (1, 4)
        chosen = rng.sample(fitting, k=min(len(fitting), rng.randint(*many)))
        for number, entry in enumerate(chosen):
            reach = (Reach.TRUST, Reach.NATIONAL, Reach.TRUST, Reach.SCHOOL)[number % 4]
            if reach is Reach.TRUST and school.trust_id is None:
                reach = Reach.NATIONAL
            person_id = staff.of(school.urn, number)
            session.add(_expertise(entry, person_id, school, reach, now, next(numbers)))
    known = main_urns | {school.urn for school in sisters}
    others = [school for school in schools if school.urn not in known][:MOST_OTHERS]
    for school in others:
        fitting = [entry for entry in entries if _fits(entry, school)]
        if fitting and rng.random() < 0.5:
            entry = rng.choice(fitting)
            reach = rng.choice([Reach.NATIONAL, Reach.REGION, Reach.LOCAL_AUTHORITY])
            person_id = staff.of(school.urn)
            session.add(_expertise(entry, person_id, school, reach, now, next(numbers)))
    _suggest(session, main[0], now)
    for school, page in zip([*main[:2], *others], pages, strict=False):
        session.add_all(_parts(page, school, staff.of(school.urn), now))
    session.flush()
    for urn in _with_exchanges(session, main_urns):
        count_record(session, urn)


def _fits(entry: dict[str, Any], school: School) -> bool:
    return "suits" not in entry or school_phase(school) in entry["suits"]


def _expertise(
    entry: dict[str, Any], person_id: int, school: School, reach: Reach, now: datetime, number: int
) -> Expertise:
    at = now - timedelta(days=20 + number % 90)
    asked_by = ASKED_BY[number % len(ASKED_BY)]
    if asked_by is AskedBy.TRUST and school.trust_id is None:
        asked_by = AskedBy.EVERYONE
    expertise = Expertise(
        person_id=person_id,
        school_urn=school.urn,
        words=entry["words"],
        asked_by=asked_by.value,
        contact=""
        if asked_by is AskedBy.NOBODY or number % 5 == 4
        else f"staff.{school.urn}@{DOMAIN}, or the school office",
        accepted_at=at,
        created_at=at,
        updated_at=at,
        version=1,
        idempotency_key=f"demo:{number}",
        labels=_labels(entry),
    )
    expertise.seen_by = Audience(reach)
    return expertise


def _labels(entry: dict[str, Any]) -> list[ExpertiseLabel]:
    kinds = (
        (LabelKind.TOPIC, "topics"),
        (LabelKind.PHASE, "phases"),
        (LabelKind.ROLE, "roles"),
        (LabelKind.LANGUAGE, "languages"),
    )
    return [
        ExpertiseLabel(kind=kind.value, value=value)
        for kind, key in kinds
        for value in entry.get(key, ())
    ]


def _suggest(session: Session, school: School, now: datetime) -> None:
    """Let the administrator of the first main school suggest something to its member."""

    def with_role(role: Role) -> int | None:
        return session.scalar(
            sa.select(Person.id)
            .join(RoleGrant, RoleGrant.person_id == Person.id)
            .where(RoleGrant.school_urn == school.urn, RoleGrant.role == role)
            .order_by(Person.id)
        )

    head, member = with_role(Role.ADMINISTRATOR), with_role(Role.MEMBER)
    if head is None or member is None:
        return
    expertise = Expertise(
        person_id=member,
        school_urn=school.urn,
        words="You know more about this than any of us.",
        asked_by=AskedBy.NOBODY.value,
        contact="",
        suggested_by_id=head,
        created_at=now,
        updated_at=now,
        version=1,
        idempotency_key="demo:suggested",
        labels=_labels({"topics": ["art-design"], "phases": ["whole-school"]}),
    )
    expertise.seen_by = Audience(Reach.SCHOOL)
    session.add(expertise)


def _parts(
    page: dict[str, str], school: School, person_id: int, now: datetime
) -> Iterator[ProfilePart]:
    for kind in PartKind:
        part = ProfilePart(
            school_urn=school.urn,
            kind=kind.value,
            text=_unwrapped(page[kind.value]),
            written_by_id=person_id,
            written_at=now - timedelta(days=30),
            version=1,
        )
        part.seen_by = Audience(Reach.REGION if kind is PartKind.CONTACT else Reach.NATIONAL)
        yield part


def _unwrapped(text: str) -> str:
    """The paragraphs on one line each; a list keeps its lines."""
    blocks = text.strip().split("\n\n")
    return "\n\n".join(block if block.startswith("- ") else prose(block) for block in blocks)


def _with_exchanges(session: Session, first: set[int]) -> list[int]:
    urns = set(
        session.scalars(
            sa.union(sa.select(Exchange.provider_urn), sa.select(Exchange.receiver_urn))
        )
    )
    return sorted(urns, key=lambda urn: (urn not in first, urn))[:MOST_RECORDS]
