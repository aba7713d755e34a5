"""The school year of one school, out of what it, its authority or nobody has told us."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

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
    """The school year of one school."""

    def __init__(self, entries: Sequence[Days]) -> None:
        self._entries = entries

    def half_terms_from(self, day: date, count: int) -> list[HalfTerm]:
        """Return the half-term of ``day`` and those that follow, with the days of this school."""
        return half_terms_from(day, count, self.half_terms)

    def half_terms(self, year: int) -> tuple[HalfTerm, ...]:
        """Return the six half-terms of the school year that begins in ``year``."""
        guesses = guessed_half_terms(year)
        spans = self._school_days(year)
        return tuple(_told(guess, spans) or guess for guess in guesses)

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
        return NoSchool("it is in the holidays", guessed=not self._school_days(school_year(day)))

    def _school_days(self, year: int) -> list[Span]:
        """The spans of school days that were told for a year; none if nothing was."""
        begin, end = date(year, 8, 15), date(year + 1, 8, 14)
        told = [one for one in self._entries if one.starts_on <= end and one.ends_on >= begin]
        terms = _first_told(told, EntryKind.TERM)
        holidays = _first_told(told, EntryKind.HOLIDAY)
        if not terms and not holidays:
            return []
        guesses = guessed_half_terms(year)
        whole = terms or [(guesses[0].starts_on, guesses[-1].ends_on)]
        return [span for term in whole for span in _without(term, holidays)]


def _first_told(told: Iterable[Days], kind: EntryKind) -> list[Span]:
    """What the school says of a kind, or else its authority, in order."""
    of_kind = [one for one in told if one.kind == kind]
    own = [one for one in of_kind if one.of_school]
    return sorted(one.span for one in own or of_kind)


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
    most = 0
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
            if shared < 10:
                continue
            if other.key < guess.key:
                begin = max(begin, guess.starts_on)
            else:
                end = min(end, guess.ends_on)
    return HalfTerm(guess.key, _to_weekday(begin, 1), _to_weekday(end, -1), guessed=False)


def _to_weekday(day: date, step: int) -> date:
    while day.weekday() > FRIDAY:
        day += step * A_DAY
    return day
