"""The school year of one school, out of what it, its authority or nobody has told us."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import pairwise

from marketplace.calendar.half_terms import (
    FRIDAY,
    HalfTerm,
    bank_holiday,
    guessed_half_terms,
    half_terms_from,
    school_year,
)
from marketplace.calendar.models import EntryKind

Span = tuple[date, date]
A_DAY = timedelta(days=1)
A_PART = 10
"""Days that share fewer than these with a half-term say nothing about it."""
A_BREAK = 5
"""From so many days between two terms on there is a holiday, not an INSET day and a weekend."""


@dataclass(frozen=True, slots=True)
class Days:
    """Some days of a school year: from a school itself, or from its authority."""

    kind: str
    name: str
    starts_on: date
    ends_on: date
    of_school: bool = True

    @property
    def span(self) -> Span:
        """Its first and its last day."""
        return self.starts_on, self.ends_on


@dataclass(frozen=True, slots=True)
class NoSchool:
    """Why a day is not a school day; ``guessed`` if nobody has told us its term dates."""

    reason: str
    guessed: bool = False


class SchoolCalendar:
    """The school year of one school.

    What the school says goes before what its authority says, half-term by half-term and holiday by
    holiday: where the school says nothing, its authority's days count.
    """

    def __init__(self, entries: Iterable[Days]) -> None:
        entries = tuple(entries)
        own = [one for one in entries if one.of_school and one.kind != EntryKind.INSET]
        self._entries = [
            one
            for one in entries
            if one.of_school or one.kind != EntryKind.HOLIDAY or not _is_told_by(own, one.span)
        ]
        self._own = own

    def half_terms_from(self, day: date, count: int) -> list[HalfTerm]:
        """Return the half-term of ``day`` and those that follow, with the days of this school."""
        return half_terms_from(day, count, self.half_terms)

    def half_terms(self, year: int) -> tuple[HalfTerm, ...]:
        """Return the six half-terms of the school year that begins in ``year``."""
        own, of_others = self._school_days(year)
        found = [(_told(guess, own), guess) for guess in guessed_half_terms(year)]
        return _apart([(told or _told(guess, of_others) or guess, told) for told, guess in found])

    def no_school(self, day: date) -> NoSchool | None:
        """Say why ``day`` is not a school day; None if it is one, as far as we know."""
        if day.weekday() > FRIDAY:
            return NoSchool(f"it is a {day:%A}")
        if name := bank_holiday(day):
            return NoSchool(f"it is a bank holiday ({name})")
        of_day = [one for one in self._entries if one.starts_on <= day <= one.ends_on]
        for kind, words in (
            (EntryKind.INSET, "it is an INSET day"),
            (EntryKind.HOLIDAY, "it is in the holidays"),
        ):
            if found := next((one for one in of_day if one.kind == kind), None):
                return NoSchool(f"{words} ({found.name})" if found.name else words)
        half_terms = self.half_terms(school_year(day))
        if any(one.starts_on <= day <= one.ends_on for one in half_terms):
            return None
        return NoSchool(
            "it is in the holidays", guessed=not any(self._school_days(school_year(day)))
        )

    def _school_days(self, year: int) -> tuple[list[Span], list[Span]]:
        """The spans of school days of a year: as the school told them, and as others did."""
        begin, end = date(year, 8, 15), date(year + 1, 8, 14)
        told = [one for one in self._entries if one.starts_on <= end and one.ends_on >= begin]
        holidays = [one for one in told if one.kind == EntryKind.HOLIDAY]
        own = _terms(told, of_school=True)
        of_authority = _terms(told, of_school=False)
        breaks = [gap for gap in _gaps(of_authority) if not _is_told_by(self._own, gap)]
        if not of_authority and (
            any(not one.of_school for one in holidays) or (holidays and not own)
        ):
            guesses = guessed_half_terms(year)
            of_authority = [(guesses[0].starts_on, guesses[-1].ends_on)]
        free = sorted([*(one.span for one in holidays), *breaks])
        return (
            [span for term in own for span in _without(term, free)],
            [span for term in of_authority for span in _without(term, free)],
        )


def _terms(told: Iterable[Days], *, of_school: bool) -> list[Span]:
    """The terms that a school told, or its authority, in order."""
    terms = (one for one in told if one.kind == EntryKind.TERM and one.of_school == of_school)
    return sorted(one.span for one in terms)


def _gaps(terms: Sequence[Span]) -> list[Span]:
    """The holidays between terms."""
    gaps = [(one[1] + A_DAY, following[0] - A_DAY) for one, following in pairwise(terms)]
    return [gap for gap in gaps if (gap[1] - gap[0]).days >= A_BREAK]


def _is_told_by(own: Iterable[Days], holiday: Span) -> bool:
    """Say whether a school tells itself when a holiday of its authority is.

    It does by a holiday in these days, and by a term that has some of them, but not by a term that
    goes on long before and after them: that is told without its half-term holiday.
    """
    first, last = holiday
    before, after = first - A_PART * A_DAY, last + A_PART * A_DAY
    return any(
        one.starts_on <= last
        and one.ends_on >= first
        and not (one.kind == EntryKind.TERM and one.starts_on <= before and one.ends_on >= after)
        for one in own
    )


def _without(span: Span, holidays: Iterable[Span]) -> list[Span]:
    """What is left of a span between holidays, in order."""
    left, (begin, end) = [], span
    for first, last in holidays:
        if last < begin or first > end:
            continue
        if first > begin:
            left.append((begin, first - A_DAY))
        begin = max(begin, last + A_DAY)
    return [*left, (begin, end)] if begin <= end else left


def _told(guess: HalfTerm, spans: Iterable[Span]) -> HalfTerm | None:
    """The half-term with the days that were told: the span that shares most days with the guess."""
    best: Span | None = None
    most = A_PART - 1
    for begin, end in spans:
        shared = (min(end, guess.ends_on) - max(begin, guess.starts_on)).days + 1
        if shared > most:
            best, most = (begin, end), shared
    if best is None:
        return None
    begin, end = best
    # A whole term without its half-term holiday is cut where most schools have it.
    neighbours = guessed_half_terms(int(guess.key[:4]))
    for other in neighbours:
        if other.key != guess.key and begin <= other.ends_on and end >= other.starts_on:
            shared = (min(end, other.ends_on) - max(begin, other.starts_on)).days + 1
            if shared < A_PART:
                continue
            if other.key < guess.key:
                begin = max(begin, guess.starts_on)
            else:
                end = min(end, guess.ends_on)
    return HalfTerm(guess.key, _to_weekday(begin, 1), _to_weekday(end, -1), guessed=False)


def _apart(half_terms: Sequence[tuple[HalfTerm, HalfTerm | None]]) -> tuple[HalfTerm, ...]:
    """The half-terms, each with that which the school told: its days push away the others'."""
    days = [half_term for half_term, _ in half_terms]
    for number, (one, following) in enumerate(pairwise(half_terms)):
        if days[number].ends_on < days[number + 1].starts_on:
            continue
        if one[1] and not following[1]:
            begin = _to_weekday(days[number].ends_on + A_DAY, 1)
            days[number + 1] = replace(days[number + 1], starts_on=begin)
        elif following[1] and not one[1]:
            end = _to_weekday(days[number + 1].starts_on - A_DAY, -1)
            days[number] = replace(days[number], ends_on=end)
    return tuple(days)


def _to_weekday(day: date, step: int) -> date:
    while day.weekday() > FRIDAY:
        day += step * A_DAY
    return day
