"""Bringing up to date what the worker keeps beside the ledger, as it is on a running network."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date

from flask import Flask, current_app
from sqlalchemy.orm import Session

from marketplace.audit.dashboard.keeping import keep_figures
from marketplace.audit.day_totals.models import DayTotal
from marketplace.audit.day_totals.service import keep_totals
from marketplace.audit.journal.indexing import index_journal
from marketplace.audit.maintenance_commands import expire_holds, seal_book
from marketplace.database import db
from marketplace.search.index.keeping import folder_of
from marketplace.search.index.writing import rebuild


def keep_derived(session: Session) -> None:
    """Do what the worker does about the ledger, and print how long each job took."""
    jobs: dict[str, Callable[[Session, Callable[[], None]], object]] = {
        "expire_holds": expire_holds,
        "index_journal": index_journal,
        "network_figures": keep_figures,
        "keep_totals": keep_totals,
        "seal_book": lambda session, _commit: seal_book(session).splitlines()[-1],
        "search_index": lambda session, _commit: rebuild(session, folder_of(current_app)),
    }
    for name, job in jobs.items():
        started = time.perf_counter()
        outcome = job(session, session.commit)
        session.commit()
        print(f"{name}: {time.perf_counter() - started:.1f} s. {outcome}", flush=True)


@contextmanager
def without_total(app: Flask, day: date) -> Iterator[None]:
    """Forget the total kept of ``day`` for a while, so that the page asks another day’s."""
    with app.app_context():
        total = db.session.get_one(DayTotal, day)
        columns = ("day", "recorded_before", "debit", "credit")
        values = {name: getattr(total, name) for name in columns}
        db.session.delete(total)
        db.session.commit()
    try:
        yield
    finally:
        with app.app_context():
            db.session.add(DayTotal(**values))
            db.session.commit()
