"""Throttling: each failed try makes the next one wait longer, across all workers.

Only failures count. They are counted where they can be told apart: tries from a device that the
person has signed in with count for that device alone; all the others count for the account together
with their network address, and for the account. So a stranger can slow down other strangers at an
account, but never the person on a device of theirs, and nobody at other accounts.

A try is counted *before* the password is looked at, in a transaction of its own, and taken back if
it was right. So however many tries arrive at the same instant at however many workers, no more
than the allowed ones are looked at, and a request that fails half way stays counted.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from ipaddress import ip_address, ip_network
from math import ceil

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from marketplace import clock
from marketplace.accounts.events import LockedOut
from marketplace.accounts.models import KnownDevice, Throttle
from marketplace.accounts.security_log import SecurityKind, record_apart
from marketplace.application import keep
from marketplace.database import db
from marketplace.errors import Refusal
from marketplace.outbox import record
from marketplace.web.client_address import client_address
from marketplace.web.formats import clock_time

FREE = 5
"""So many failures cost no wait where they are counted most narrowly."""
FREE_TOGETHER = 10
"""So many cost no wait at an account, from all unknown devices together."""
FREE_WHERE_MANY_FAIL = 1
"""So many cost no wait at an address from which many accounts have been tried."""
MANY_ACCOUNTS = 20
"""So many accounts that somebody failed at make an address one of those."""
MOST_ACCOUNTS = 60
"""More are not counted, so that an address is free again within three hours."""
ACCOUNT_FORGIVEN_AFTER = timedelta(minutes=3)
"""One account is forgiven an address for each such time without another one."""

FIRST_WAIT = timedelta(seconds=1)
LONGEST_WAIT = timedelta(minutes=15)
DOUBLINGS = 10
"""After so many doublings the longest wait is reached."""
FORGIVEN_AFTER = timedelta(hours=1)
"""One failure is forgiven for each such time without another one."""
LOCKED_OUT_AFTER = 6
"""So many failures beyond the free ones (a wait of about a minute) are told to the person."""


@dataclass(frozen=True, slots=True)
class Bucket:
    """Where failures are counted, and how many of them cost no wait.

    ``shared`` says that others than the person may be counted there too: a right try takes back
    itself only, not what was counted before. ``at_address`` says that it is of one network address.
    ``account`` is whose tries they are: the address that was typed, or a person's number. The
    first wait doubles with each further failure, up to `LONGEST_WAIT`.
    """

    name: str
    account: str | None = None
    free: int = FREE
    first_wait: timedelta = FIRST_WAIT
    shared: bool = False
    at_address: bool = False

    @property
    def key_hash(self) -> str:
        """How the table names it."""
        return _hash(self.name)

    def wait(self, failures: int) -> timedelta:
        """Return how long the next try waits after so many failures."""
        if failures < self.free:
            return timedelta(0)
        return min(self.first_wait * 2 ** min(failures - self.free, DOUBLINGS), LONGEST_WAIT)


class TooManyTries(Refusal):
    """Too many tries have failed here; the next one is possible at ``until``."""

    status = 429

    def __init__(self, until: datetime) -> None:
        seconds = max(1, ceil((until - clock.now()).total_seconds()))
        self.seconds = seconds
        wait = f"{round(seconds / 60)} minutes" if seconds >= 100 else f"{seconds} seconds"
        super().__init__(
            "Too many wrong tries have been made here. Try again in"
            f" {'a second' if seconds == 1 else wait}, at {clock_time(until)}."
        )


@dataclass(frozen=True, slots=True)
class Attempt:
    """A try that has been counted, with how many failures each bucket counts now."""

    counts: tuple[tuple[Bucket, int], ...]

    @property
    def locks_out(self) -> bool:
        """Whether the next try has to wait for a minute or more, for the first time."""
        return any(failures == bucket.free + LOCKED_OUT_AFTER for bucket, failures in self.counts)


def account_buckets(kind: str, account: str, device: KnownDevice | None) -> tuple[Bucket, ...]:
    """Return where a failed try of ``kind`` at ``account`` is counted.

    Args:
        kind: what is tried, such as "password".
        account: the address that was typed, or the number of the person.
        device: this browser, if the person has signed in with it before.
    """
    if device is not None:
        return (Bucket(f"{kind}|{account}|device {device.id}", account),)
    return (
        Bucket(f"{kind}|{account}|from {network_address()}", account, at_address=True),
        Bucket(f"{kind}|{account}", account, FREE_TOGETHER, shared=True),
    )


def check(session: Session, *buckets: Bucket) -> Attempt:
    """Count a try before it is looked at; take a right one back with ``passed``.

    Call it before anything is written: it ends the transaction of ``session``, for SQLite lets
    only one transaction write at a time.

    Raises:
        TooManyTries: if it has to wait; it is then not counted.
    """
    session.rollback()
    now = clock.now()
    with Session(db.engine) as own, own.begin():
        if any(bucket.at_address for bucket in buckets) and _many_accounts_fail_here(own, now):
            buckets = tuple(
                replace(bucket, free=FREE_WHERE_MANY_FAIL) if bucket.at_address else bucket
                for bucket in buckets
            )
        # In one order, so that two tries never wait for each other.
        rows = {bucket: _locked_row(own, bucket, now) for bucket in sorted(buckets, key=_key)}
        until = max((row.blocked_until or now for row in rows.values()), default=now)
        if until > now:
            raise TooManyTries(until)
        return Attempt(tuple((bucket, _count(rows[bucket], bucket, now)) for bucket in buckets))


def passed(session: Session, attempt: Attempt) -> None:
    """Take back a try that was right, together with what the request does."""
    for bucket, _ in sorted(attempt.counts, key=lambda count: _key(count[0])):
        condition = Throttle.key_hash == bucket.key_hash
        if bucket.shared:
            session.execute(
                sa.update(Throttle)
                .where(condition, Throttle.failures > 0)
                .values(failures=Throttle.failures - 1, blocked_until=None),
                execution_options={"synchronize_session": False},
            )
            condition &= Throttle.failures == 0
        _deleted(session, condition)


def failed(attempt: Attempt, person_id: int | None) -> None:
    """Note that a try was wrong; it has been counted already.

    The first failure at an account from an address counts for the address: where many different
    accounts are tried, each of them has fewer free tries. When the wait becomes long it is noted in
    the security log, and the person is told by e-mail.

    Args:
        person_id: whose account was tried; None if no account has the address.
    """
    if any(bucket.at_address and failures == 1 for bucket, failures in attempt.counts):
        bucket, now = _of_address(), clock.now()
        keep(lambda session: _count_apart(session, bucket, now))
    if attempt.locks_out:
        record_apart(SecurityKind.LOCKED_OUT, person_id=person_id)
        event = LockedOut(actor_id=None, school_urns=(), person_id=person_id)
        keep(lambda session: _record(session, event))


def forgive(session: Session, *accounts: str) -> int:
    """Forget every failed try at these accounts, wherever it came from; count the rows."""
    return _deleted(session, Throttle.account_hash.in_([_hash(account) for account in accounts]))


def delete_old(session: Session, before: datetime) -> int:
    """Delete what has not changed since ``before``; return how many rows."""
    return _deleted(session, Throttle.last_failed_at < before)


def network_address() -> str:
    """Return where this request comes from; of IPv6, the network that one customer has."""
    try:
        address = ip_address(client_address())
    except ValueError:
        return ""
    return str(address if address.version == 4 else ip_network((int(address), 64), strict=False))


def _many_accounts_fail_here(session: Session, now: datetime) -> bool:
    row = session.get(Throttle, _of_address().key_hash)
    return row is not None and _left(row, ACCOUNT_FORGIVEN_AFTER, now) >= MANY_ACCOUNTS


def _of_address() -> Bucket:
    """Where it is counted at how many accounts somebody has failed from this address."""
    return Bucket(f"accounts|from {network_address()}")


def _count_apart(session: Session, bucket: Bucket, now: datetime) -> None:
    row = _locked_row(session, bucket, now)
    row.failures = min(_left(row, ACCOUNT_FORGIVEN_AFTER, now) + 1, MOST_ACCOUNTS)
    row.last_failed_at = now


def _count(row: Throttle, bucket: Bucket, now: datetime) -> int:
    """Count one failure more, and let the next try wait for it."""
    row.failures = min(_left(row, FORGIVEN_AFTER, now) + 1, bucket.free + DOUBLINGS)
    row.last_failed_at = now
    wait = bucket.wait(row.failures)
    row.blocked_until = now + wait if wait else None
    return row.failures


def _left(row: Throttle, forgiven_after: timedelta, now: datetime) -> int:
    """How many failures are left after those that time has forgiven."""
    return max(0, row.failures - max(0, (now - row.last_failed_at) // forgiven_after))


def _locked_row(session: Session, bucket: Bucket, now: datetime) -> Throttle:
    """The row of a bucket, made if it is missing, which no other transaction changes now."""
    values = {
        "key_hash": bucket.key_hash,
        "account_hash": None if bucket.account is None else _hash(bucket.account),
        "failures": 0,
        "first_failed_at": now,
        "last_failed_at": now,
    }
    insert = sqlite.insert if session.get_bind().dialect.name == "sqlite" else postgresql.insert
    session.execute(insert(Throttle).values(values).on_conflict_do_nothing())
    return session.get_one(Throttle, bucket.key_hash, with_for_update=True)


def _deleted(session: Session, condition: sa.ColumnElement[bool]) -> int:
    result = session.execute(
        sa.delete(Throttle).where(condition), execution_options={"synchronize_session": False}
    )
    assert isinstance(result, sa.CursorResult)
    return result.rowcount


def _record(session: Session, event: LockedOut) -> None:
    record(session, event)


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _key(bucket: Bucket) -> str:
    return bucket.key_hash
