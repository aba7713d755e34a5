"""The checks themselves, beside a server that must not notice: slow where it is busy.

They run in a thread with a connection of its own that only reads, with the lowest priority and with
pauses, so that whoever started it can tell how far it is meanwhile.
"""

from __future__ import annotations

import os
import threading
import time as stopwatch
from contextlib import suppress

import sqlalchemy as sa

from ledger import Book, Head, Report

LOWEST_PRIORITY = 19
PAUSE = 0.5
"""How long it rests after a step, as a share of how long the step took."""
LONGEST_PAUSE_SECONDS = 5.0


class _Stopped(Exception):  # noqa: N818  # nothing went wrong
    """Nobody waits for the result any more."""


class Verifier(threading.Thread):
    """The checks of one run: ``with verifier:`` they go on, and stop at its end.

    ``progress`` is how many of how many steps are done, ``done`` is set when there is a result.
    With ``gently=False`` they take what they can get of the machine.
    """

    def __init__(self, engine: sa.Engine, *, thorough: bool, gently: bool = True) -> None:
        super().__init__(name="verification", daemon=True)
        self._engine = engine
        self._thorough = thorough
        self._gently = gently
        self._step_began = 0.0
        self._outcome: tuple[Report, Head] | None = None
        self._error: Exception | None = None
        self._stopping = threading.Event()
        self.progress = (0, 0)
        self.done = threading.Event()

    def __enter__(self) -> Verifier:
        self.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._stopping.set()
        self.join()

    def result(self) -> tuple[Report, Head]:
        """Return the report, and how far the book had come at the beginning, once it is done.

        Raises:
            Exception: what ended it.
        """
        if self._error is not None:
            raise self._error
        assert self._outcome is not None
        return self._outcome

    def run(self) -> None:
        """Verify, and keep what came of it."""
        if self._gently:
            # On Linux that is the priority of this thread alone; elsewhere it may not be possible.
            with suppress(OSError, AttributeError):
                os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), LOWEST_PRIORITY)
        try:
            reader = self._engine.execution_options(read_only=True, postgresql_readonly=True)
            with reader.connect() as connection:
                if self._gently and connection.dialect.name == "postgresql":
                    # One process of the database's, not several: the rest is for those who work.
                    connection.exec_driver_sql("SET LOCAL max_parallel_workers_per_gather = 0")
                book = Book(connection)
                head = book.head()
                self._step_began = stopwatch.monotonic()
                self._outcome = book.verify(self._tell, thorough=self._thorough), head
        except _Stopped:
            pass
        except Exception as error:
            self._error = error
        finally:
            self.done.set()

    def _tell(self, done: int, steps: int) -> None:
        """Keep the progress, and rest for a share of what the step before took."""
        self.progress = (done, steps)
        took = stopwatch.monotonic() - self._step_began
        pause = min(took * PAUSE, LONGEST_PAUSE_SECONDS) if self._gently else 0
        if self._stopping.wait(pause):
            raise _Stopped
        self._step_began = stopwatch.monotonic()
