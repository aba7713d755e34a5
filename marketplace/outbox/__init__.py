"""After the commit: events, the worker that tells subscribers of them, and the schedule.

A verb calls `record` in its own transaction, so an event exists exactly when what it tells of is
true. A worker (``flask jobs run``) makes a delivery for each subscriber of the event and calls
the subscribers, each in a transaction of its own.

What is promised, also when a worker or the database is killed at any instant:

- what a handler does in the session it is handed happens **exactly once**: it is committed
  together with the mark that the delivery is done;
- what a handler does outside the database (an e-mail, a call to another server) happens **at
  least once**: a worker killed after it and before the commit does it again;
- a subscriber that fails is tried again later, with longer and longer waits, and after the last
  try its delivery is *parked* and ``flask jobs status`` says so (the subscriber is told, too, if
  it wants to be); the other subscribers of the event notice nothing.

What is not promised: an order. Two events of the same exchange may be handled in either order, or
at the same time by two workers; a handler reads what is true now and does not trust the sequence.

A subscriber hears of the events that no worker has distributed when its code is deployed, and of
all later ones; not of earlier ones. Old workers distribute by their own list, so they are stopped
before the new ones start.

A handler that talks to the outside reads what it needs, ends the transaction with
``session.rollback()``, and only then talks: otherwise it holds SQLite's one write lock, or a
PostgreSQL transaction, for as long as the other side takes. It must finish within the lease (five
minutes); after that another worker takes the delivery, and only one of the two can commit.
"""

from __future__ import annotations

from flask import Flask

from marketplace.outbox.commands import jobs
from marketplace.outbox.complaints import Complaints, get_complaints
from marketplace.outbox.events import Event
from marketplace.outbox.pruning import schedule_jobs
from marketplace.outbox.schedule import JobRun, Schedule, get_schedule
from marketplace.outbox.service import record
from marketplace.outbox.subscribers import Subscribers, get_subscribers

__all__ = [
    "Event",
    "JobRun",
    "get_complaints",
    "get_schedule",
    "get_subscribers",
    "init_app",
    "record",
]


def init_app(app: Flask) -> None:
    """Add an empty list of subscribers, a schedule, and the ``jobs`` commands to ``app``.

    It comes before every feature that subscribes to events or has a scheduled job.
    """
    app.extensions[Subscribers.KEY] = Subscribers()
    app.extensions[Schedule.KEY] = Schedule()
    app.extensions[Complaints.KEY] = Complaints()
    app.cli.add_command(jobs)
    schedule_jobs(get_schedule(app))
