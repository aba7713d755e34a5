"""How much memory a process needs to send the whole journal as a file."""

from __future__ import annotations

import multiprocessing
import time

from marketplace.accounts.models import Person
from marketplace.database import db
from tests.benchmarks.pages.warm_process import Visitor, resident_memory
from tests.marketplace.conftest import build

FORMS = ("csv", "xlsx", "hledger", "beancount")
_MIB = 1024 * 1024


def print_exports(url: str, auditor_id: int, month: str) -> None:
    """Print a table of the exports of the whole journal; ``month`` is the query of a small one."""
    print(f"\n{'journal as':<12}{'seconds':>10}{'MiB sent':>10}{'memory grew, MiB':>18}")
    for form in FORMS:
        with multiprocessing.get_context("spawn").Pool(1) as pool:
            seconds, size, grown = pool.apply(export, (url, auditor_id, form, month))
        print(f"{form:<12}{seconds:>10.1f}{size / _MIB:>10.1f}{grown / _MIB:>18.1f}", flush=True)


def export(url: str, auditor_id: int, form: str, month: str) -> tuple[float, int, int]:
    """Export the journal in this process; return the seconds, the bytes sent and memory's growth.

    A small export comes first, so that the growth is what the size of the journal costs.
    """
    app = build(url)
    with app.app_context():
        auditor = db.session.get_one(Person, auditor_id)
        db.session.expunge(auditor)
        db.session.remove()
    visitor = Visitor(app, auditor)
    visitor.open(f"/credits/book/journal.{form}?{month}")
    before = highest = resident_memory()
    size = 0
    started = time.perf_counter()
    for number, piece in enumerate(visitor.stream(f"/credits/book/journal.{form}")):
        size += len(piece)
        if number % 64 == 0:
            highest = max(highest, resident_memory())
    return time.perf_counter() - started, size, max(highest, resident_memory()) - before
