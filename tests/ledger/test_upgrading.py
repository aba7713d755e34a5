"""A book that an earlier version made is brought up to today's, and nothing of it is lost."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
import sqlalchemy as sa

import ledger
from ledger import Book, Proof, schema
from ledger.schema.installing import remove_guards
from ledger.seals.proofs import check
from tests.ledger import version_1 as old
from tests.ledger.conftest import connect
from tests.ledger.version_1_requests import REPEATS, weekly

EVERYTHING = """
SELECT id, recorded_at, reverses_id, effective, entry_count, action, kind, key, digest, memo, actor,
       reference, override_actor, override_reason FROM ledger_transaction WHERE id <= :last
"""
OTHERS = ("account", "entry", "hold", "hold_part", "held", "balance", "pair", "seal", "seal_leaf")


@pytest.fixture
def old_book(database_url: str) -> Iterator[sa.Engine]:
    """An engine on the old book, as it was."""
    old.load(database_url)
    engine = connect(database_url)
    yield engine
    engine.dispose()


def upgrade(engine: sa.Engine) -> None:
    with engine.begin() as connection:
        schema.migrate(connection)


def rows(engine: sa.Engine) -> dict[str, list[tuple[object, ...]]]:
    """What has to be the same before and after."""
    with engine.connect() as connection:
        last = {"last": old.ROWS["ledger_transaction"]}
        read = {"transaction": connection.execute(sa.text(EVERYTHING), last).all()}
        for table in OTHERS:
            read[table] = connection.exec_driver_sql(f"SELECT * FROM ledger_{table}").all()
    return {table: sorted(map(tuple, found), key=repr) for table, found in read.items()}


def test_an_upgrade_keeps_every_row_and_the_book_is_sound(old_book: sa.Engine) -> None:
    before = rows(old_book)
    upgrade(old_book)
    assert rows(old_book) == before
    with old_book.begin() as connection:
        assert schema.version_of(connection) == schema.VERSION == 3
        book = Book(connection)
        assert book.verify(thorough=True).faults == ()
        assert [seal.hash for seal in book.seals()] == old.SEALS[old.engine_of(str(old_book.url))]
        for code, standings in old.STANDINGS.items():
            account = book.account(code)
            assert (account.status, account.posted) == (standings[0], standings[1]), code


def test_what_was_sealed_before_still_proves_and_the_next_seal_has_what_was_done_to_accounts(
    old_book: sa.Engine,
) -> None:
    upgrade(old_book)
    with old_book.begin() as connection:
        book = Book(connection)
        proof = Proof.from_json(old.old_proof(str(old_book.url)))
        check(proof, proof.seal_hash)
        assert book.prove(proof.transaction.id).transaction == proof.transaction
    with old_book.begin() as connection:
        book = Book(connection)
        sealed = book.seal()
        openings = old.ROWS["ledger_account_event"] + old.ROWS["ledger_period"]
        assert sum(seal.size for seal in sealed) == openings + len(old.UNSEALED)
        first = book.history(next(iter(old.STANDINGS)))[0]
        assert first.action == "open"
        assert book.prove(first.transaction_id).transaction.account is not None
        assert book.verify(thorough=True).faults == ()


@pytest.mark.postgresql
def test_a_book_restored_elsewhere_before_the_upgrade_is_sealed_on(old_book: sa.Engine) -> None:
    """Also when the server's numbers pass the old seals before anybody seals."""
    if old_book.dialect.name != "postgresql":
        pytest.skip("numbers of SQLite are the book's own")
    with old_book.begin() as connection:
        remove_guards(connection)
        connection.exec_driver_sql("ALTER TABLE ledger_seal ADD COLUMN before bigint")
        connection.exec_driver_sql("UPDATE ledger_seal SET before = horizon")
        connection.exec_driver_sql("UPDATE ledger_seal SET horizon = horizon + 1000000")
    upgrade(old_book)
    with old_book.begin() as connection:
        remove_guards(connection)
        connection.exec_driver_sql("UPDATE ledger_seal SET horizon = before")
        connection.exec_driver_sql("ALTER TABLE ledger_seal DROP COLUMN before")
        schema.install_guards(connection)
    with old_book.begin() as connection:
        report = Book(connection).verify(thorough=True)
        assert report.faults == ()
        assert "another server" in " ".join(report.remarks)
        assert Book(connection).seal()
    with old_book.connect() as connection:
        assert Book(connection).verify(thorough=True).faults == ()
        assert Book(connection).unsealed().transactions == 0


def test_what_was_asked_before_is_answered_again_and_not_done_twice(old_book: sa.Engine) -> None:
    upgrade(old_book)
    with old_book.begin() as connection:
        book = Book(connection)
        before = book.head()
        for key, repeat in REPEATS.items():
            assert repeat(book, key).replayed, key
        assert all(one.replayed for one in book.post_many(weekly()))
        assert book.head() == before


def test_a_second_upgrade_changes_nothing(old_book: sa.Engine) -> None:
    upgrade(old_book)
    before = rows(old_book)
    upgrade(old_book)
    assert rows(old_book) == before


@pytest.mark.postgresql
def test_upgrades_at_the_same_time_wait_for_each_other(
    old_book: sa.Engine, database_url: str
) -> None:
    if old_book.dialect.name != "postgresql":
        pytest.skip("on SQLite one transaction writes at a time")
    together = Barrier(3)

    def one_of_them(_: int) -> None:
        engine = connect(database_url)
        with engine.begin() as connection:
            together.wait()
            schema.install(connection)
        engine.dispose()

    for _ in range(2):  # from version 1, and where there is nothing to do
        with ThreadPoolExecutor(3) as pool:
            list(pool.map(one_of_them, range(3)))
    with old_book.connect() as connection:
        assert Book(connection).verify().faults == ()


def test_an_upgraded_book_is_like_a_new_one(old_book: sa.Engine, database_url: str) -> None:
    upgrade(old_book)
    attached = sa.MetaData()
    schema.attach(attached, old_book.dialect.name)
    inspector = sa.inspect(old_book)
    for table in attached.sorted_tables:
        columns = [column["name"] for column in inspector.get_columns(table.name)]
        assert columns == [column.name for column in table.columns] or table.name in (
            "ledger_period",
            "ledger_checkpoint",
        )
        indexes = {index["name"] for index in inspector.get_indexes(table.name)}
        assert {index.name for index in table.indexes} <= indexes


def test_a_book_of_another_version_is_refused_until_it_is_brought_up(old_book: sa.Engine) -> None:
    with old_book.connect() as connection:
        for ask in (
            lambda: Book(connection).account("school:ash"),
            lambda: Book(connection).transfer("school:ash", "school:beech", 1, key="x"),
            lambda: Book(connection).verify(),
            lambda: Book(connection).seals(),
        ):
            with pytest.raises(ledger.WrongVersion) as refused:
                ask()
            assert (refused.value.found, refused.value.needed) == (1, 3)
            assert "db upgrade" in str(refused.value)
    upgrade(old_book)
    with old_book.begin() as connection:
        remove_guards(connection)
        connection.exec_driver_sql("UPDATE ledger_book SET schema_version = 9")
    with old_book.connect() as connection:
        connection.info.clear()
        with pytest.raises(ledger.WrongVersion) as refused:
            Book(connection).account("school:ash")
        assert refused.value.found == 9
        with pytest.raises(ledger.WrongVersion):
            schema.migrate(connection)


def test_where_there_is_no_book_that_is_said(database_url: str) -> None:
    engine = connect(database_url)
    with engine.connect() as connection, pytest.raises(ledger.WrongVersion, match="no book"):
        Book(connection).account("school:ash")
    engine.dispose()
