"""Making the demo: schools come in, post listings, talk, and exchange help."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import chain, repeat
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from marketplace.accounts.roles import Role
from marketplace.audiences.audience import Audience, Reach
from marketplace.audiences.models import audience_values
from marketplace.clock import LONDON
from marketplace.demo.accounts import Staff, make_staff
from marketplace.demo.adjusting import make_adjustments, network_person
from marketplace.demo.choosing import choose_schools, main_schools, school_phase
from marketplace.demo.content import demo_content
from marketplace.demo.correcting import make_corrections
from marketplace.demo.detailing import make_details, make_surroundings
from marketplace.demo.disputing import make_disputes
from marketplace.demo.exchanging import Exchanging
from marketplace.demo.matching import make_matches
from marketplace.demo.planning import Planner, Posted
from marketplace.demo.profiles import make_profiles
from marketplace.demo.public_offers import show_publicly
from marketplace.demo.reviewing import make_reviews
from marketplace.demo.saving import make_saved_searches
from marketplace.demo.sharing import make_sharing
from marketplace.demo.showing import make_shown
from marketplace.demo.texts import ListingText
from marketplace.demo.wording import make_own_words
from marketplace.listings.models import (
    Listing,
    ListingPhase,
    ListingStatus,
    ListingTopic,
)
from marketplace.network.activity import count_activity
from marketplace.network.joining import join_all
from marketplace.schools.models import School
from marketplace.settings import Policy

Tell = Callable[[str, int, int], None]
"""Called with what is being made, how many are done, and how many there will be."""

ACTOR = "command:demo-load"
DAYS = 400
# How many days ago the newest listing was posted, so that help about it can have been given.
NEWEST = 8
BATCH = 2000
JOIN_BATCH = 500

_AUDIENCES = [Reach.NATIONAL] * 6 + [Reach.REGION] * 3 + [Reach.LOCAL_AUTHORITY] * 2 + [Reach.TRUST]


@dataclass(frozen=True, slots=True)
class Scale:
    """How much of everything is made."""

    schools: int
    listings: int
    exchanges: int


def shortfalls(target: Scale, result: Scale) -> list[str]:
    """Return a sentence for everything that ``result`` has less of than ``target``, and why."""
    reasons = []
    if result.schools < target.schools:
        reasons.append(
            "The register here has no more open schools; import the whole of it first"
            " (“schools import”) for a larger network."
        )
    if result.listings < target.listings:
        reasons.append(
            f"{result.listings:,} of {target.listings:,} offers and requests could be made: schools"
            " never post the same one twice, and each has posted all that fit it. More schools can"
            " post more (“--schools”)."
        )
    if result.exchanges < target.exchanges:
        reasons.append(
            f"{result.exchanges:,} of {target.exchanges:,} exchanges could be made: there are too"
            " few offers and requests to exchange help about (“--listings”)."
        )
    return reasons


def load(session: Session, scale: Scale, seed: int, policy: Policy, day: date, tell: Tell) -> Scale:
    """Make a demo of ``scale`` out of the register's open schools; return its real scale.

    It is what a network of some age could look like on ``day``. The same register, scale,
    seed and day make the same demo.

    Raises:
        Refusal: if the register has fewer than two open schools.
    """
    rng = random.Random(seed)  # noqa: S311  # a demo is no secret
    schools = choose_schools(session, scale.schools, rng)
    main = main_schools(schools)
    first_day = day - timedelta(days=DAYS)
    beginning = datetime(first_day.year, first_day.month, first_day.day, 9, tzinfo=LONDON)
    for start in range(0, len(schools), JOIN_BATCH):
        batch = schools[start : start + JOIN_BATCH]
        join_all(session, batch, policy, actor=ACTOR, now=lambda: beginning)
        tell("Bringing schools in", start + len(batch), len(schools))
    staff = make_staff(session, schools, main, rng)
    active = _active(schools, main, scale.listings, rng)
    listings = _listings(session, active, schools, main, staff, rng, day, tell)
    make_details(session, listings, seed, day)
    planner = Planner(schools, main, policy, rng, day)
    exchanging = Exchanging(session, planner, staff, rng)
    exchanges = exchanging.make(listings, scale.exchanges, tell)
    make_disputes(session, main[0], staff, policy, day)
    make_corrections(session, main[0], staff, policy, day)
    make_reviews(session, staff, random.Random(seed))  # noqa: S311
    make_adjustments(session, main)
    operator = network_person(session, Role.OPERATOR)
    make_surroundings(session, schools, main, staff, operator, day)
    make_sharing(session, schools, main, staff)
    make_profiles(session, schools, main, staff, random.Random(seed))  # noqa: S311
    make_shown(session, main, staff, random.Random(seed))  # noqa: S311
    make_saved_searches(session, main[0], staff)
    make_own_words(session, operator)
    show_publicly(session)
    make_matches(session, main)
    count_activity(session)
    return Scale(len(schools), len(listings), exchanges)


def _active(
    schools: Sequence[School], main: Sequence[School], listings: int, rng: random.Random
) -> list[School]:
    """A school for each listing: a few schools post much, most post little or nothing."""
    order = list(schools)
    rng.shuffle(order)
    weights = [1 / (rank + 8) for rank in range(len(order))]
    posting = [main[0]] * 6 + [main[1]] * 4 + [school for school in main[2:] for _ in range(3)]
    posting = posting[:listings]
    return posting + rng.choices(order, weights, k=listings - len(posting))


def _listings(
    session: Session,
    active: Sequence[School],
    schools: Sequence[School],
    main: Sequence[School],
    staff: Staff,
    rng: random.Random,
    day: date,
    tell: Tell,
) -> list[Posted]:
    """Post a listing for each of ``active``, or fewer where the schools have no more to say.

    A school posts each text once. Where an active school has posted all of its own, the others
    take turns in its place.
    """
    texts = [*demo_content().offers, *demo_content().requests]
    uses = dict.fromkeys(range(len(texts)), 0)
    posted_texts: set[tuple[int, int]] = set()
    rows: list[dict[str, Any]] = []
    sources = []
    turns = chain.from_iterable(repeat(schools, len(texts)))
    exhausted: set[int] = set()
    for number, school in enumerate(chain(active, turns)):
        if len(rows) == len(active):
            break
        if school.urn in exhausted:
            continue
        index = _text_for(school, texts, uses, posted_texts, rng)
        if index is None:
            exhausted.add(school.urn)
            continue
        uses[index] += 1
        posted_texts.add((school.urn, index))
        text = texts[index]
        at = _moment(rng, day, NEWEST, DAYS - 40)
        author = staff.of(school.urn, rng.randrange(4))
        audience = rng.choice(_AUDIENCES)
        if audience is Reach.TRUST and school.trust_id is None:
            audience = Reach.NATIONAL
        if _is_for_the_trust(school, main, rows):
            audience = Reach.TRUST
        rows.append(
            {
                "kind": text.kind,
                "school_urn": school.urn,
                "author_id": author,
                "title": text.title,
                "description": text.description,
                "mode": text.mode,
                "minutes": text.minutes,
                **audience_values(Audience(audience)),
                "status": ListingStatus.OPEN,
                "version": 1,
                "created_at": at,
                "updated_at": at,
                "idempotency_key": f"demo:{number}",
            }
        )
        sources.append((text, school))
    order = sorted(range(len(rows)), key=lambda index: rows[index]["created_at"])
    rows = [rows[index] for index in order]
    sources = [sources[index] for index in order]
    posted = []
    for start in range(0, len(rows), BATCH):
        part = rows[start : start + BATCH]
        ids = session.scalars(
            sa.insert(Listing).returning(Listing.id, sort_by_parameter_order=True), part
        ).all()
        batch = [
            Posted(listing_id, text, school, row["created_at"])
            for listing_id, (text, school), row in zip(
                ids, sources[start : start + BATCH], part, strict=True
            )
        ]
        _facts_of(session, batch)
        posted += batch
        tell("Posting listings", len(posted), len(rows))
    return posted


def _is_for_the_trust(
    school: School, main: Sequence[School], rows: Sequence[dict[str, Any]]
) -> bool:
    """Say whether a listing is only for the trust: the first of each main school but the first."""
    if school.trust_id is None or school.urn not in [other.urn for other in main[1:]]:
        return False
    return all(row["school_urn"] != school.urn for row in rows)


def _facts_of(session: Session, listings: Sequence[Posted]) -> None:
    topics, phases = [], []
    for listing in listings:
        topics += [{"listing_id": listing.id, "topic": topic} for topic in listing.text.topics]
        phases += [{"listing_id": listing.id, "phase": phase} for phase in listing.text.phases]
    session.execute(sa.insert(ListingTopic), topics)
    session.execute(sa.insert(ListingPhase), phases)


def _text_for(
    school: School,
    texts: Sequence[ListingText],
    uses: dict[int, int],
    posted_texts: set[tuple[int, int]],
    rng: random.Random,
) -> int | None:
    """The least used text that this school could have written and has not posted yet."""
    phase = school_phase(school)
    fitting = [
        index
        for index, text in enumerate(texts)
        if (school.urn, index) not in posted_texts
        and text.plausible_for(phase, school.age_low, school.age_high)
    ]
    if not fitting:
        return None
    least = min(uses[index] for index in fitting)
    return rng.choice([index for index in fitting if uses[index] <= least])


def _moment(rng: random.Random, day: date, newest: int, oldest: int) -> datetime:
    """An instant of a working day, so many days before ``day``."""
    day -= timedelta(days=rng.randint(newest, oldest))
    while day.weekday() > 4:
        day -= timedelta(days=1)
    return datetime(
        day.year, day.month, day.day, rng.randint(8, 17), rng.randrange(60), tzinfo=LONDON
    )
