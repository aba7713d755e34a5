"""What the demo’s listings say besides their text, and what is kept beside them."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from marketplace import clock
from marketplace.accounts.actor import Actor
from marketplace.accounts.roles import Role
from marketplace.calendar.half_terms import guessed_half_terms, half_terms_from, school_year
from marketplace.calendar.models import EntryKind
from marketplace.calendar.queries import Owner
from marketplace.calendar.school_calendar import Days
from marketplace.calendar.service import add_days
from marketplace.demo.accounts import Staff
from marketplace.demo.planning import Posted
from marketplace.exchanges.usual_hours import count_usual_hours
from marketplace.listings.detail_models import ListingDetails, ListingHalfTerm, Met
from marketplace.listings.drafts import save_draft
from marketplace.listings.formats import DURATIONS, Format
from marketplace.listings.models import Listing
from marketplace.listings.moderation.service import report_listing
from marketplace.schools.models import School
from marketplace.term_clock.models import Answer, TermAnswer

BATCH = 2000
WORDS: tuple[tuple[str, Format], ...] = (
    ("moderat", Format.MODERATION),
    ("coach", Format.COACHING),
    ("mentor", Format.COACHING),
    ("observ", Format.OBSERVATION),
    ("visit", Format.VISIT),
    ("see ", Format.VISIT),
    ("training", Format.TRAINING),
    ("workshop", Format.TRAINING),
    ("staff meeting", Format.TRAINING),
    ("plan", Format.PLANNING),
    ("curriculum", Format.PLANNING),
    ("governor", Format.GOVERNANCE),
    ("timetabl", Format.TECHNICAL),
    ("data", Format.TECHNICAL),
    ("leader", Format.LEADERSHIP),
    ("resource", Format.RESOURCE),
)
"""What a title is taken to be about, by the first of these that it has."""
GIVERS = ("our subject leader", "our assistant head", "our SENCO", "one of our class teachers")
NEEDS = ("two class teachers", "our new subject leader", "a class of 28", "all of our staff")
TRIED = ("We have read about it, and one of us was on a course.", "A consultant came once.")
ANSWERS = (Answer.YES, Answer.YES, Answer.MAYBE, Answer.NO)


def make_details(session: Session, listings: Sequence[Posted], seed: int, day: date) -> None:
    """Say of every listing what kind of help it is, how long it takes and when; of some, more."""
    rng = random.Random(f"details {seed}")  # noqa: S311  # a demo is no secret
    ahead = [one.key for one in half_terms_from(day, 4)]
    for start in range(0, len(listings), BATCH):
        rows: list[dict[str, Any]] = []
        half_terms: list[dict[str, Any]] = []
        for posted in listings[start : start + BATCH]:
            rows.append(_details(posted, rng, day))
            half_terms += [
                {"listing_id": posted.id, "half_term": key} for key in ahead if rng.random() < 0.3
            ]
        session.execute(sa.insert(ListingDetails), rows)
        if half_terms:
            session.execute(sa.insert(ListingHalfTerm), half_terms)


def make_surroundings(
    session: Session,
    schools: Sequence[School],
    main: Sequence[School],
    staff: Staff,
    operator: Actor,
    day: date,
) -> None:
    """Answer the term clock, tell term dates, save a draft, report a listing, count usual hours."""
    _answer(session, [school for school in schools if school.urn != main[0].urn], staff, day)
    ours = _actor(main[0], staff)
    begin = guessed_half_terms(school_year(day))[2].starts_on
    add_days(session, ours, Owner(main[0].urn), Days(EntryKind.INSET, "Training day", begin, begin))
    for half_term in guessed_half_terms(school_year(day)):
        add_days(
            session,
            operator,
            Owner(authority_code=main[0].local_authority_code),
            Days(EntryKind.TERM, half_term.short_name, half_term.starts_on, half_term.ends_on),
        )
    typed = {"kind": ["offer"], "title": ["Reading fluency in Year 3"], "topics": ["reading"]}
    save_draft(session, ours, typed, draft_id=None, idempotency_key="demo draft of ours")
    other = session.scalars(
        sa.select(Listing)
        .where(Listing.school_urn != main[0].urn, Listing.audience == "national")
        .order_by(Listing.id.desc())
        .limit(1)
    ).first()
    if other is not None:
        report_listing(session, ours, other, "wrong", "The colleague left in the summer.")
    count_usual_hours(session)


def _details(posted: Posted, rng: random.Random, day: date) -> dict[str, Any]:
    text = posted.text
    title = text.title.casefold()
    is_offer = text.kind == "offer"
    fitting = [minutes for minutes in DURATIONS if minutes <= text.minutes]
    met = Met.PART if not is_offer and rng.random() < 0.1 else Met.NOT
    return {
        "listing_id": posted.id,
        "format": next((one for word, one in WORDS if word in title), Format.COACHING),
        "duration_minutes": fitting[-1] if fitting else 20,
        "capacity": rng.choice((None, None, 6, 12, 30)) if is_offer else None,
        "delivered_by": rng.choice(GIVERS) if is_offer else "",
        "weekdays": rng.choice((0, 0, 31, 0b00010, 0b01010, 0b10100)),
        "expires_on": day + timedelta(days=rng.randint(5, 300)) if rng.random() < 0.3 else None,
        "for_whom": "" if is_offer else rng.choice(NEEDS),
        "tried": "" if is_offer else rng.choice(TRIED),
        "needed_by": None if is_offer or rng.random() < 0.5 else day + timedelta(days=60),
        "budget_minutes": None if is_offer else 2 * text.minutes,
        "met": met,
        "met_by": "a school nearby" if met is Met.PART else "",
        "met_on": day if met is Met.PART else None,
    }


def _answer(session: Session, schools: Sequence[School], staff: Staff, day: date) -> None:
    """Let two of five schools have answered, most of them that they have hours to give."""
    current, following = half_terms_from(day, 2)
    now = clock.now()
    rows = [
        {
            "school_urn": school.urn,
            "half_term": current.key,
            "answer": (answer := ANSWERS[number % len(ANSWERS)]),
            "ask_again_on": following.starts_on if answer is Answer.NO else None,
            "answered_by_id": staff.of(school.urn, 0),
            "answered_at": now,
        }
        for number, school in enumerate([*schools[::5], *schools[1::5]])
    ]
    if rows:
        session.execute(sa.insert(TermAnswer), rows)


def _actor(school: School, staff: Staff) -> Actor:
    return Actor(
        staff.of(school.urn, 0),
        "",
        frozenset({Role.COORDINATOR}),
        school.urn,
        school.name,
        school.trust_id,
        school.local_authority_code,
    )
