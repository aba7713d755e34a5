"""How often and how soon a failed piece of work is tried again, and how errors are described."""

from __future__ import annotations

import random
import traceback
from dataclasses import dataclass
from datetime import timedelta

from marketplace.outbox.models import LONGEST_ERROR


class ClaimLost(Exception):  # noqa: N818 -- it says what is the matter
    """The lease ended and another worker took over; what this one did must not be committed."""


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """The limits of trying: with these twelve tries a delivery is tried for about half a day."""

    max_tries: int = 12
    first_wait: timedelta = timedelta(seconds=30)
    longest_wait: timedelta = timedelta(hours=6)
    lease: timedelta = timedelta(minutes=5)
    """How long a worker may take for a delivery before another one tries it."""

    def wait(self, tries: int) -> timedelta:
        """Return how long to wait after so many tries: twice as long each time, within a quarter.

        The quarter spreads deliveries that failed together, so that they do not all come back
        together.
        """
        doubled = self.first_wait * 2 ** min(tries - 1, 30)
        return min(doubled, self.longest_wait) * random.uniform(0.75, 1.25)  # noqa: S311


def describe(error: BaseException) -> str:
    """Return the type of an error and the line that raised it, without its message.

    Messages quote what people wrote (a database error quotes whole rows), and neither the log nor
    the outbox is a place for that.
    """
    kind = type(error)
    steps = traceback.extract_tb(error.__traceback__)
    ours = [step for step in steps if "site-packages" not in step.filename] or list(steps)
    location = f" at {_short(ours[-1].filename)}:{ours[-1].lineno}" if ours else ""
    return f"{kind.__module__}.{kind.__qualname__}{location}"[:LONGEST_ERROR]


def stack(error: BaseException) -> str:
    """Return the lines of code that led to an error, without its message and without values."""
    return "".join(traceback.format_tb(error.__traceback__))


def _short(filename: str) -> str:
    return "/".join(filename.replace("\\", "/").split("/")[-3:])
