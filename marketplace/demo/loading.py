"""Making the demo: schools come in, post listings, talk, and exchange help."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from marketplace.demo.accounts import Staff, make_staff
from marketplace.demo.content.listing_text import ListingText, SchoolPhase
from marketplace.demo.content.offers import OFFERS
from marketplace.demo.content.requests import REQUESTS
from marketplace.demo.exchanging import Exchanging
from marketplace.demo.planning import Planner, Posted
from marketplace.listings.models import (
    Audience,
    Listing,
    ListingPhase,
    ListingStatus,
    ListingTerm,
    ListingTopic,
)
from marketplace.listings.service import term_rows
from marketplace.network.membership import join_all
from marketplace.schools.models import School
from marketplace.settings import Policy
from marketplace.web.formats import LONDON, today
from marketplace.web.problems import Problem

Tell = Callable[[str, int, int], None]
"""Called with what is being made, how many are done, and how many there will be."""

ACTOR = "command:demo-load"
DAYS = 400
BATCH = 2000
JOIN_BATCH = 500

_AUDIENCES = (
    [Audience.NATIONAL] * 6
    + [Audience.REGION] * 3
    + [Audience.LOCAL_AUTHORITY] * 2
    + [Audience.TRUST]
)
_PHASES: dict[str, SchoolPhase] = {
    "nursery": "nursery",
    "primary": "primary",
    "middle-primary": "primary",
    "secondary": "secondary",
    "middle-secondary": "secondary",
    "all-through": "all-through",
    "16-plus": "16 plus",
}


@dataclass(frozen=True, slots=True)
class Scale:
    """How much of everything is made."""

    schools: int
    listings: int
    exchanges: int


def load(session: Session, scale: Scale, seed: int, policy: Policy, tell: Tell) -> Scale:
    """Make a demo of ``scale`` out of the register's open schools; gives what was made.

    The same register, scale, seed and day make the same demo.

    Raises:
        Problem: if the register has fewer than two open schools.
    """
    rng = random.Random(seed)  # noqa: S311  # a demo is no secret
    schools = _choose(session, scale.schools, rng)
    main = _main_schools(schools)
    first_day = today() - timedelta(days=DAYS)
    beginning = datetime(first_day.year, first_day.month, first_day.day, 9, tzinfo=LONDON)
    for start in range(0, len(schools), JOIN_BATCH):
        batch = schools[start : start + JOIN_BATCH]
        join_all(session, batch, policy, actor=ACTOR, clock=lambda: beginning)
        tell("Bringing schools in", start + len(batch), len(schools))
    staff = make_staff(session, schools, main, rng)
    active = _active(schools, main, scale.listings, rng)
    posted = _listings(session, active, staff, rng, tell)
    planner = Planner(schools, main, policy, rng)
    exchanging = Exchanging(session, planner, staff, rng)
    made = exchanging.make(posted, scale.exchanges, tell)
    return Scale(len(schools), len(posted), made)


def _choose(session: Session, count: int, rng: random.Random) -> list[School]:
    urns = session.scalars(
        sa.select(School.urn).where(School.status == "open").order_by(School.urn)
    ).all()
    if len(urns) < 2:
        raise Problem("The register has no two open schools: import it first.")
    chosen = sorted(rng.sample(urns, min(count, len(urns)))) if count < len(urns) else list(urns)
    if len(chosen) < 2:
        chosen = list(urns[:2])
    schools: list[School] = []
    for start in range(0, len(chosen), BATCH):
        schools += session.scalars(
            sa.select(School)
            .where(School.urn.in_(chosen[start : start + BATCH]))
            .order_by(School.urn)
        ).all()
    return schools


def _main_schools(schools: Sequence[School]) -> tuple[School, School]:
    """Two neighbouring primaries of ordinary size, for the demo's sign-ins."""
    usual = [
        school
        for school in schools
        if school.phase == "primary"
        and school.easting is not None
        and 200 <= (school.pupils or 0) <= 450
        and school.trust_id is not None
    ] or list(schools)
    first = usual[len(usual) // 3]
    others = [school for school in usual if school.urn != first.urn] or [
        school for school in schools if school.urn != first.urn
    ]
    return first, min(others, key=lambda school: (distance(first, school), school.urn))


def distance(one: School, other: School) -> float:
    """Metres between two schools; a school without a position is far from everywhere."""
    if one.easting is None or other.easting is None:
        return 1e9
    return math.hypot(one.easting - other.easting, (one.northing or 0) - (other.northing or 0))


def _active(
    schools: Sequence[School], main: tuple[School, School], listings: int, rng: random.Random
) -> list[School]:
    """A school for each listing: a few schools post much, most post little or nothing."""
    order = list(schools)
    rng.shuffle(order)
    weights = [1 / (rank + 8) for rank in range(len(order))]
    chosen = rng.choices(order, weights, k=max(listings - 10, 0))
    return [main[0]] * min(6, listings) + [main[1]] * min(4, max(listings - 6, 0)) + chosen


def school_phase(school: School) -> SchoolPhase:
    """The kind of school that listing texts speak of."""
    if school.phase in _PHASES:
        return _PHASES[school.phase]
    return "special"


def _listings(
    session: Session,
    active: Sequence[School],
    staff: Staff,
    rng: random.Random,
    tell: Tell,
) -> list[Posted]:
    texts = [*OFFERS, *REQUESTS]
    uses = dict.fromkeys(range(len(texts)), 0)
    taken: set[tuple[int, int]] = set()
    rows: list[dict[str, Any]] = []
    chosen = []
    for number, school in enumerate(active):
        index = _text_for(school, texts, uses, taken, rng)
        if index is None:
            continue
        uses[index] += 1
        taken.add((school.urn, index))
        text = texts[index]
        at = _moment(rng, 5, DAYS - 40)
        author = staff.of(school.urn, rng.randrange(4))
        audience = rng.choice(_AUDIENCES)
        if audience is Audience.TRUST and school.trust_id is None:
            audience = Audience.NATIONAL
        rows.append(
            {
                "kind": text.kind,
                "school_urn": school.urn,
                "author_id": author,
                "title": text.title,
                "description": text.description,
                "mode": text.mode,
                "minutes": text.minutes,
                "audience": audience,
                "status": ListingStatus.OPEN,
                "version": 1,
                "created_at": at,
                "updated_at": at,
                "once": f"demo:{number}",
            }
        )
        chosen.append((text, school))
    order = sorted(range(len(rows)), key=lambda index: rows[index]["created_at"])
    rows = [rows[index] for index in order]
    chosen = [chosen[index] for index in order]
    posted = []
    for start in range(0, len(rows), BATCH):
        part = rows[start : start + BATCH]
        ids = session.scalars(
            sa.insert(Listing).returning(Listing.id, sort_by_parameter_order=True), part
        ).all()
        made = [
            Posted(listing_id, text, school, row["created_at"])
            for listing_id, (text, school), row in zip(
                ids, chosen[start : start + BATCH], part, strict=True
            )
        ]
        _facts_of(session, made)
        posted += made
        tell("Posting listings", len(posted), len(rows))
    return posted


def _facts_of(session: Session, made: Sequence[Posted]) -> None:
    topics, phases, words = [], [], []
    for one in made:
        topics += [{"listing_id": one.id, "topic": topic} for topic in one.text.topics]
        phases += [{"listing_id": one.id, "phase": phase} for phase in one.text.phases]
        words += term_rows(one.id, one.text.title, one.text.description, one.text.topics)
    session.execute(sa.insert(ListingTopic), topics)
    session.execute(sa.insert(ListingPhase), phases)
    session.execute(sa.insert(ListingTerm), words)


def _text_for(
    school: School,
    texts: Sequence[ListingText],
    uses: dict[int, int],
    taken: set[tuple[int, int]],
    rng: random.Random,
) -> int | None:
    """The least used text that such a school could have written and has not yet."""
    phase = school_phase(school)
    fitting = [
        index
        for index, text in enumerate(texts)
        if (school.urn, index) not in taken
        and text.plausible_for(phase, school.age_low, school.age_high)
    ]
    if not fitting:
        return None
    least = min(uses[index] for index in fitting)
    return rng.choice([index for index in fitting if uses[index] <= least])


def _moment(rng: random.Random, newest: int, oldest: int) -> datetime:
    """An instant of a working day between so many days ago."""
    day = today() - timedelta(days=rng.randint(newest, oldest))
    while day.weekday() > 4:
        day -= timedelta(days=1)
    return datetime(
        day.year, day.month, day.day, rng.randint(8, 17), rng.randrange(60), tzinfo=LONDON
    )
