"""Asking for a download of the journal, and noting how far it is."""

from __future__ import annotations

import logging
import time as stopwatch
from collections.abc import Mapping
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from marketplace import clock
from marketplace.accounts.actor import Actor
from marketplace.accounts.roles import Permission
from marketplace.audit.export_runs.models import ExportRun

NOTED_SECONDS = 1.0
"""How often it is noted how far a download is."""

log = logging.getLogger(__name__)


def ask_export(
    session: Session, actor: Actor, form: str, filters: Mapping[str, str], total: int
) -> ExportRun:
    """Write down that ``actor`` wants what is filtered, ``total`` records, as a file.

    Raises:
        NotAllowed: the actor does not read the network's ledger.
    """
    actor.require(Permission.AUDIT_LEDGER)
    run = ExportRun(
        asked_by_id=actor.person_id,
        asked_at=clock.now(),
        form=form,
        filters=dict(filters),
        total=total,
    )
    session.add(run)
    session.flush()
    return run


class Progress:
    """Notes how far a download is while it is sent, in short transactions of their own.

    If the database does not take a note in time, that note is lost: the download goes on.
    """

    def __init__(self, engine: sa.Engine, run_id: int) -> None:
        self._engine = engine
        self._run_id = run_id
        self._noted_at = stopwatch.monotonic()
        now = clock.now()
        self._note(done=0, begun_at=now, progress_at=now, finished_at=None)

    def __call__(self, done: int, is_all: bool) -> None:
        """Note that ``done`` records are in the file, once a second; and at once if that is all."""
        if is_all:
            now = clock.now()
            self._note(done=done, progress_at=now, finished_at=now)
        elif stopwatch.monotonic() - self._noted_at >= NOTED_SECONDS:
            self._noted_at = stopwatch.monotonic()
            self._note(done=done, progress_at=clock.now())

    def _note(self, **values: object) -> None:
        try:
            with self._engine.begin() as connection:
                connection.execute(
                    sa.update(ExportRun).where(ExportRun.id == self._run_id).values(**values)
                )
        except (sa.exc.OperationalError, sa.exc.TimeoutError) as error:
            log.warning("How far a download is was not noted: %s", type(error).__name__)


def delete_old(session: Session, before: datetime) -> int:
    """Delete the downloads that were asked for before ``before``; return how many."""
    result = session.execute(
        sa.delete(ExportRun).where(ExportRun.asked_at < before),
        execution_options={"synchronize_session": False},
    )
    assert isinstance(result, sa.CursorResult)
    return result.rowcount
