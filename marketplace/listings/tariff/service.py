"""The verb of the tariff: change it; and keeping the usual hours."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from marketplace import clock
from marketplace.accounts.actor import Actor
from marketplace.accounts.roles import Permission
from marketplace.errors import Conflict, Refusal
from marketplace.listings.tariff.events import TariffChanged
from marketplace.listings.tariff.models import Grade, Source, Tariff, TariffRate, Unit, UsualHours
from marketplace.listings.tariff.queries import Rates
from marketplace.listings.topics import current_topics
from marketplace.outbox.service import record

LONGEST_NOTE = 1000
LONGEST_RATE = 10_080
LOW, HIGH = 0.1, 0.9
"""Usual hours leave out the lowest and the highest tenth."""

Counted = Mapping[str, Mapping[int, int]]
"""By topic, how many there are of each number of minutes."""


def change_tariff(
    session: Session, actor: Actor, rates: Rates, note: str, *, version: int
) -> Tariff:
    """Change what help should cost; schools read it from now on.

    Raises:
        NotAllowed: without the role.
        Refusal: for a rate that is missing, not positive or beyond a week.
        Conflict: if another operator has changed it since.
    """
    actor.require(Permission.MANAGE_NETWORK)
    wanted = {(unit, grade) for unit in Unit for grade in Grade}
    if set(rates) != wanted or not all(0 < minutes <= LONGEST_RATE for minutes in rates.values()):
        raise Refusal("Say for each what it should cost: more than nothing, at most 168 credits.")
    if len(note.strip()) > LONGEST_NOTE:
        raise Refusal(f"Use at most {LONGEST_NOTE:,} characters.", field="note")
    tariff = session.get(Tariff, 1, with_for_update=True)
    if (tariff.version if tariff else 0) != version:
        raise Conflict(
            "Another operator has changed the tariff since you opened it. Compare it with yours"
            " (kept below); send it again to have yours."
        )
    if tariff is None:
        tariff = Tariff(id=1, version=0)
        session.add(tariff)
    tariff.note = note.strip()
    tariff.version += 1
    tariff.changed_by_id = actor.person_id
    tariff.changed_at = clock.now()
    for (unit, grade), minutes in rates.items():
        session.merge(TariffRate(unit=unit, grade=grade, minutes=minutes))
    session.flush()
    record(session, TariffChanged(actor_id=actor.person_id, school_urns=()))
    return tariff


@dataclass(frozen=True, slots=True)
class Usual:
    """The median of some minutes, and what most of them lie between."""

    number: int
    low: int
    median: int
    high: int


def usual_of(counts: Mapping[int, int]) -> Usual:
    """Return what is usual among minutes, of each of which there are so many."""
    number = sum(counts.values())

    def at(share: float) -> int:
        place, passed = share * (number - 1), 0
        for minutes in sorted(counts):
            passed += counts[minutes]
            if passed > place:
                return minutes
        raise ValueError("there are none")

    return Usual(number, at(LOW), at(0.5), at(HIGH))


def keep_usual_hours(session: Session, sources: Iterable[tuple[Source, int, Counted]]) -> int:
    """Keep the usual hours of every topic; return of how many topics.

    ``sources`` are asked in their order, each with how many a topic needs at least.
    """
    session.execute(sa.delete(UsualHours))
    kept: set[str] = set()
    now = clock.now()
    for source, least, counted in sources:
        for topic, counts in counted.items():
            if (
                topic in kept
                or topic not in current_topics().by_slug
                or sum(counts.values()) < least
            ):
                continue
            usual = usual_of(counts)
            session.add(
                UsualHours(
                    topic=topic,
                    source=source,
                    number=usual.number,
                    low=usual.low,
                    median=usual.median,
                    high=usual.high,
                    kept_at=now,
                )
            )
            kept.add(topic)
    session.flush()
    return len(kept)
