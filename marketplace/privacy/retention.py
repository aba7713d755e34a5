"""What is deleted after a time: each feature registers its own, and one job does it every day."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from flask import Flask, current_app
from sqlalchemy.orm import Session

from marketplace import clock
from marketplace.outbox.schedule import JobRun

DAILY_AT = time(4, 0)

log = logging.getLogger(__name__)

Purge = Callable[[Session, datetime], int]
"""Deletes or anonymises what is older than the instant, and returns how many rows that were."""


@dataclass(frozen=True, slots=True)
class Rule:
    """How long one kind of thing is kept.

    Attributes:
        name: the rule in the job's report.
        what: what is kept, and from when the time runs, as the privacy notice says it.
        days: for how long.
        why: why for that long, as a sentence of the privacy notice.
        purge: what ends it; ``None`` if the feature has a job of its own for that.
    """

    name: str
    what: str
    days: int
    why: str
    purge: Purge | None = None

    @property
    def period(self) -> str:
        """The time in words: “90 days”, “2 years”."""
        years, rest = divmod(self.days, 365)
        if not years or rest > years // 4 + 1:
            return f"{self.days} days"
        return "1 year" if years == 1 else f"{years} years"


class Retention:
    """The rules of an application."""

    KEY = "skillbank.privacy.retention"

    def __init__(self) -> None:
        self._rules: dict[str, Rule] = {}

    def __iter__(self) -> Iterator[Rule]:
        return iter(self._rules.values())

    def add(self, *rules: Rule) -> None:
        """Register the rules of a feature.

        Raises:
            ValueError: if a name is taken, or nothing would be kept.
        """
        for rule in rules:
            if rule.name in self._rules or rule.days < 1:
                raise ValueError(f"{rule.name!r} cannot be another rule of {rule.days} days")
            self._rules[rule.name] = rule


def get_retention(app: Flask | None = None) -> Retention:
    """Return the rules of ``app``, or of the running application."""
    rules: Retention = (app or current_app).extensions[Retention.KEY]
    return rules


def purge_one(session: Session, rule: Rule) -> int:
    """Delete what is older than ``rule`` keeps it; return how many rows. It does not commit."""
    if rule.purge is None:
        return 0
    return rule.purge(session, clock.now() - timedelta(days=rule.days))


def run_retention(run: JobRun) -> str:
    """Delete everything that is over its time, rule by rule (a job of the schedule).

    A rule that fails does not keep the others from being followed.

    Raises:
        Exception: the first error, when all rules have had their turn.
    """
    counts, errors = {}, []
    for rule in get_retention():
        try:
            counts[rule.name] = purge_one(run.session, rule)
        except Exception as error:
            log.exception("The rule %s of the retention failed", rule.name)
            run.session.rollback()
            errors.append(error)
        run.commit()
    if errors:
        raise errors[0]
    done = [f"{name}: {count:,}" for name, count in counts.items() if count]
    return (
        f"Deleted or made anonymous: {', '.join(done)}." if done else "Nothing was over its time."
    )
