"""What the operator changed, as each process remembers it: read again every few seconds."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, Generic, TypeVar

import sqlalchemy as sa
from flask import has_request_context
from sqlalchemy.orm import Session

from marketplace.database import db

SECONDS = 5.0
"""For so long a process may not know yet what was changed in another one."""

Row = TypeVar("Row")
Made = TypeVar("Made")


class Remembered(Generic[Row, Made]):
    """What is made of the rows of a query, as this process has read them last.

    ``current`` is the same object for as long as nothing changes, so that what is made of it can
    be kept with it.
    """

    def __init__(
        self,
        query: Callable[[], Any],
        row: Callable[..., Row],
        make: Callable[[tuple[Row, ...]], Made],
    ) -> None:
        self._query = query
        self._row = row
        self._make = make
        self._rows: tuple[Row, ...] = ()
        self._made: Made | None = None
        self._read_at: float | None = None

    def current(self) -> Made:
        """Return it, read again if that was too long ago."""
        now = time.monotonic()
        if self._made is None or self._read_at is None or now - self._read_at > SECONDS:
            rows = tuple(self._row(*row) for row in _read(self._query()))
            if self._made is None or rows != self._rows:
                self._made, self._rows = self._make(rows), rows
            self._read_at = now
        return self._made

    def forget(self) -> None:
        """Read it again when it is asked for next."""
        self._read_at = None

    def forget_after_commit(self, session: Session) -> None:
        """Know at once what is about to be committed, or that it was rolled back."""
        for name in ("after_commit", "after_rollback"):
            sa.event.listen(session, name, lambda _session: self.forget(), once=True)


def _read(query: Any) -> list[Any]:
    if has_request_context():
        # A request has a connection already, and may get no second one.
        return list(db.session().execute(query))
    engine = db.engine.execution_options(read_only=True, postgresql_readonly=True)
    with engine.connect() as connection:
        return list(connection.execute(query))
