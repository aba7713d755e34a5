"""How many questions of one kind one network address may ask in a minute.

It is for pages that anyone may ask many times and that only read, so that counting costs no
statement: each server process counts by itself. What is written is limited by `marketplace.limits`,
and tries of passwords by `marketplace.accounts.throttling`, for all processes together.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from threading import Lock

from marketplace import clock

MINUTE = timedelta(minutes=1)
MOST_ADDRESSES = 10_000
"""So many are remembered at a time; beyond it all counts begin again."""


class RequestRate:
    """A limit of ``most`` questions a minute for each address, in this process."""

    def __init__(self, most: int) -> None:
        self.most = most
        self._counts: dict[str, tuple[datetime, int]] = {}
        self._lock = Lock()

    def seconds_to_wait(self, address: str) -> int:
        """Count a question from ``address``; return how many seconds it has to wait, or 0."""
        now = clock.now()
        with self._lock:
            began, count = self._counts.get(address, (now, 0))
            if now - began >= MINUTE:
                began, count = now, 0
            if count >= self.most:
                return max(1, (began + MINUTE - now).seconds)
            if len(self._counts) >= MOST_ADDRESSES and address not in self._counts:
                self._counts.clear()
            self._counts[address] = (began, count + 1)
            return 0
