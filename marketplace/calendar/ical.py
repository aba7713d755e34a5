"""Reading term dates out of an iCal file, as councils and schools publish them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, datetime, timedelta

from icalendar import Calendar

from marketplace.calendar.models import EntryKind
from marketplace.calendar.school_calendar import Days
from marketplace.clock import LONDON
from marketplace.errors import Refusal
from marketplace.web.texts import forbidden_characters

MOST_EVENTS = 2_000
LONGEST_NAME = 100
LONGEST_DAYS = 150
SHORTEST_TERM = timedelta(days=20)

INSET = re.compile(r"\b(inset|training day|teacher training|staff training|pd day|non.?pupil)\b")
BANK = re.compile(r"\bbank holiday\b|\bgood friday\b|\beaster monday\b|\bmay day\b")
BEGINS = re.compile(r"\b(start|begin|open|return|re-?open|first day|back to school)\w*")
ENDS = re.compile(r"\b(end|finish|close|last day|break(s|ing)? up)\w*")
HOLIDAY = re.compile(r"\b(holiday|half.?term|break|vacation|christmas|easter)\w*")
TERM = re.compile(r"\bterm\b")
NOT_A_CALENDAR = (
    "We could not read that as a calendar. Choose the .ics file that your council or your calendar"
    " program gives for term dates."
)


def read_ical(data: bytes) -> list[Days]:
    """Return the terms, holidays and INSET days in an iCal file, in order; others are left out.

    Raises:
        Refusal: if it is not a calendar, or has nothing in it that we know as term dates.
    """
    try:
        calendar = Calendar.from_ical(data)
        events = [
            (_name(event), *_days(event))
            for event in calendar.walk("VEVENT")[:MOST_EVENTS]
            if event.get("DTSTART") is not None
        ]
    except (ValueError, KeyError, IndexError, TypeError, AttributeError, OverflowError):
        raise Refusal(NOT_A_CALENDAR, field="file") from None
    found = dict.fromkeys([*_spans(events), *_terms(events)])
    if not found:
        raise Refusal(
            "There are no term dates in that calendar: we look for terms, holidays, half-terms and"
            " INSET days by their names.",
            field="file",
        )
    return sorted(found, key=lambda one: (one.starts_on, one.ends_on, one.kind))


Event = tuple[str, date, date]


def _spans(events: list[Event]) -> Iterator[Days]:
    """What has its first and last day in one event."""
    for name, starts_on, ends_on in events:
        words = name.casefold()
        if not 0 <= (ends_on - starts_on).days <= LONGEST_DAYS or BANK.search(words):
            continue
        if INSET.search(words):
            yield Days(EntryKind.INSET, name, starts_on, ends_on)
        elif TERM.search(words) and ends_on - starts_on >= SHORTEST_TERM:
            yield Days(EntryKind.TERM, name, starts_on, ends_on)
        elif HOLIDAY.search(words) and ends_on > starts_on:
            yield Days(EntryKind.HOLIDAY, name, starts_on, ends_on)


def _terms(events: list[Event]) -> Iterator[Days]:
    """Terms that are told by an event for their first day and one for their last."""
    begun: Event | None = None
    for event in sorted(events, key=lambda event: event[1]):
        name, starts_on, ends_on = event
        words = name.casefold()
        if ends_on > starts_on or not re.search(r"\b(term|school|half)", words):
            continue
        if INSET.search(words) or BANK.search(words):
            continue
        if ENDS.search(words) and begun is not None:
            if SHORTEST_TERM <= starts_on - begun[1] <= timedelta(days=LONGEST_DAYS):
                yield Days(EntryKind.TERM, begun[0], begun[1], starts_on)
            begun = None
        elif BEGINS.search(words):
            begun = event


def _name(event: object) -> str:
    text = " ".join(str(event.get("SUMMARY", "")).split())  # type: ignore[attr-defined]
    hidden = set(forbidden_characters(text))
    return "".join(char for char in text if char not in hidden)[:LONGEST_NAME]


def _days(event: object) -> tuple[date, date]:
    """The first and the last day of an event; a whole day's end is the day after."""
    begin = event.get("DTSTART").dt  # type: ignore[attr-defined]
    end_at = event.get("DTEND")  # type: ignore[attr-defined]
    first = _day(begin)
    if end_at is None:
        return first, first
    last = _day(end_at.dt)
    if not isinstance(end_at.dt, datetime) and last > first:
        last -= timedelta(days=1)
    return first, max(first, last)


def _day(value: date | datetime) -> date:
    if isinstance(value, datetime):
        return value.astimezone(LONDON).date() if value.tzinfo else value.date()
    return value
