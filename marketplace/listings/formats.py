"""What kind of help a listing is about, how long it takes, and the days of a week."""

from __future__ import annotations

from enum import StrEnum


class Format(StrEnum):
    """What kind of help it is."""

    COACHING = "coaching"
    OBSERVATION = "observation"
    TRAINING = "training"
    MODERATION = "moderation"
    PLANNING = "planning"
    RESOURCE = "resource"
    VISIT = "visit"
    GOVERNANCE = "governance"
    LEADERSHIP = "leadership"
    TECHNICAL = "technical"


FORMAT_LABELS: dict[Format, str] = {
    Format.COACHING: "Coaching",
    Format.OBSERVATION: "Observation and feedback",
    Format.TRAINING: "Training for staff",
    Format.MODERATION: "Moderation",
    Format.PLANNING: "Planning together",
    Format.RESOURCE: "A resource to use",
    Format.VISIT: "A visit to the school that gives it",
    Format.GOVERNANCE: "Governance",
    Format.LEADERSHIP: "Leadership support",
    Format.TECHNICAL: "Technical help",
}

DURATIONS: dict[int, str] = {
    20: "20 minutes",
    30: "Half an hour",
    60: "An hour",
    90: "An hour and a half",
    120: "Two hours",
    180: "Half a day",
    360: "A day",
    720: "Two days",
    1080: "Three days",
    1800: "A week",
}
"""How long one time takes, in minutes, and in words."""

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday")


def format_label(value: str | None) -> str | None:
    """Return a format in words; None where a listing says none."""
    return FORMAT_LABELS[Format(value)] if value in list(Format) else None
