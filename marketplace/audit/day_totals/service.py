"""Adding up the days that are over, and telling the totals of any day from those that are kept.

What is kept is of what was recorded before some day began, when all of that was committed. So it
stays right whatever is recorded later; the ledger tells what that adds, which is little.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import date, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from ledger import Book, KnownTotals, TrialBalanceTotals
from ledger.clock import day_of
from marketplace.audit.day_totals.models import DayTotal
from marketplace.clock import today

_ONE_DAY = timedelta(days=1)


def totals_at(session: Session, day: date | None) -> TrialBalanceTotals:
    """Return the totals of the trial balance now, or at the end of ``day``, in minutes.

    They are told from those kept of the day, or of the last day before it of which any are.
    """
    book = Book(session)
    if day is None or day >= today():
        return book.trial_balance_totals()
    known = _known(session, day)
    if known is None:
        return book.trial_balance_totals(effective=day)
    return book.trial_balance_totals_from(known, day)


def keep_totals(session: Session, commit: Callable[[], None]) -> str:
    """Add up every day that is over and not kept, or no longer right; say how many those were.

    ``commit`` is called after each span of days. The last day waits until all that was recorded on
    it is committed.
    """
    book = Book(session)
    first = _first_day(book)
    if first is None:
        return "The book is empty."
    before = _recorded_before(book)
    kept_before = session.scalar(sa.select(sa.func.min(DayTotal.recorded_before)))
    if kept_before is not None and kept_before < before:
        changed_from = book.dated_back_since(kept_before)
        if changed_from is not None:
            session.execute(sa.delete(DayTotal).where(DayTotal.day >= changed_from))
        session.execute(sa.update(DayTotal).values(recorded_before=before))
    elif kept_before is not None:
        before = kept_before
    kept_days = set(session.scalars(sa.select(DayTotal.day)))
    missing = [
        day
        for number in range((before - first).days)
        if (day := first + timedelta(days=number)) not in kept_days
    ]
    for start, end in _spans(missing):
        for day, totals in book.trial_balance_totals_by_day(start, end, recorded_before=before):
            session.add(
                DayTotal(day=day, recorded_before=before, debit=totals.debit, credit=totals.credit)
            )
        session.flush()
        commit()
    return f"{len(missing):,} days added up."


def forget_totals(session: Session) -> None:
    """Forget every kept total: after an import, which may record things at instants of the past."""
    session.execute(sa.delete(DayTotal))


def _known(session: Session, day: date) -> KnownTotals | None:
    """What is kept of ``day`` or of the last one before it; None where nothing is kept at all."""
    columns = DayTotal.day, DayTotal.recorded_before, DayTotal.debit, DayTotal.credit
    row = session.execute(
        sa.select(*columns).where(DayTotal.day <= day).order_by(DayTotal.day.desc()).limit(1)
    ).first()
    if row is not None:
        return KnownTotals(*row)
    # Before the first day that is kept, nothing was effective of what was recorded until then.
    row = session.execute(sa.select(*columns).order_by(DayTotal.day).limit(1)).first()
    return KnownTotals(day, row.recorded_before, 0, 0) if row is not None else None


def _recorded_before(book: Book) -> date:
    """The day before which all that will ever be recorded is committed."""
    now, settled = today(), book.settled_until()
    return min(now, day_of(settled)) if settled is not None else now - _ONE_DAY


def _first_day(book: Book) -> date | None:
    """The first day on which anything is effective."""
    records = book.journal(
        newest_first=False, everything=True, start=date.min, limit=1
    ).transactions
    return records[0].effective if records else None


def _spans(days: Sequence[date]) -> Iterator[tuple[date, date]]:
    """Days in order as spans without a gap."""
    start = end = None
    for day in days:
        if start is None or end is None:
            start = end = day
        elif day == end + timedelta(days=1):
            end = day
        else:
            yield start, end
            start = end = day
    if start is not None and end is not None:
        yield start, end
