"""Keeping the figures up with the ledger: a job every hour, and a command that makes them anew."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from datetime import date, timedelta

import click
import sqlalchemy as sa
from sqlalchemy.orm import Session

from ledger import Book, CursorExpired, InvalidText, Transaction
from marketplace import clock
from marketplace.audit.dashboard.front_page import count_front_page
from marketplace.audit.dashboard.models import NetworkFigures, NetworkMonth
from marketplace.audit.dashboard.unusual import DAYS, mark_unusual
from marketplace.credits.chart import FUND, ISSUANCE
from marketplace.database import db
from marketplace.mail.models import FailingAddress
from marketplace.network.models import SchoolActivity
from marketplace.outbox.schedule import JobRun, Schedule
from marketplace.schools.models import School

BATCH = 2_000
PAYMENT = "exchange"
"""The kind of a record that pays for an exchange."""


def schedule_job(schedule: Schedule) -> None:
    """Put the job on the schedule."""
    schedule.every("network_figures", timedelta(hours=1), _job)


def keep_figures(session: Session, commit: Callable[[], None]) -> str:
    """Bring every figure up to date, and say so; ``commit`` is called after each batch."""
    added = _follow(session, commit)
    marks = mark_unusual(session)
    _count(session, marks)
    return f"{added:,} records added to the months; {marks.total():,} marks of unusual entries."


def rebuild_figures(session: Session, commit: Callable[[], None]) -> str:
    """Make every figure anew from the ledger."""
    _empty(session, _locked(session))
    return keep_figures(session, commit)


@click.command("rebuild-figures")
def rebuild_command() -> None:
    """Make the figures of the dashboards anew from the ledger."""
    session: Session = db.session()
    words = rebuild_figures(session, session.commit)
    session.commit()
    click.echo(words)


def _job(run: JobRun) -> str:
    return keep_figures(run.session, run.commit)


def _follow(session: Session, commit: Callable[[], None]) -> int:
    """Add what was recorded since to the months; return how many records that were."""
    added = 0
    while True:
        figures = _locked(session)
        try:
            page = Book(session).journal(newest_first=False, after=figures.cursor, limit=BATCH)
        except (CursorExpired, InvalidText):
            _empty(session, figures)
            continue
        _add(session, page.transactions)
        figures.cursor = page.last
        added += len(page.transactions)
        session.flush()
        commit()
        if page.next is None:
            return added


def _add(session: Session, transactions: Sequence[Transaction]) -> None:
    reversed_kinds = _kinds_of(session, [one.reverses for one in transactions if one.reverses])
    months: dict[date, list[int]] = {}
    for one in transactions:
        if one.reverses:
            sign = -1 if reversed_kinds.get(one.reverses) == PAYMENT else 0
        else:
            sign = 1 if one.kind == PAYMENT else 0
        if sign:
            figures = months.setdefault(one.effective.replace(day=1), [0, 0])
            figures[0] += sign
            figures[1] += sign * sum(entry.amount for entry in one.entries if entry.amount > 0)
    for month, (exchanges, minutes) in sorted(months.items()):
        row = session.get(NetworkMonth, month)
        if row is None:
            session.add(NetworkMonth(month=month, exchanges=exchanges, minutes=minutes))
        else:
            row.exchanges += exchanges
            row.minutes += minutes


def _kinds_of(session: Session, numbers: Sequence[int]) -> dict[int, str]:
    book = Book(session)
    return {number: book.transaction(number).kind for number in set(numbers)}


def _count(session: Session, marks: Counter[str]) -> None:
    """Count what takes too long for a page; ``marks`` is how many each rule has made."""
    now = clock.now()
    lately = now - timedelta(days=DAYS)
    figures = _locked(session)
    balances = Book(session).balances([ISSUANCE, FUND])
    figures.circulating = -sum(account.posted for account in balances.values())
    figures.schools, figures.joined_lately = session.execute(
        sa.select(
            sa.func.count(),
            sa.func.count(sa.case((School.joined_at >= lately, 1))),
        ).where(School.joined_at.is_not(None), School.left_at.is_(None))
    ).one()
    figures.active_schools = session.scalars(
        sa.select(sa.func.count()).where(
            sa.or_(
                SchoolActivity.last_activity_at >= lately, SchoolActivity.last_sign_in_at >= lately
            )
        )
    ).one()
    figures.failing_addresses = session.scalars(
        sa.select(sa.func.count()).select_from(FailingAddress)
    ).one()
    figures.unusual = dict(marks)
    figures.front_page = count_front_page(session).to_json()
    figures.updated_at = now


def _locked(session: Session) -> NetworkFigures:
    """The row that says how far the months have come; no other adds to them until the commit."""
    query = sa.select(NetworkFigures).with_for_update().execution_options(populate_existing=True)
    figures = session.scalar(query)
    if figures is None:
        figures = NetworkFigures(id=1, cursor=None, updated_at=clock.now())
        session.add(figures)
        session.flush()
    return figures


def _empty(session: Session, figures: NetworkFigures) -> None:
    session.execute(sa.delete(NetworkMonth))
    figures.cursor = None
    session.flush()
