"""A track record in words: never a figure of too few, and nothing that tells a balance."""

from __future__ import annotations

from dataclasses import dataclass

from marketplace.listings.presenters import topic_names
from marketplace.profiles.track_record.models import TrackRecord

FEWEST_ANSWERS = 5
"""Of fewer enquiries nothing is said about how fast a school answers."""
STEP = 5
"""Hours are rounded to so many: help given less help received must not tell what a school has."""

HOUR, DAY = 60, 24 * 60
MOST_TOPICS = 6
FEW_HOURS = 2
"""How long the bar of “a few hours” is, in hours."""


@dataclass(frozen=True, slots=True)
class TopicBar:
    """How much help a school gave in a topic; ``width`` is of a hundred."""

    topic: str
    hours: str
    width: int


def topic_bars(record: TrackRecord | None) -> list[TopicBar]:
    """Return the topics in which a school gave most, in round hours as everything else here."""
    if record is None:
        return []
    given = sorted(record.minutes_by_topic.items(), key=lambda one: (-one[1], one[0]))[:MOST_TOPICS]
    lengths = [_round_hours(minutes) or FEW_HOURS for _, minutes in given]
    longest = max(lengths, default=1)
    return [
        TopicBar(name, _about(minutes), round(100 * length / longest))
        for (_, minutes), length, name in zip(
            given, lengths, topic_names([slug for slug, _ in given]), strict=True
        )
    ]


def record_facts(record: TrackRecord | None) -> list[tuple[str, str]]:
    """Return the lines of a track record; none if there is nothing to say yet."""
    if record is None:
        return []
    lines = []
    if record.given:
        lines.append(("Help given", _hours(record.minutes_given, record.given)))
    if record.received:
        lines.append(("Help received", _hours(record.minutes_received, record.received)))
    if record.partners:
        again = record.partners_again
        came = f", {again} of them more than once" if again else ""
        lines.append(("Partners", f"{_count(record.partners, 'school')}{came}"))
    if record.answers >= FEWEST_ANSWERS and record.answer_minutes is not None:
        lines.append(("Answers", _answers(record.answer_minutes, record.answers)))
    return lines


def _hours(minutes: int, exchanges: int) -> str:
    return f"{_about(minutes)}, in {_count(exchanges, 'exchange')}"


def _about(minutes: int) -> str:
    hours = _round_hours(minutes)
    return f"about {hours:,} hours" if hours else "a few hours"


def _round_hours(minutes: int) -> int:
    return round(minutes / HOUR / STEP) * STEP


def _answers(minutes: int, answers: int) -> str:
    if minutes <= 4 * HOUR:
        time = "within hours"
    elif minutes <= DAY:
        time = "within a day"
    else:
        time = f"within {-(-minutes // DAY)} days"
    return f"half of {_count(answers, 'enquiry', 'enquiries')} {time}"


def _count(number: int, one: str, many: str = "") -> str:
    return f"{number:,} {one if number == 1 else many or f'{one}s'}"
