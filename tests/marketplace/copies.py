"""What takes long to make in a database: made once a process, and copied for each test."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from copy import deepcopy
from datetime import datetime, timedelta
from pathlib import Path
from typing import Generic, TypeVar

from marketplace import clock
from marketplace.application import Skillbank
from marketplace.database import db

Made = TypeVar("Made")
FRESH_FOR = timedelta(minutes=5)
"""Well below what lasts the shortest time: a support access ends after half an hour."""


class Copies(Generic[Made]):
    """Copies of what ``make`` makes in an empty database; it returns what there is then."""

    def __init__(self, make: Callable[[Skillbank], Made]) -> None:
        self._make = make
        self._kept: tuple[datetime, bytes, Made] | None = None

    def put_into(self, app: Skillbank) -> Made:
        """Fill the application's empty database, and return what there is.

        On SQLite it is a copy, if one was made in the last minutes by the clock of the test.
        """
        with app.app_context():
            engine = db.engine
        if engine.dialect.name != "sqlite":
            return self._make(app)
        path, now = Path(engine.url.database or ""), clock.now()
        if self._kept is None or not timedelta() <= now - self._kept[0] <= FRESH_FOR:
            made = self._make(app)
            engine.dispose()
            # With the last connection the log beside the file has gone into it.
            assert not Path(f"{path}-wal").exists(), "a connection is still open"
            self._kept = now, path.read_bytes(), made
        else:
            engine.dispose()
            path.write_bytes(self._kept[1])
        return deepcopy(self._kept[2])

    @contextmanager
    def as_made(self, app: Skillbank) -> Iterator[datetime]:
        """The database as it was when `put_into` had filled it; then again as it is now.

        Gives when it was made, which tells one that is copied from another. On SQLite only.
        """
        assert self._kept is not None
        made_at, as_made, _ = self._kept
        with app.app_context():
            engine = db.engine
        path = Path(engine.url.database or "")
        engine.dispose()
        as_it_is = path.read_bytes()
        path.write_bytes(as_made)
        try:
            yield made_at
        finally:
            engine.dispose()
            path.write_bytes(as_it_is)
