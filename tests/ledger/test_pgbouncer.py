"""Behind PgBouncer in transaction mode, with everything as psycopg and SQLAlchemy have it."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psycopg
import pytest
import sqlalchemy as sa

from ledger import Book, NewTransaction, Posting, schema
from tests.databases import PostgresCluster
from tests.ledger.conftest import install
from tests.ledger.keys import new_key

PGBOUNCER = shutil.which("pgbouncer", path=f"{os.environ.get('PATH', os.defpath)}:/usr/sbin")
CONFIGURATION = """
[databases]
* = host={server} user={user}
[pgbouncer]
unix_socket_dir = {folder}
auth_type = any
pool_mode = transaction
default_pool_size = 3
"""
THREADS = 6
ROUNDS = 8  # psycopg prepares what it executes for the sixth time

pytestmark = pytest.mark.skipif(
    PGBOUNCER is None, reason="PgBouncer is not installed (apt-get install pgbouncer)"
)


@pytest.fixture
def direct(postgres: PostgresCluster) -> Iterator[sa.Engine]:
    """An engine on an empty book, straight to the server."""
    with postgres.database() as url:
        install(url)
        engine = sa.create_engine(url)
        yield engine
        engine.dispose()


@pytest.fixture
def pooled(direct: sa.Engine, tmp_path: Path) -> Iterator[sa.Engine]:
    """An engine on the same book behind a pooler that has half as many connections as it."""
    assert PGBOUNCER is not None
    server = Path(str(direct.url.query["host"]))
    owner = server.stat()  # PgBouncer refuses to run as root, and only the owner gets in there
    folder = server.parent / f"{server.name}_{direct.url.database}"
    folder.mkdir()
    os.chown(folder, owner.st_uid, owner.st_gid)
    configuration = folder / "pgbouncer.ini"
    configuration.write_text(
        CONFIGURATION.format(server=server, user=direct.url.username, folder=folder)
    )
    as_root = os.geteuid() == 0
    process = subprocess.Popen(
        [PGBOUNCER, "--quiet", str(configuration)],
        user=owner.st_uid if as_root else None,
        group=owner.st_gid if as_root else None,
        extra_groups=[] if as_root else None,
    )
    engine = sa.create_engine(
        direct.url.update_query_dict({"host": str(folder), "port": "6432"}),
        pool_size=THREADS,
    )
    try:
        _wait_for(engine)
        yield engine
    finally:
        engine.dispose()
        process.terminate()
        process.wait(10)
        shutil.rmtree(folder)


def _wait_for(engine: sa.Engine) -> None:
    for _ in range(100):
        try:
            engine.connect().close()
        except sa.exc.OperationalError:
            time.sleep(0.05)
        else:
            return
    raise AssertionError("PgBouncer does not answer")


def test_nothing_fails_and_all_is_there(pooled: sa.Engine, direct: sa.Engine) -> None:
    members = [f"member:{number}" for number in range(THREADS)]
    with direct.begin() as connection:
        for code in (*members, "fund"):
            Book(connection).open_account(code, floor=None, key=new_key())

    def exchange(member: str) -> None:
        for number in range(ROUNDS):
            with pooled.begin() as connection:
                work(Book(connection), member, f"{member}:{number}")
            with pooled.begin() as connection:  # a ROLLBACK would throw away what is prepared
                ask(Book(connection), member)

    with ThreadPoolExecutor(THREADS) as pool:
        list(pool.map(exchange, members))

    with pooled.connect() as connection:
        assert Book(connection).verify(thorough=True).faults == ()
    with direct.connect() as connection:
        book = Book(connection)
        assert {member: book.balance(member) for member in members} == dict.fromkeys(
            members, -ROUNDS * (5 + 10 + 2)
        )
        recorded = connection.scalar(
            sa.select(sa.func.count()).where(schema.transaction.c.action != "open")
        )
        assert recorded == THREADS * ROUNDS * 5


def work(book: Book, member: str, key: str) -> None:
    """One of each verb that is used most: five transactions, 17 minutes to the fund."""
    book.transfer(member, "fund", 5, key=f"{key}:transfer")
    hold = book.hold(member, "fund", 15, key=f"{key}:hold")
    book.settle(hold.id, 10, key=f"{key}:settle")
    book.post_many(
        [
            NewTransaction(
                postings=[Posting(member, -1), Posting("fund", 1)], key=f"{key}:{number}"
            )
            for number in range(2)
        ]
    )


def ask(book: Book, member: str) -> None:
    """One of each question that is asked most."""
    assert book.account(member).held_out == 0
    assert book.holds(member) == []
    assert book.statement(member).lines
    assert book.journal(account=member, limit=5).transactions
    table = book.trial_balance()
    assert table.debit == table.credit > 0


def test_prepared_statements_are_given_up_behind_a_pooler_only(
    pooled: sa.Engine, direct: sa.Engine
) -> None:
    for engine, expected in ((pooled, None), (direct, 5)):
        with engine.connect() as connection:
            for _ in range(2):
                Book(connection).head()
                driver = connection.connection.driver_connection
                assert isinstance(driver, psycopg.Connection)
                assert driver.prepare_threshold == expected
                connection.invalidate()  # the second time it is a new one
                connection.rollback()
