"""Seals: every transaction in exactly one, none skipped, and whatever is altered is named."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

import ledger
from ledger import Book, Line, Override, Posting, proofs, schema, sealing
from ledger.sealed import SealCheck
from tests.ledger.conftest import connect
from tests.ledger.test_attacks import refused

A, B, C = "school:a", "school:b", "school:c"


def sealed_in(connection: sa.Connection) -> dict[str, int]:
    """The seal of each transaction, by its key."""
    rows = connection.execute(
        sa.select(schema.transaction.c.key, schema.seal_leaf.c.seal_number).join(
            schema.seal_leaf, schema.seal_leaf.c.transaction_id == schema.transaction.c.id
        )
    )
    return {row.key: row.seal_number for row in rows}


def faults(connection: sa.Connection) -> set[tuple[str, str]]:
    return {(fault.kind, fault.subject) for fault in SealCheck()(connection)}


@pytest.fixture
def story(book: Book, connection: sa.Connection) -> dict[str, int]:
    """One of each kind of record, sealed in two seals; their numbers."""
    numbers = {"post": book.transfer(A, B, 60, key="post", memo="First").id}
    numbers["hold"] = book.hold(A, B, 30, key="hold").id
    connection.commit()
    book.seal()
    numbers["settle"] = book.settle(numbers["hold"], 10, key="settle", final=False).id
    book.void(numbers["hold"], key="void")
    override = Override("ann", "a slip")
    numbers["reversal"] = book.reverse(numbers["post"], key="reversal", override=override).id
    three = [Line(A, -3), Line(B, 2), Line(C, 1)]
    numbers["split"] = book.post(three, key="split").id
    connection.commit()
    book.seal()
    connection.commit()
    return numbers


def test_seals_chain_and_each_transaction_is_in_one(
    book: Book, connection: sa.Connection, story: dict[str, int]
) -> None:
    first, second = book.seals()
    assert (first.number, first.size, second.number, second.size) == (1, 2, 2, 4)
    assert first.previous == "00" * 32
    assert second.previous == first.hash
    assert sealed_in(connection) == {
        "post": 1, "hold": 1, "settle": 2, "void": 2, "reversal": 2, "split": 2
    }  # fmt: skip
    assert faults(connection) == set()
    assert book.seal() == []


def test_what_is_not_sealed_cannot_be_proven(book: Book, connection: sa.Connection) -> None:
    posted = book.transfer(A, B, 1, key="1")
    with pytest.raises(ledger.NotSealed):
        book.prove(posted.id)
    with pytest.raises(ledger.UnknownTransaction):
        book.prove(posted.id + 1)


def run(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "ledger", "verify-proof", *map(str, arguments)],
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_command_checks_a_proof_of_each_kind(
    book: Book, story: dict[str, int], tmp_path: Path
) -> None:
    seals = {seal.number: seal for seal in book.seals()}
    file = tmp_path / "proof.json"
    for kind, words, number in (
        ("post", "school:b +60 minutes", 1),
        ("hold", "30 minutes of school:a reserved for school:b", 1),
        ("settle", f"part 1 of hold {story['hold']}", 2),
        ("reversal", f"reverses {story['post']}", 2),
    ):
        file.write_text(book.prove(story[kind]).to_json(), encoding="utf-8")
        done = run(file, "--seal", seals[number].hash)
        assert (done.returncode, done.stderr) == (0, "")
        for part in (f" {story[kind]} (key “{kind}”", words, f"seal {number} of"):
            assert part in done.stdout
        assert seals[number].hash in done.stdout


def test_the_command_refuses_what_proves_nothing(
    book: Book, story: dict[str, int], tmp_path: Path
) -> None:
    file = tmp_path / "proof.json"
    proof = book.prove(story["post"])
    file.write_text(proof.to_json(), encoding="utf-8")
    assert run(file, "--seal", book.seals()[1].hash).returncode == 1
    assert run(tmp_path / "missing.json").returncode == 1
    content = json.loads(proof.to_json())
    content["transaction"]["entries"][0]["amount"] = -6
    file.write_text(json.dumps(content), encoding="utf-8")
    done = run(file)
    assert (done.returncode, done.stdout) == (1, "")
    assert "proves nothing: the transaction and its path do not lead to the seal's root" in (
        done.stderr
    )
    file.write_text("no proof", encoding="utf-8")
    assert run(file).returncode == 1


def test_a_proof_is_checked_without_the_ledger_or_any_package(
    book: Book, story: dict[str, int], tmp_path: Path
) -> None:
    shutil.copy(proofs.__file__, tmp_path / "proofs.py")
    (tmp_path / "proof.json").write_text(book.prove(story["split"]).to_json(), encoding="utf-8")
    check = (
        "import pathlib, sys; sys.path.insert(0, '.'); import proofs;"
        "print(proofs.check(proofs.Proof.from_json(pathlib.Path('proof.json').read_bytes())))"
    )
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", check], cwd=tmp_path, capture_output=True, check=True
    )
    assert book.seals()[1].hash in done.stdout.decode()


def test_many_transactions_make_as_many_seals_as_they_need(
    book: Book, connection: sa.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sealing, "MOST_LEAVES", 4)
    monkeypatch.setattr(sealing, "BATCH", 3)
    monkeypatch.setattr("ledger.sealed.BATCH", 3)
    for number in range(6):
        book.transfer(A, B, 1, key=f"{number}")
        connection.commit()
    batch = [Posting(lines=[Line(A, -1), Line(B, 1)], key=f"b{n}") for n in range(7)]
    book.post_many(batch)
    connection.commit()
    sizes = [seal.size for seal in book.seal()]
    # What one database transaction wrote is never divided; on SQLite nobody can see one half.
    assert sizes == ([4, 4, 4, 1] if connection.dialect.name == "sqlite" else [4, 2, 7])
    assert faults(connection) == set()
    for key, number in sealed_in(connection).items():
        id_ = connection.execute(
            sa.select(schema.transaction.c.id).where(schema.transaction.c.key == key)
        ).scalar_one()
        assert book.prove(id_).seal.number == number


@pytest.fixture
def engine_on_postgresql(engine: sa.Engine) -> sa.Engine:
    if engine.dialect.name != "postgresql":
        pytest.skip("on SQLite one transaction writes at a time")
    with engine.begin() as connection:
        for code in "abcdef":
            Book(connection).open_account(code, floor=None)
    return engine


def seal(engine: sa.Engine) -> list[ledger.Seal]:
    with engine.begin() as connection:
        return Book(connection).seal()


@pytest.mark.postgresql
def test_what_commits_late_is_neither_skipped_nor_slipped_into_an_earlier_seal(
    engine_on_postgresql: sa.Engine,
) -> None:
    engine = engine_on_postgresql
    with engine.connect() as early, engine.connect() as late:
        Book(early).transfer("a", "b", 1, key="early")
        Book(late).transfer("c", "d", 1, key="late")
        late.commit()
        assert seal(engine) == []  # the later number has committed, but waits for the earlier
        early.commit()
    [made] = seal(engine)
    assert made.size == 2
    with engine.connect() as before, engine.connect() as running:
        Book(before).transfer("a", "b", 1, key="before")
        before.commit()
        Book(running).transfer("c", "d", 1, key="running")
        assert seal(engine)[0].number == 2
        running.commit()
    assert seal(engine)[0].number == 3
    with engine.connect() as connection:
        assert sealed_in(connection) == {"early": 1, "late": 1, "before": 2, "running": 3}
        assert faults(connection) == set()


@pytest.mark.postgresql
@pytest.mark.parametrize("what", ["entry", "reversal", "settlement", "part"])
def test_nothing_is_sealed_without_what_it_stands_on(
    engine_on_postgresql: sa.Engine, what: str
) -> None:
    """The number below is written on top of one above, while another still runs in between."""
    engine = engine_on_postgresql
    number = sa.text("SELECT pg_current_xact_id()")
    with engine.connect() as low, engine.connect() as between, engine.connect() as high:
        if what == "part":
            with engine.begin() as connection:
                hold = Book(connection).hold("a", "b", 5, key="hold")
            seal(engine)
        low.execute(number)
        between.execute(number)
        book = Book(high)
        if what == "settlement":
            first: Any = book.hold("a", "b", 5, key="high")
        elif what == "part":
            first = book.settle(hold.id, 1, key="high", final=False)
        else:
            first = book.transfer("a", "b", 5, key="high")
        high.commit()
        book = Book(low)
        if what == "entry":
            book.transfer("b", "c", 5, key="low")
        elif what == "reversal":
            book.reverse(first.id, key="low")
        elif what == "settlement":
            book.settle(first.id, key="low")
        else:
            book.void(hold.id, key="low")
        low.commit()
        assert seal(engine) == []
        between.rollback()
    [made] = seal(engine)
    assert made.size == 2
    with engine.connect() as connection:
        assert faults(connection) == set()


@pytest.mark.postgresql
def test_seals_made_in_parts_do_not_cut_off_what_they_stand_on(
    engine_on_postgresql: sa.Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sealing, "MOST_LEAVES", 1)
    engine = engine_on_postgresql
    with engine.connect() as low, engine.connect() as high:
        low.execute(sa.text("SELECT pg_current_xact_id()"))
        Book(high).transfer("a", "b", 5, key="high")
        high.commit()
        Book(low).transfer("b", "c", 5, key="low")
        low.commit()
    with engine.begin() as connection:
        Book(connection).transfer("a", "b", 5, key="later")
    assert [made.size for made in seal(engine)] == [2, 1]
    with engine.connect() as connection:
        assert faults(connection) == set()


@pytest.mark.postgresql
def test_sealing_waits_for_nobody_and_nobody_for_it(engine_on_postgresql: sa.Engine) -> None:
    engine = engine_on_postgresql
    with engine.connect() as writer, engine.connect() as sealer:
        for connection in (writer, sealer):
            connection.execute(sa.text("SET lock_timeout = '1s'"))
        Book(writer).transfer("a", "b", 1, key="1")
        writer.commit()
        Book(writer).transfer("a", "b", 1, key="2")
        assert len(Book(sealer).seal()) == 1
        Book(writer).transfer("b", "a", 1, key="3")
        writer.commit()
        sealer.commit()


@pytest.mark.postgresql
def test_under_writers_every_transaction_is_in_exactly_one_seal(
    engine_on_postgresql: sa.Engine, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sealing, "MOST_LEAVES", 20)
    done = threading.Event()

    def write(seed: int) -> None:
        own = connect(database_url)
        for number in range(60):
            with own.begin() as connection:
                book = Book(connection)
                one, two = "abcdef"[number % 5], "abcdef"[(number + seed) % 5 + 1]
                if one == two:
                    two = "a"
                if number % 3:
                    book.transfer(one, two, 1, key=f"{seed}:{number}")
                else:
                    hold = book.hold(one, two, 1, key=f"{seed}:{number}")
                    book.settle(hold.id, key=f"{seed}:{number}:s")
        own.dispose()

    def keep_sealing() -> int:
        made = 0
        while not done.is_set():
            made += len(seal(engine_on_postgresql))
        return made

    with ThreadPoolExecutor(6) as pool:
        sealers = [pool.submit(keep_sealing) for _ in range(2)]
        try:
            list(pool.map(write, range(1, 5)))
        finally:
            done.set()
        assert sum(sealer.result() for sealer in sealers) > 1
    seal(engine_on_postgresql)
    with engine_on_postgresql.connect() as connection:
        every = connection.execute(sa.select(sa.func.count()).select_from(schema.transaction))
        assert len(sealed_in(connection)) == every.scalar_one() == 4 * 80
        assert faults(connection) == set()


@pytest.mark.postgresql
def test_a_database_restored_into_another_server_is_sealed_on(
    engine_on_postgresql: sa.Engine,
) -> None:
    engine = engine_on_postgresql
    with engine.begin() as connection:
        Book(connection).transfer("a", "b", 1, key="1")
    seal(engine)
    with engine.begin() as connection:
        Book(connection).transfer("b", "c", 1, key="2")
    with engine.begin() as connection:
        # As if all of this had been written on a server that had counted much further.
        disable(connection, "ledger_transaction", "ledger_seal")
        connection.execute(sa.text("UPDATE ledger_transaction SET xid = xid + 1000000"))
        last = sealing.seal_facts(connection.execute(sa.select(schema.seal)).one())
        last = replace(last, horizon=last.horizon + 1_000_000)
        connection.execute(
            sa.update(schema.seal).values(horizon=last.horizon, hash=proofs.seal_hash(last))
        )
    with pytest.raises(ledger.HorizonBehind, match="after_restore"):
        seal(engine)
    with engine.begin() as connection:
        assert [made.size for made in Book(connection).seal(after_restore=True)] == [1]
    with engine.begin() as connection:
        Book(connection).transfer("a", "c", 1, key="3")
    assert [made.size for made in seal(engine)] == [1]
    with engine.connect() as connection:
        assert sealed_in(connection) == {"1": 1, "2": 2, "3": 3}
        assert faults(connection) == set()


def test_raw_sql_cannot_change_a_seal(connection: sa.Connection, story: dict[str, int]) -> None:
    for table, column in (("seal", "size"), ("seal_leaf", "position")):
        refused(connection, f"UPDATE ledger_{table} SET {column} = {column}")
        refused(connection, f"DELETE FROM ledger_{table}")
        if connection.dialect.name == "postgresql":
            refused(connection, f"TRUNCATE ledger_{table} CASCADE")
        else:
            again = f"INSERT OR REPLACE INTO ledger_{table} SELECT * FROM ledger_{table}"
            refused(connection, again)
    columns = "previous, size, root, horizon, sealed_at"
    other = "zeroblob(32)" if connection.dialect.name == "sqlite" else "'x'"
    for number in (2, 3, 4):
        refused(
            connection,
            f"INSERT INTO ledger_seal (number, {columns}, hash)"
            f" SELECT {number}, {columns}, {other} FROM ledger_seal WHERE number = 2",
        )


def disable(connection: sa.Connection, *tables: str) -> None:
    """Switch the guards of tables off, as only their owner can."""
    if connection.dialect.name == "sqlite":
        for name in connection.exec_driver_sql(
            "SELECT name FROM sqlite_master WHERE type = 'trigger' AND name LIKE 'ledger_%'"
        ).scalars():
            connection.exec_driver_sql(f"DROP TRIGGER {name}")
        return
    for table in tables:
        connection.exec_driver_sql(f"ALTER TABLE {table} DISABLE TRIGGER ALL")


@pytest.fixture
def unguarded(engine: sa.Engine, story: dict[str, int]) -> Iterator[sa.Connection]:
    """A connection on which everything can be changed."""
    with engine.connect() as connection:
        if engine.dialect.name == "sqlite":
            connection.rollback()
            connection.connection.dbapi_connection.execute("PRAGMA foreign_keys = OFF")
        disable(connection, *schema.metadata.tables)
        yield connection


TAMPERINGS: list[tuple[str, set[str]]] = [
    ("UPDATE ledger_transaction SET memo = 'Other' WHERE id = {post}", {"altered {post}"}),
    (
        "UPDATE ledger_transaction SET effective = '2020-01-01' WHERE id = {split}",
        {"altered {split}"},
    ),
    (
        "UPDATE ledger_entry SET amount = -6 WHERE transaction_id = {post} AND line = 1",
        {"altered {post}"},
    ),
    ("UPDATE ledger_hold SET minutes = 31 WHERE id = {hold}", {"altered {hold}"}),
    (
        "UPDATE ledger_hold_part SET settled = 11 WHERE transaction_id = {settle}",
        {"altered {settle}"},
    ),
    ("DELETE FROM ledger_transaction WHERE id = {reversal}", {"altered {reversal}"}),
    (
        "DELETE FROM ledger_entry WHERE transaction_id = {split} AND line = 3",
        {"altered {split}"},
    ),
    (
        "UPDATE ledger_seal_leaf SET hash = (SELECT hash FROM ledger_seal WHERE number = 1)"
        " WHERE transaction_id = {post}",
        {"altered {post}", "broken 1"},
    ),
    (
        "DELETE FROM ledger_seal_leaf WHERE transaction_id = {post}",
        {"unsealed {post}", "broken 1"},
    ),
    ("UPDATE ledger_seal SET size = 3 WHERE number = 1", {"broken 1"}),
    ("UPDATE ledger_seal SET horizon = 1 WHERE number = 1", {"broken 1"}),
    ("UPDATE ledger_seal SET root = hash WHERE number = 2", {"broken 2"}),
    ("UPDATE ledger_seal SET hash = root WHERE number = 1", {"broken 1", "broken 2"}),
    ("DELETE FROM ledger_seal WHERE number = 1", {"broken 1"}),
    ("DELETE FROM ledger_seal WHERE number = 2", {"broken 2"}),
    (
        "UPDATE ledger_seal_leaf SET position = -1 WHERE transaction_id = {post}",
        {"broken 1"},
    ),
    (
        "UPDATE ledger_seal_leaf SET seal_number = 0 WHERE transaction_id = {post}",
        {"broken 0", "broken 1"},
    ),
]


@pytest.mark.parametrize(("statement", "expected"), TAMPERINGS)
def test_whatever_is_altered_is_named(
    unguarded: sa.Connection, story: dict[str, int], statement: str, expected: set[str]
) -> None:
    assert faults(unguarded) == set()
    assert unguarded.exec_driver_sql(statement.format(**story)).rowcount == 1
    kinds = {
        "altered": ("altered-transaction", "transaction"),
        "unsealed": ("unsealed-transaction", "transaction"),
        "broken": ("broken-seal-chain", "seal"),
    }
    named = set()
    for text in expected:
        word, number = text.format(**story).split()
        named.add((kinds[word][0], f"{kinds[word][1]} {number}"))
    assert faults(unguarded) == named


def test_a_transaction_slipped_in_behind_a_seal_is_named(
    unguarded: sa.Connection, story: dict[str, int]
) -> None:
    number = 1_000_000 if unguarded.dialect.name == "postgresql" else 0
    overriding = "OVERRIDING SYSTEM VALUE" if number else ""
    columns = "recorded_at, effective, action, kind, digest, memo, actor, reference"
    unguarded.exec_driver_sql(
        f"INSERT INTO ledger_transaction (id, xid, key, {columns}) {overriding}"
        f" SELECT {number or -1}, 1, 'slipped', {columns} FROM ledger_transaction"
        f" WHERE id = {story['hold']}"
    )
    assert faults(unguarded) == {("unsealed-transaction", f"transaction {number or -1}")}


def test_what_was_altered_cannot_be_proven(unguarded: sa.Connection, story: dict[str, int]) -> None:
    unguarded.exec_driver_sql(
        f"UPDATE ledger_transaction SET memo = 'x' WHERE id = {story['post']}"
    )
    with pytest.raises(ledger.SealBroken):
        Book(unguarded).prove(story["post"])
    assert Book(unguarded).prove(story["hold"]).seal.number == 1
