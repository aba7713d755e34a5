"""The kept totals of each day: always what the ledger says, also after something is dated back."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from ledger import Book
from marketplace.application import Skillbank
from marketplace.audit.day_totals.models import DayTotal
from marketplace.audit.day_totals.service import forget_totals, keep_totals, totals_at
from marketplace.clock import today
from tests.marketplace.factories import saved

A, B = "school:1", "school:2"


@pytest.fixture
def session(app: Skillbank) -> Iterator[Session]:
    """A book of ten days: on each a pays b one minute more than the day before."""
    with saved(app) as session:
        start = datetime.now(UTC) - timedelta(days=10)
        for code in (A, B):
            Book(session, clock=lambda: start).open_account(code, floor=None, key=f"open:{code}")
        for number in range(1, 11):
            at = start + timedelta(days=number - 1)
            Book(session, clock=lambda at=at: at).transfer(A, B, number, key=f"t{number}")
        yield session


def day_before(days: int):  # type: ignore[no-untyped-def]
    return today() - timedelta(days=days)


def test_kept_totals_are_the_ledgers_and_are_not_added_up_again(session: Session) -> None:
    assert keep_totals(session, session.flush) == "10 days added up."
    for days in range(12):
        table = Book(session).trial_balance(effective=day_before(days))
        totals = totals_at(session, day_before(days))
        assert (totals.accounts, totals.debit, totals.credit) == (2, table.debit, table.credit)
    assert totals_at(session, day_before(10)).credit == 1
    assert keep_totals(session, session.flush) == "0 days added up."
    session.execute(sa.update(DayTotal).values(credit=7))  # so that it shows where it comes from
    assert totals_at(session, day_before(3)).credit == 7
    forget_totals(session)
    assert totals_at(session, day_before(3)).credit == 36


def test_what_is_dated_back_counts_at_once_and_is_kept_the_next_time(session: Session) -> None:
    keep_totals(session, session.flush)
    session.execute(sa.update(DayTotal).values(credit=7))
    Book(session).transfer(A, B, 100, key="late", effective=day_before(4))
    assert totals_at(session, day_before(5)).credit == 7
    assert totals_at(session, day_before(4)).credit == 28 + 100
    assert totals_at(session, day_before(1)).credit == 55 + 100
    assert keep_totals(session, session.flush) == "4 days added up."
    kept = session.scalars(sa.select(DayTotal.credit).order_by(DayTotal.day)).all()
    assert kept == [7] * 6 + [28 + 100, 36 + 100, 45 + 100, 55 + 100]


def test_an_empty_book_has_no_days(app: Skillbank) -> None:
    with saved(app) as session:
        assert keep_totals(session, session.flush) == "The book is empty."
        assert totals_at(session, day_before(3)).accounts == 0
