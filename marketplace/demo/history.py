"""What happened in each of the demo's exchanges, step by step, and when."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from marketplace.clock import LONDON
from marketplace.demo.content import demo_content
from marketplace.demo.texts import Mode, Note, notes_for
from marketplace.exchanges.models import State
from marketplace.exchanges.states import Step

AGREED_STATES = (State.AGREED, State.DELIVERED, State.CONFIRMED, State.LAPSED)
"""The states to which credits belong: held, moved, or held and released."""


@dataclass(frozen=True, slots=True)
class PastStep:
    """A step that a school has taken in an exchange."""

    step: Step
    urn: int
    at: datetime
    text: str = ""
    minutes: int | None = None
    on: date | None = None


@dataclass(frozen=True, slots=True)
class Days:
    """The day of the help, and the instant its conversation began."""

    on: date
    begun: datetime


def choose_days(rng: random.Random, state: State, posted: date, today: date) -> Days:
    """Return plausible days for an exchange about a listing that is at least a week old.

    Conversation, proposal and agreement follow each other from the day after it was posted,
    before the help and before ``today``.
    """
    if state in (State.PROPOSED, State.AGREED):
        on = today + timedelta(days=rng.randint(3, 45))
        day = today - timedelta(days=rng.randint(2, 8))
    else:
        earliest = posted + timedelta(days=3)
        possible = (today - earliest).days
        ago = rng.randint(1, min(5, possible) if state is State.DELIVERED else possible)
        on = _school_day(today - timedelta(days=ago), earliest)
        day = on - timedelta(days=rng.randint(2, 20))
    day = max(day, posted + timedelta(days=1))
    begun = datetime(
        day.year, day.month, day.day, rng.randint(8, 11), rng.randrange(60), tzinfo=LONDON
    )
    return Days(on if on < today else _school_day(on, on), begun)


def _school_day(day: date, earliest: date) -> date:
    """``day``; in place of a weekend the Friday before it, or the Monday if that is too early."""
    weekend = day.weekday() - 4
    if weekend <= 0:
        return day
    friday = day - timedelta(days=weekend)
    return friday if friday >= earliest else friday + timedelta(days=3)


def history(
    rng: random.Random,
    state: State,
    days: Days,
    *,
    asker: int,
    owner: int,
    provider: int,
    receiver: int,
    minutes: int,
    delivered: int,
    details: str,
    mode: Mode,
) -> tuple[PastStep, ...]:
    """Return the steps that led to ``state``; schools are given by URN."""
    notes = demo_content().notes

    def note(among: tuple[Note, ...]) -> str:
        return rng.choice(notes_for(among, mode))

    proposed_at = days.begun + timedelta(days=1)
    answered_at = proposed_at + timedelta(hours=5)
    steps = [PastStep(Step.PROPOSE, asker, proposed_at, details, minutes, days.on)]
    if state is State.DECLINED:
        steps.append(PastStep(Step.DECLINE, owner, answered_at, note(notes.decline_reasons)))
    if state is State.CANCELLED:
        steps.append(PastStep(Step.CANCEL, asker, answered_at, note(notes.cancel_reasons)))
    if state in AGREED_STATES:
        steps.append(PastStep(Step.AGREE, owner, answered_at))
    if state in (State.DELIVERED, State.CONFIRMED):
        delivered_at = datetime(days.on.year, days.on.month, days.on.day, 16, 5, tzinfo=LONDON)
        delivery_notes = notes.delivered_fewer_hours if delivered < minutes else notes.delivered
        steps.append(
            PastStep(Step.DELIVER, provider, delivered_at, note(delivery_notes), delivered, days.on)
        )
        if state is State.CONFIRMED:
            confirmed_at = delivered_at + timedelta(hours=rng.randint(1, 5))
            steps.append(PastStep(Step.CONFIRM, receiver, confirmed_at))
    return tuple(steps)
