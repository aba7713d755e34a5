"""Every process knows the topics: it reads what the operator changed again every few seconds."""

from __future__ import annotations

import time

import sqlalchemy as sa
from flask import Flask, current_app, has_request_context
from sqlalchemy.orm import Session

from marketplace.database import db
from marketplace.listings.topics import BUILT_IN, Entry, Topics, set_topics
from marketplace.search.own_topics.queries import entries_in_force

KEY = "skillbank.search.own_topics"
SECONDS = 5.0
"""For so long a process may not know yet what was changed in another one."""


class Keeper:
    """The topics as this process has read them last.

    ``topics`` is the same object for as long as nothing changes, so that what is made of it can be
    kept with it.
    """

    def __init__(self) -> None:
        self._entries: tuple[Entry, ...] = ()
        self._topics = BUILT_IN
        self._read_at: float | None = None

    def topics(self) -> Topics:
        """Return them, read again if that was too long ago."""
        now = time.monotonic()
        if self._read_at is None or now - self._read_at > SECONDS:
            entries = _read()
            if entries != self._entries:
                self._topics, self._entries = Topics(entries), entries
            self._read_at = now
        return self._topics

    def forget(self) -> None:
        """Read them again when they are asked for next."""
        self._read_at = None


def init_app(app: Flask) -> None:
    """Let the application ask for the topics as they are now."""
    keeper = app.extensions[KEY] = Keeper()
    set_topics(app, keeper.topics)


def forget_topics() -> None:
    """Let this process read the topics again when they are asked for next."""
    keeper: Keeper = current_app.extensions[KEY]
    keeper.forget()


def forget_topics_after_commit(session: Session) -> None:
    """Let this process know at once what it is about to commit, or that it was rolled back."""
    keeper: Keeper = current_app.extensions[KEY]
    for name in ("after_commit", "after_rollback"):
        sa.event.listen(session, name, lambda _session: keeper.forget(), once=True)


def _read() -> tuple[Entry, ...]:
    if has_request_context():
        # A request has a connection already, and may get no second one.
        return tuple(Entry(*row) for row in db.session().execute(entries_in_force()))
    engine = db.engine.execution_options(read_only=True, postgresql_readonly=True)
    with engine.connect() as connection:
        return tuple(Entry(*row) for row in connection.execute(entries_in_force()))
