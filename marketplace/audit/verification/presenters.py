"""Verifications in words: how far one is, what came of it, and what a fault means."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from flask import url_for
from sqlalchemy.orm import Session

from marketplace import clock
from marketplace.audit.verification.models import Result, VerificationRun
from marketplace.audit.verification.queries import last_unsound
from marketplace.audit.verification.running import LEASE, MOST_ATTEMPTS
from marketplace.web.formats import clock_time
from marketplace.web.navigation import ActorLike
from marketplace.web.tasks import Task, TaskList

WORKER_WAITS = timedelta(minutes=1)
"""How long a run may wait before the page says that no worker seems to be there."""

MEANINGS = {
    "incomplete-transaction": "Lines of a transaction are missing, too many, or without a header.",
    "unbalanced-transaction": "The lines of a transaction do not sum to zero.",
    "altered-transaction": "A transaction contradicts itself, or is no longer what was sealed.",
    "altered-entry": "The balance after an entry is not the one before plus its amount.",
    "missing-version": "An account’s entries have a gap, or the last ones are gone.",
    "time-backwards": "An entry was recorded before the one that precedes it.",
    "clock-ahead": "Something is recorded at an instant that is yet to come.",
    "drifted-balance": "An account’s balance differs from its last entry.",
    "account-not-open": "Credits moved on an account that was frozen or closed at the time.",
    "drifted-account": "An account’s name, limits or status are not those last decided.",
    "altered-account": "What was done to an account does not follow from what was before.",
    "altered-period": "A closed period and its record do not fit each other.",
    "altered-book": "The book’s own row is not as it must be.",
    "drifted-pair": "What was added up between two accounts is not what the entries come to.",
    "drifted-held": "What is said to be held differs from the holds.",
    "drifted-backdated": "The note of what was recorded on another day than its own is wrong.",
    "altered-hold": "The parts of a hold do not go on from one another.",
    "hold-overdrawn": "More was settled of a hold than was left of it.",
    "double-settle": "A hold was settled or released after its end.",
    "double-reversal": "A transaction was reversed twice, or a reversal was reversed.",
    "closed-period": "Something was recorded in a period that had been closed.",
    "drifted-checkpoint": "What a period was closed with is not what its entries sum to.",
    "broken-seal-chain": "A seal does not follow from its records and the seal before it.",
    "unsealed-transaction": "A transaction slipped in behind a seal that should have covered it.",
    "limit-exceeded": "An account went beyond a limit that held at the time.",
    "nonzero-book": "All balances together are not zero.",
    "guard-missing": "A guard of the database is gone, switched off or replaced.",
    "guard-added": "The database has a rule that is not the ledger’s own.",
    "unproved": "Fingerprints disagree, although no single row is found wrong.",
    "unreadable": "A check could not read what is there.",
}
"""What each kind of fault means; the ledger’s handbook says what to do about each."""


@dataclass(frozen=True, slots=True)
class FaultRow:
    """One fault: its kind, what that means, the row, and the ledger's own words about it."""

    kind: str
    meaning: str
    subject: str
    message: str


@dataclass(frozen=True, slots=True)
class RunRow:
    """One verification as its list and its page show it."""

    run: VerificationRun
    asked_by: str
    status: str
    tone: str
    took: str

    @property
    def url(self) -> str:
        """The address of its page."""
        return url_for("audit.verification", run_id=self.run.id)


def run_row(run: VerificationRun) -> RunRow:
    """Return a verification in words."""
    status, tone = _status(run)
    return RunRow(
        run,
        asked_by=run.asked_by.name if run.asked_by else "Every night",
        status=status,
        tone=tone,
        took=_took(run.begun_at, run.finished_at),
    )


def _status(run: VerificationRun) -> tuple[str, str]:
    if run.result == Result.SOUND:
        return "Sound", "success"
    if run.result == Result.FAULTS:
        count = run.fault_count or 0
        return ("1 fault" if count == 1 else f"{count:,} faults"), "danger"
    if run.result == Result.BROKEN_OFF:
        return "Broken off", "danger"
    return ("Under way" if run.begun_at else "Waiting"), "neutral"


def progress_sentence(run: VerificationRun) -> str:
    """Return how far an open verification is, in a sentence for those who wait."""
    now = clock.now()
    if run.begun_at is None:
        if now - run.asked_at > WORKER_WAITS:
            return (
                "It still waits for the worker. If it does not begin, ask whoever runs the server"
                " whether the worker is running."
            )
        return "The worker takes it up within a few seconds."
    if run.progress_at is not None and now - run.progress_at > LEASE:
        again = "The next worker takes it up again" if run.attempts < MOST_ATTEMPTS else "It ends"
        return f"Nothing has been heard of it since {clock_time(run.progress_at)}. {again}."
    once_more = f" It was begun {run.attempts} times." if run.attempts > 1 else ""
    if not run.steps:
        return f"It has begun and adds up every account.{once_more}"
    return f"{run.steps_done} of {run.steps} checks, {run.percent} %.{once_more}"


def counts_in_words(run: VerificationRun) -> list[tuple[str, str]]:
    """Return what was looked at: a name and a number."""
    return [(f"{noun[:1].upper()}{noun[1:]}", f"{count:,}") for noun, count in run.counts.items()]


def fault_rows(run: VerificationRun) -> list[FaultRow]:
    """Return the faults that are kept, with what their kinds mean."""
    return [
        FaultRow(kind, MEANINGS.get(kind, ""), subject, message)
        for kind, subject, message in run.faults
    ]


def find_tasks(session: Session, _actor: ActorLike, _limit: int) -> TaskList:
    """Return the last verification as a task, if it found faults or broke off."""
    run = last_unsound(session)
    if run is None or run.finished_at is None:
        return TaskList([], 0)
    if run.result == Result.FAULTS:
        title, about = f"The book has {_status(run)[0]}", "Read what to do before anything else"
    else:
        title, about = "The last verification broke off", "Read why, and verify again"
    url = url_for("audit.verification", run_id=run.id)
    return TaskList([Task(title, about, "Open", url, run.finished_at)], 1)


def _took(begun_at: datetime | None, finished_at: datetime | None) -> str:
    if begun_at is None or finished_at is None:
        return ""
    seconds = round((finished_at - begun_at).total_seconds())
    if seconds < 1:
        return "under a second"
    if seconds < 120:
        return "1 second" if seconds == 1 else f"{seconds} seconds"
    return f"{seconds // 60} minutes"
