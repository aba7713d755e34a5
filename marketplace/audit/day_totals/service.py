"""Adding up the days that are over, and telling when a kept total no longer counts.

A total is the ledger's own, of that day. It stops counting when something is dated back to its day
or an earlier one: the ledger knows the days that things were dated back to, and when.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import date, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from ledger import Book, TrialBalanceTotals
from ledger.clock import day_of, end_of
from marketplace.audit.day_totals.models import DayTotal
from marketplace.clock import today


def totals_at(session: Session, day: date | None) -> TrialBalanceTotals:
    """Return the totals of the trial balance now, or at the end of ``day``, in minutes.

    They are those that are kept, unless something was dated back since; then the ledger adds up.
    """
    book = Book(session)
    if day is None or day >= today():
        return book.trial_balance_totals()
    kept = session.get(DayTotal, day)
    if kept is not None:
        changed_from = book.dated_back_since(kept.checked_on)
        if changed_from is None or changed_from > day:
            return TrialBalanceTotals(kept.accounts, kept.debit, kept.credit)
    return book.trial_balance_totals(effective=day)


def keep_totals(session: Session, commit: Callable[[], None]) -> str:
    """Add up every day that is over and not kept, or no longer right; say how many those were.

    ``commit`` is called after each span of days. The last day waits until all that was recorded on
    it is committed.
    """
    book, now = Book(session), today()
    last = _last_finished_day(book, now)
    first = _first_day(book)
    if first is None:
        return "The book is empty."
    checked_on = session.scalar(sa.select(sa.func.min(DayTotal.checked_on)))
    if checked_on is not None:
        changed_from = book.dated_back_since(checked_on)
        if changed_from is not None:
            session.execute(sa.delete(DayTotal).where(DayTotal.day >= changed_from))
    session.execute(sa.update(DayTotal).values(checked_on=now))
    kept_days = set(session.scalars(sa.select(DayTotal.day)))
    missing = [
        day
        for number in range((last - first).days + 1)
        if (day := first + timedelta(days=number)) not in kept_days
    ]
    for start, end in _spans(missing):
        for day, totals in book.trial_balance_totals_by_day(start, end):
            session.add(
                DayTotal(
                    day=day,
                    checked_on=now,
                    accounts=totals.accounts,
                    debit=totals.debit,
                    credit=totals.credit,
                )
            )
        session.flush()
        commit()
    return f"{len(missing):,} days added up."


def forget_totals(session: Session) -> None:
    """Forget every kept total: after an import, which may record things at instants of the past."""
    session.execute(sa.delete(DayTotal))


def _last_finished_day(book: Book, now: date) -> date:
    """The last day to which nothing can be added but by dating back."""
    yesterday = now - timedelta(days=1)
    settled = book.settled_until()
    if settled is None or settled < end_of(yesterday):
        return yesterday - timedelta(days=1)
    return yesterday


def _first_day(book: Book) -> date | None:
    """The day of the first thing in the book."""
    records = book.journal(newest_first=False, everything=True, limit=1).transactions
    return min(day_of(records[0].recorded), records[0].effective) if records else None


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
