"""Processes that can be killed, and start in a moment: they are forked from one that has imported
the product already, and has no threads and no connections."""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections.abc import Callable
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

_FORKS = multiprocessing.get_context("forkserver")
_FORKS.set_forkserver_preload(["marketplace.outbox.worker", "tests.crashes.worker_process"])
LONGEST_START_SECONDS = 60


class Killable:
    """A process that does ``work(*arguments, ready)``; what it prints goes into ``log``.

    ``work`` calls ``ready`` once it works.
    """

    def __init__(self, work: Callable[..., None], *arguments: Any, log: Path) -> None:
        self._work, self._arguments, self._log = work, arguments, log
        self.start()

    def start(self) -> None:
        """Start it (again) and wait until it works."""
        here, there = _FORKS.Pipe(duplex=False)
        self._process = _FORKS.Process(
            target=_run, args=(self._work, self._arguments, there, str(self._log))
        )
        self._process.start()
        there.close()
        with here:
            assert here.poll(LONGEST_START_SECONDS), "it did not start"
            try:
                here.recv()
            except EOFError:
                raise AssertionError(self._log.read_text()) from None

    def kill(self) -> None:
        """End it as a power cut would."""
        self._process.kill()
        self.wait()

    def stop(self, number: signal.Signals = signal.SIGTERM) -> int:
        """Ask it to end; its exit code."""
        assert self._process.pid is not None
        os.kill(self._process.pid, number)
        return self.wait()

    def wait(self) -> int:
        """Wait until it has ended; its exit code, less than 0 if a signal ended it."""
        self._process.join(timeout=30)
        code = self._process.exitcode
        assert code is not None, "it did not end"
        return code

    def is_running(self) -> bool:
        """Whether it has not ended by itself."""
        return self._process.is_alive()


def _run(
    work: Callable[..., None], arguments: tuple[Any, ...], ready: Connection, log: str
) -> None:
    with open(log, "ab", buffering=0) as file:
        os.dup2(file.fileno(), 1)
        os.dup2(file.fileno(), 2)

    def tell() -> None:
        ready.send("ready")
        ready.close()

    work(*arguments, tell)
