"""What an auditor asks of the journal, and whether a record fits."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from marketplace.audit.journal.records import UNMOVED_KINDS, FoundBy


@dataclass(frozen=True, slots=True)
class Criteria:
    """What records must be; each of these that is not set lets all through.

    Attributes:
        start, end: the days, both inclusive, within which they are effective.
        accounts: sets of codes; of each, a record must be about one (a school's, a trust's).
        least, most: what they moved, held or released, in minutes, both inclusive.
        people: the numbers of those of whom one did it.
        moved: only what moved credits. reversal: only reversals, and what was reversed.
        out_of_hours: only what a person did outside of office hours.
        same_person: only what moved for an exchange in which one person acted for both schools.
        newest_first: the order, which is by number, or with ``start`` or ``end`` by day.
    """

    start: date | None = None
    end: date | None = None
    accounts: tuple[frozenset[str], ...] = ()
    kind: str | None = None
    least: int | None = None
    most: int | None = None
    people: frozenset[int] | None = None
    moved: bool = False
    reversal: bool = False
    out_of_hours: bool = False
    same_person: bool = False
    newest_first: bool = True

    @property
    def by_day(self) -> bool:
        """Whether the order is by day."""
        return self.start is not None or self.end is not None

    @property
    def is_narrowed(self) -> bool:
        """Whether some record may not fit."""
        return self != Criteria(newest_first=self.newest_first)

    def fits(self, record: FoundBy) -> bool:
        """Say whether ``record`` is one of those."""
        return (
            (self.start is None or self.start <= record.effective)
            and (self.end is None or record.effective <= self.end)
            and all(not codes.isdisjoint(record.codes) for codes in self.accounts)
            and self.kind in (None, record.kind)
            and self._fits_minutes(record.minutes)
            and (self.people is None or record.person_id in self.people)
            and not (self.moved and record.kind in UNMOVED_KINDS)
            and (record.reversal or not self.reversal)
            and (record.out_of_hours or not self.out_of_hours)
            and (record.same_person or not self.same_person)
        )

    def _fits_minutes(self, minutes: int | None) -> bool:
        if self.least is None and self.most is None:
            return True
        return (
            minutes is not None
            and (self.least is None or self.least <= minutes)
            and (self.most is None or minutes <= self.most)
        )


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """Where a record stands in the order of a list: by number, or by day and number."""

    day: date
    number: int

    @classmethod
    def of(cls, criteria: Criteria, effective: date, number: int) -> Place:
        """Return the place of a record in the list of ``criteria``."""
        return cls(effective if criteria.by_day else date.min, number)

    @classmethod
    def read(cls, criteria: Criteria, cursor: str) -> Place | None:
        """Return the place that ``str`` wrote; None for anything else."""
        day_text, slash, number_text = cursor.rpartition("/")
        if bool(slash) != criteria.by_day or not number_text.isascii():
            return None
        if not number_text.isdecimal() or len(number_text) > 18:
            return None
        try:
            day = date.fromisoformat(day_text) if slash else date.min
        except ValueError:
            return None
        return cls(day, int(number_text))

    def __str__(self) -> str:
        return str(self.number) if self.day == date.min else f"{self.day}/{self.number}"
