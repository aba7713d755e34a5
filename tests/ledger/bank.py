"""A bank under load: processes at work that may be killed at any moment, and an audit of it."""

from __future__ import annotations

import random
import signal
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing import get_context
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from ledger import Book, Hold, LedgerError, NewTransaction, Posting, schema
from tests.ledger.conftest import connect
from tests.ledger.keys import new_key

CODES = ["p", "q", "r", "s"]
FLOOR, CEILING = -100, 150

_processes = get_context("forkserver")
_processes.set_forkserver_preload(["tests.ledger.bank"])


def open_bank(url: str) -> None:
    """An empty book with few accounts, so that everybody is in everybody's way."""
    engine = connect(url)
    with engine.begin() as connection:
        schema.install(connection)
        for code in CODES:
            Book(connection).open_account(code, floor=FLOOR, ceiling=CEILING, key=new_key())
    engine.dispose()


class Clerk:
    """One process of the bank. It notes in a file what was acknowledged to it, and only that.

    What its n-th operation is depends on the notes alone; so when it is killed and started
    again, it does the operation whose outcome it does not know once more, with the same key.
    """

    def __init__(self, url: str, folder: Path, number: int, *, server_may_go: bool) -> None:
        self.notes = folder / f"clerk-{number}"
        self._arguments = (url, self.notes, folder / "stop", number, server_may_go)
        self.process: BaseProcess | None = None

    def start(self) -> None:
        """Begin, or go on."""
        self.notes.touch()
        self.process = _processes.Process(target=_work, args=self._arguments)
        self.process.start()

    def kill(self) -> None:
        """Kill it in the middle of whatever it does."""
        assert self.process is not None
        self.process.kill()
        self.process.join()
        assert self.process.exitcode == -signal.SIGKILL, self.notes.read_text()

    def finish(self) -> None:
        """Wait for it to know the outcome of its last operation."""
        assert self.process is not None
        self.process.join(timeout=60)
        assert self.process.exitcode == 0, self.notes.read_text()


@contextmanager
def at_work(url: str, folder: Path, number: int, *, server_may_go: bool) -> Iterator[list[Clerk]]:
    """So many clerks at work; in the end every outcome is known."""
    clerks = [Clerk(url, folder, n, server_may_go=server_may_go) for n in range(number)]
    try:
        for clerk in clerks:
            clerk.start()
        while not all(clerk.notes.stat().st_size for clerk in clerks):
            time.sleep(0.05)
        yield clerks
        (folder / "stop").touch()
        for clerk in clerks:
            clerk.finish()
    finally:
        for clerk in clerks:
            if clerk.process is not None:
                clerk.process.kill()


def _work(url: str, notes: Path, stop: Path, number: int, server_may_go: bool) -> None:
    engine = connect(url)
    known = [line.split() for line in notes.read_text().splitlines(keepends=True) if "\n" in line]
    with notes.open("a") as file:
        # At least one, even if everybody is to stop: what was done last before a kill may have been
        # committed and not been noted.
        while True:
            key = f"{number}:{len(known)}"
            work = _operation(random.Random(key), key, known)
            try:
                with engine.begin() as connection:
                    result = work(Book(connection))
            except LedgerError:
                known.append(["refused", key, "0"])
            except Exception as error:
                if server_may_go and isinstance(error, sa.exc.DBAPIError):
                    time.sleep(0.1)  # whether it was done is unknown: once more
                    continue
                known.append(["failed", key, "0", repr(traceback.format_exception(error))])
            else:
                kind = "hold" if isinstance(result, Hold) and result.state == "open" else "done"
                known.append([kind, key, str(getattr(result, "id", 0))])
            file.write(" ".join(known[-1]) + "\n")
            file.flush()
            if stop.exists():
                break
    engine.dispose()


def _operation(chance: random.Random, key: str, known: list[list[str]]) -> Callable[[Book], Any]:
    """The next operation of somebody who knows so much."""
    one, two, three = chance.sample(CODES, 3)
    minutes, choice = chance.randint(1, 40), chance.random()
    last = known[-1] if known else ["", "", "0"]
    if last[0] == "hold":
        if choice < 0.6:
            return lambda book: book.settle(int(last[2]), 1, key=key)
        return lambda book: book.void(int(last[2]), key=key)
    if choice < 0.4:
        return lambda book: book.transfer(one, two, minutes, key=key)
    if choice < 0.5:
        lines = [Posting(one, -2 * minutes), Posting(two, minutes), Posting(three, minutes)]
        return lambda book: book.post(lines, key=key)
    if choice < 0.6:
        pairs = [(one, two), (three, one), (two, three)]
        postings = [
            NewTransaction(
                postings=[Posting(a, -minutes), Posting(b, minutes)], key=f"{key}/{place}"
            )
            for place, (a, b) in enumerate(pairs)
        ]
        return lambda book: book.post_many(postings)
    if choice < 0.7 and last[0] == "done" and int(last[2]):
        return lambda book: book.reverse(int(last[2]), key=key)
    return lambda book: book.hold(one, two, minutes, key=key)


def audit(url: str, clerks: list[Clerk]) -> int:
    """Everything acknowledged is in the book once, and nothing else; gives how much that is."""
    notes = [line for clerk in clerks for line in clerk.notes.read_text().splitlines()]
    engine = connect(url)
    try:
        with engine.connect() as connection:
            return _audited(connection, notes)
    except AssertionError as error:
        error.add_note(_server_log(engine))
        raise
    finally:
        engine.dispose()  # else other tests would hear of connections that nobody closed


def _server_log(engine: sa.Engine) -> str:
    """The end of what PostgreSQL has written to its log."""
    if engine.dialect.name == "sqlite":
        return ""
    with engine.connect() as connection:
        log = connection.exec_driver_sql("SELECT right(pg_read_file('log'), 20000)").scalar_one()
    return f"PostgreSQL's log:\n{log}"


def _audited(connection: sa.Connection, notes: list[str]) -> int:
    assert [line for line in notes if line.startswith("failed")] == []
    told = [line.split() for line in notes]
    rows = (
        connection.exec_driver_sql("SELECT key FROM ledger_transaction WHERE action <> 'open'")
        .scalars()
        .all()
    )
    assert len(set(rows)) == len(rows)
    done = [key for kind, key, _ in told if kind in ("done", "hold")]
    assert len(set(done)) == len(done)
    assert {key.partition("/")[0] for key in rows} == set(done)
    batches = [key for key in rows if "/" in key]
    assert len(batches) == 3 * len({key.partition("/")[0] for key in batches})

    sums = connection.exec_driver_sql(
        "SELECT sum(amount) FROM ledger_entry GROUP BY transaction_id"
    ).scalars()
    assert set(map(int, sums)) <= {0}
    accounts = Book(connection).balances()
    assert sum(account.posted for account in accounts.values()) == 0
    for code, account in accounts.items():
        entries = connection.execute(
            sa.select(schema.entry.c.version, schema.entry.c.amount, schema.entry.c.balance)
            .join(schema.account, schema.account.c.id == schema.entry.c.account_id)
            .where(schema.account.c.code == code)
            .order_by(schema.entry.c.version)
        ).all()
        assert [version for version, _, _ in entries] == list(range(1, len(entries) + 1))
        running = 0
        for _, amount, balance in entries:
            running += amount
            assert balance == running
            assert FLOOR <= balance <= CEILING
        assert (account.posted, account.version) == (running, len(entries))
        holds = Book(connection).holds(code)
        assert account.held_out == sum(h.remaining for h in holds if h.source == code)
        assert account.held_in == sum(h.remaining for h in holds if h.target == code)
        assert account.posted - account.held_out >= FLOOR
        assert account.posted + account.held_in <= CEILING
    return len(done)
