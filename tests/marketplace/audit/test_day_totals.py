"""The kept totals of each day: always what the ledger says, also after something is dated back."""

from __future__ import annotations

import random
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from ledger import Book, schema
from marketplace.application import Skillbank
from marketplace.audit.day_totals.models import DayTotal
from marketplace.audit.day_totals.service import forget_totals, keep_totals, totals_at
from marketplace.clock import today
from marketplace.database import db
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


def day_before(days: int) -> date:
    return today() - timedelta(days=days)


def tomorrow() -> date:
    return today() + timedelta(days=1)


def credits_of_days(session: Session, days: int = 10) -> list[int]:
    """The credit column of each of the last days."""
    return [totals_at(session, day_before(number)).credit for number in range(days, 0, -1)]


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


def test_what_is_dated_back_counts_at_once_and_is_kept_from_the_next_day_on(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep_totals(session, session.flush)
    Book(session).transfer(A, B, 100, key="late", effective=day_before(4))
    assert keep_totals(session, session.flush) == "0 days added up."
    assert credits_of_days(session) == [1, 3, 6, 10, 15, 21, 128, 136, 145, 155]
    Book(session).transfer(A, B, 100, key="later", effective=day_before(10))
    right = [0, 0, 101, 103, 106, 110, 115, 121, 228, 236, 245, 255]
    assert credits_of_days(session, 12) == right
    monkeypatch.setattr("marketplace.audit.day_totals.service.today", tomorrow)
    monkeypatch.setattr(Book, "settled_until", lambda _: datetime.now(UTC) + timedelta(days=1))
    assert keep_totals(session, session.flush) == "11 days added up."
    assert credits_of_days(session, 12) == right
    kept = session.scalars(sa.select(DayTotal.credit).order_by(DayTotal.day)).all()
    assert kept == [*right[2:], right[-1]]


def test_a_day_that_is_not_kept_is_told_from_the_one_before(session: Session) -> None:
    keep_totals(session, session.flush)
    session.execute(sa.delete(DayTotal).where(DayTotal.day >= day_before(6)))
    session.execute(sa.update(DayTotal).values(credit=DayTotal.credit + 1_000))
    assert credits_of_days(session) == [1001, 1003, 1006, 1010, 1015, 1021, 1028, 1036, 1045, 1055]


def test_totals_are_right_while_others_post_and_days_are_kept(app: Skillbank) -> None:
    """Read beside who dates things back: what is told is what the entries of that moment sum to."""
    days = [day_before(days) for days in (9, 5, 4, 1)]
    with saved(app) as session:
        start = datetime.now(UTC) - timedelta(days=10)
        codes = [f"school:{number}" for number in range(1, 6)]
        for code in codes:
            Book(session, clock=lambda: start).open_account(code, floor=None, key=f"open:{code}")
    done = threading.Event()

    def post(poster: int) -> None:
        choose = random.Random(poster)
        for number in range(25):
            with saved(app) as session:
                source, target = choose.sample(codes, 2)
                day = choose.choice([*days, None])
                minutes, key = choose.randint(1, 90), f"{poster}:{number}"
                Book(session).transfer(source, target, minutes, key=key, effective=day)

    def keep() -> None:
        while not done.wait(0.05):
            with saved(app) as session:
                forget_totals(session)
                keep_totals(session, session.commit)

    with ThreadPoolExecutor(3) as pool:
        keeping = pool.submit(keep)
        posting = [pool.submit(post, poster) for poster in (1, 2)]
        while not all(one.done() for one in posting):
            for day in days:
                told, added_up = told_and_added_up(app, day)
                assert told == added_up
        done.set()
        for one in (keeping, *posting):
            one.result()


def told_and_added_up(app: Skillbank, day: date) -> tuple[tuple[int, int], tuple[int, int]]:
    """The totals of a day, and what the entries effective by then sum to, at one moment."""
    with app.app_context():
        session = db.session()
        if session.get_bind().dialect.name == "postgresql":
            session.connection(execution_options={"isolation_level": "REPEATABLE READ"})
        totals = totals_at(session, day)
        entry, record = schema.entry.c, schema.transaction.c
        balances = session.scalars(
            sa.select(sa.func.sum(entry.amount))
            .join(schema.transaction, record.id == entry.transaction_id)
            .where(record.effective <= sa.literal(day, schema.Day))
            .group_by(entry.account_id)
        ).all()
        session.rollback()
    debit, credit = (sum(max(sign * int(one), 0) for one in balances) for sign in (-1, 1))
    return (totals.debit, totals.credit), (debit, credit)


def test_an_empty_book_has_no_days(app: Skillbank) -> None:
    with saved(app) as session:
        assert keep_totals(session, session.flush) == "The book is empty."
        assert totals_at(session, day_before(3)).accounts == 0
