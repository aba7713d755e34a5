"""The handbook, docs/ledger.md: its recipes run, and following its procedures helps."""

from __future__ import annotations

import doctest
import re
import sqlite3
import subprocess
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
import sqlalchemy as sa

from ledger import Book, HorizonBehind, SealBroken, schema, verification
from ledger.schema.installing import remove_guards
from ledger.seals import proofs
from ledger.seals.sealing import seal_facts
from tests.databases import PostgresCluster
from tests.ledger.conftest import connect, install
from tests.ledger.tampering import faults, report, tamper

HANDBOOK = (Path(__file__).parents[2] / "docs" / "ledger.md").read_text(encoding="utf-8")
A, B = "school:a", "school:b"

on_postgresql = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def test_the_recipes_run() -> None:
    recipes = "\n".join(re.findall(r"^```python\n(.*?)^```", HANDBOOK, re.MULTILINE | re.DOTALL))
    test = doctest.DocTestParser().get_doctest(recipes, {}, "recipes", None, None)
    result = doctest.DocTestRunner().run(test, clear_globs=False)
    assert (result.attempted > 40, result.failed) == (True, 0)
    test.globs["connection"].close()
    test.globs["engine"].dispose()


def test_each_kind_of_fault_has_its_procedure() -> None:
    kinds = re.findall(r"^- ``([a-z-]+)``:", verification.__doc__ or "", re.MULTILINE)
    procedures = re.findall(
        r"^\*\*`([a-z-]+)`\*\*: .+\n- \*Honest cause:\* .+\n- \*Next:\* .+$", HANDBOOK, re.MULTILINE
    )
    assert len(kinds) > 25
    assert sorted(procedures) == sorted(kinds)


def test_each_kind_of_fault_is_one_that_verifying_names() -> None:
    package = Path(verification.__file__).parent
    modules = [*package.glob("[a-z]*.py"), package.parent / "seals" / "checks.py"]
    source = "\n".join(module.read_text(encoding="utf-8") for module in modules)
    for kind in re.findall(r"^- ``([a-z-]+)``:", verification.__doc__ or "", re.MULTILINE):
        assert re.search(rf"""['"]{kind}['"]""", source), kind


def test_a_row_of_working_state_is_put_back(story: sa.Engine) -> None:
    tamper(story, "UPDATE ledger_balance SET posted = posted + 5 WHERE account_id = 1")
    named = {("drifted-balance", "account school:a"), ("nonzero-book", "the book")}
    assert faults(story) == named
    with story.begin() as connection:
        remove_guards(connection)
        connection.exec_driver_sql(
            "UPDATE ledger_balance SET posted = posted - 5 WHERE account_id = 1"
        )
        schema.install(connection)
    assert faults(story) == set()


def test_a_sealed_record_is_put_back_as_it_was_sealed(story: sa.Engine) -> None:
    with story.begin() as connection:
        Book(connection).seal()
    tamper(story, "UPDATE ledger_transaction SET memo = 'another' WHERE key = 't1'")
    assert faults(story) == {("altered-transaction", "transaction t1")}
    for memo, named in (("not this", {("altered-transaction", "transaction t1")}), ("", set())):
        with story.begin() as connection:
            remove_guards(connection)
            connection.execute(
                sa.text("UPDATE ledger_transaction SET memo = :memo WHERE key = 't1'"),
                {"memo": memo},
            )
            schema.install(connection)
        assert faults(story) == named


def make_up_a_seal(
    engine: sa.Engine, *, right_hash: bool = True, leaves: Mapping[int, bytes] | None = None
) -> int:
    """Add a seal with a horizon far ahead, and return its number; leaves are by transaction."""
    leaves = leaves or {}
    with engine.begin() as connection:
        table = schema.seal
        last = connection.execute(sa.select(table).order_by(table.c.number.desc()).limit(1)).one()
        facts = replace(
            seal_facts(last),
            number=last.number + 1,
            previous=last.hash.hex(),
            size=len(leaves),
            root=proofs.root_of(list(leaves.values())).hex(),
            horizon=last.horizon + 10**9,
        )
        connection.execute(
            sa.insert(table).values(
                number=facts.number,
                previous=last.hash,
                size=facts.size,
                root=bytes.fromhex(facts.root),
                horizon=facts.horizon,
                sealed_at=last.sealed_at,
                hash=proofs.seal_hash(facts) if right_hash else b"x" * 32,
            )
        )
        for position, (id_, hash_) in enumerate(leaves.items()):
            connection.execute(
                sa.insert(schema.seal_leaf).values(
                    transaction_id=id_, seal_number=facts.number, position=position, hash=hash_
                )
            )
        return facts.number


@pytest.mark.parametrize("right_hash", [True, False], ids=["right hash", "no hash"])
def test_after_a_made_up_seal_the_book_is_sealed_on(story: sa.Engine, right_hash: bool) -> None:
    with story.begin() as connection:
        Book(connection).seal()
    with story.begin() as connection:
        Book(connection).transfer(A, B, 1, key="since")
    number = make_up_a_seal(story, right_hash=right_hash)
    broken = set() if right_hash else {("broken-seal-chain", f"seal {number}")}
    assert faults(story) == broken | {("unsealed-transaction", "transaction since")}
    if story.dialect.name == "postgresql":
        with story.begin() as connection, pytest.raises(HorizonBehind):
            Book(connection).seal()
    with story.begin() as connection:
        assert [seal.size for seal in Book(connection).seal(after_restore=True)] == [0, 1]
    assert faults(story) == broken
    with story.begin() as connection:
        Book(connection).transfer(A, B, 1, key="later")
    with story.begin() as connection:
        assert [seal.size for seal in Book(connection).seal()] == [1]
    assert faults(story) == broken


def test_a_made_up_seal_with_leaves_that_are_not_the_transactions_is_taken_out(
    story: sa.Engine,
) -> None:
    with story.begin() as connection:
        Book(connection).seal()
    with story.begin() as connection:
        id_ = Book(connection).transfer(A, B, 1, key="since").id
    number = make_up_a_seal(story, leaves={id_: b"x" * 32})
    assert faults(story) == {("altered-transaction", "transaction since")}
    with story.connect() as connection, pytest.raises(SealBroken):
        Book(connection).prove(id_)
    with story.begin() as connection:
        remove_guards(connection)
        for table, column in (("ledger_seal_leaf", "seal_number"), ("ledger_seal", "number")):
            connection.exec_driver_sql(f"DELETE FROM {table} WHERE {column} >= {number}")
        schema.install(connection)
    with story.begin() as connection:
        assert [seal.size for seal in Book(connection).seal()] == [1]
        assert Book(connection).prove(id_).transaction.key == "since"
    assert faults(story) == set()


@on_sqlite
@pytest.mark.parametrize("way", ["dump", "vacuum"])
def test_a_copy_of_a_sqlite_book_goes_on(story: sa.Engine, tmp_path: Path, way: str) -> None:
    with story.begin() as connection:
        seals = Book(connection).seal()
    copy = tmp_path / "copy.sqlite3"
    assert story.url.database
    with closing(sqlite3.connect(story.url.database)) as raw:
        if way == "vacuum":
            raw.execute(f"VACUUM INTO '{copy}'")
        else:
            with closing(sqlite3.connect(copy)) as other:
                other.executescript("\n".join(raw.iterdump()))
    engine = connect(f"sqlite:///{copy}")
    assert report(engine, thorough=True).faults == ()
    with engine.begin() as connection:
        assert Book(connection).seals() == seals
        Book(connection).transfer(A, B, 1, key="in the copy")
        assert [seal.size for seal in Book(connection).seal()] == [1]
    assert report(engine, thorough=True).faults == ()
    engine.dispose()


@pytest.fixture
def dumped(story: sa.Engine, postgres: PostgresCluster) -> Iterator[Callable[..., Path]]:
    """Dump a part of the book, as SQL."""
    if not postgres.has("pg_dump"):
        pytest.skip("there is no pg_dump here")
    server = ("-U", "postgres", "-h", postgres.directory)
    file = postgres.directory / "part.sql"

    def dump(*options: str) -> Path:
        postgres.run("pg_dump", *server, *options, "-f", file, story.url.database)
        return file

    yield dump
    file.unlink()


def restore(postgres: PostgresCluster, file: Path, url: str) -> None:
    """Run a file of SQL as one transaction."""
    server = ("-U", "postgres", "-h", postgres.directory)
    database = sa.make_url(url).database
    postgres.run("psql", *server, "-q", "-1", "-v", "ON_ERROR_STOP=1", "-f", file, database)


@on_postgresql
def test_rows_alone_are_refused_by_an_installed_book(
    dumped: Callable[..., Path], postgres: PostgresCluster
) -> None:
    for options in ((), ("--disable-triggers",)):
        with postgres.database() as url:
            install(url)
            with pytest.raises(subprocess.CalledProcessError):
                restore(postgres, dumped("--data-only", *options), url)


@on_postgresql
def test_guards_that_were_off_while_rows_were_restored_are_put_right(
    dumped: Callable[..., Path], postgres: PostgresCluster
) -> None:
    with postgres.database() as url:
        restore(postgres, dumped("--schema-only"), url)
        restore(postgres, dumped("--data-only", "--disable-triggers"), url)
        engine = connect(url)
        assert {kind for kind, _ in faults(engine)} == {"guard-missing"}
        with engine.begin() as connection:
            schema.install(connection)
        assert report(engine, thorough=True).faults == ()
        engine.dispose()
