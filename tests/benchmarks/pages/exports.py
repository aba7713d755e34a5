"""How much memory a process needs to send a small and a large part of the journal as a file."""

from __future__ import annotations

import multiprocessing
import time
from datetime import timedelta
from typing import NamedTuple

import sqlalchemy as sa

from marketplace.accounts.models import Person
from marketplace.audit.journal.models import JournalRow
from marketplace.database import db
from tests.benchmarks.pages.warm_process import Visitor, resident_memory
from tests.marketplace.conftest import build

FORMS = ("csv", "xlsx", "hledger", "beancount")
SMALL = 50_000
_MIB = 1024 * 1024
_SAMPLED = 16
"""Memory is looked at after so many pieces of the answer."""


class Exported(NamedTuple):
    """One export: its seconds, the bytes sent, and what memory grew by at most, in bytes."""

    seconds: float
    size: int
    grown: int


def print_exports(url: str, auditor_id: int) -> None:
    """Print a table of exports of two sizes, each made in a fresh process."""
    parts = choose_parts(url)
    print(f"\n{'journal as':<12}{'records':>10}{'seconds':>10}{'MiB sent':>10}{'memory +MiB':>13}")
    for form in FORMS:
        for records, query in parts:
            with multiprocessing.get_context("spawn").Pool(1) as pool:
                done = pool.apply(export, (url, auditor_id, form, query))
            print(
                f"{form:<12}{records:>10,}{done.seconds:>10.1f}{done.size / _MIB:>10.1f}"
                f"{done.grown / _MIB:>13.1f}",
                flush=True,
            )


def choose_parts(url: str) -> list[tuple[int, str]]:
    """Return the sizes and the queries of two parts: the last `SMALL` records or so, and all.

    Both are in the order of days, so that only their sizes differ.
    """
    app = build(url)
    with app.app_context():
        row = JournalRow
        number, first = db.session.execute(
            sa.select(sa.func.count(), sa.func.min(row.effective))
        ).one()
        edge = db.session.scalars(
            sa.select(row.effective).order_by(row.effective.desc()).offset(SMALL).limit(1)
        ).one()
        small = db.session.scalars(sa.select(sa.func.count()).where(row.effective > edge)).one()
        db.session.remove()
        db.engine.dispose()
    return [(small, f"start={edge + timedelta(days=1)}"), (number, f"start={first}")]


def export(url: str, auditor_id: int, form: str, query: str) -> Exported:
    """Export a part of the journal in this process, and watch its memory.

    The first MiB comes first, so that the growth is what the size of the part
    costs, and not what a process loads once.
    """
    app = build(url)
    with app.app_context():
        auditor = db.session.get_one(Person, auditor_id)
        db.session.expunge(auditor)
        db.session.remove()
    visitor = Visitor(app, auditor)
    path = f"/credits/book/journal.{form}?{query}"
    beginning, size = visitor.stream(path), 0
    while size < _MIB and (piece := next(beginning, None)) is not None:
        size += len(piece)
    beginning.close()
    before = highest = resident_memory()
    size = 0
    started = time.perf_counter()
    for number, piece in enumerate(visitor.stream(path)):
        size += len(piece)
        if number % _SAMPLED == 0:
            highest = max(highest, resident_memory())
    seconds = time.perf_counter() - started
    return Exported(seconds, size, max(highest, resident_memory()) - before)
