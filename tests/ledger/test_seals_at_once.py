"""Seals on PostgreSQL, where many write at once: nothing is skipped, nothing slips in later."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest
import sqlalchemy as sa

import ledger
from ledger import Book, schema
from ledger.seals import proofs, sealing
from tests.ledger.conftest import connect
from tests.ledger.keys import new_key
from tests.ledger.test_sealing import faults, sealed_in
from tests.ledger.test_seals_tampered import disable

A, B, C = "school:a", "school:b", "school:c"


@pytest.fixture
def engine_on_postgresql(engine: sa.Engine) -> sa.Engine:
    """An engine on a book of six accounts, whose openings are in its first seal."""
    if engine.dialect.name != "postgresql":
        pytest.skip("on SQLite one transaction writes at a time")
    with engine.begin() as connection:
        for code in "abcdef":
            Book(connection).open_account(code, floor=None, key=new_key())
    seal(engine)  # the openings
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
        assert seal(engine)[0].number == 3
        running.commit()
    assert seal(engine)[0].number == 4
    with engine.connect() as connection:
        assert sealed_in(connection) == {"early": 2, "late": 2, "before": 3, "running": 4}
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
def test_a_posting_into_the_past_does_not_make_the_first_seal_on_a_server_wait(
    engine_on_postgresql: sa.Engine,
) -> None:
    engine = engine_on_postgresql
    server = sa.select(schema.book.c.server)
    with engine.begin() as connection:
        here = connection.execute(server).scalar_one()
        assert here.isdigit()
        Book(connection).transfer("a", "b", 1, key="1")
        connection.execute(sa.update(schema.book).values(server=""))  # as after an upgrade
    with engine.connect() as writer, engine.connect() as sealer:
        sealer.execute(sa.text("SET lock_timeout = '1s'"))
        writer.execute(sa.text("SELECT 1 FROM ledger_book FOR SHARE"))
        assert len(Book(sealer).seal()) == 1
        sealer.commit()
        assert sealer.execute(server).scalar_one() == ""
        writer.commit()
        assert Book(sealer).seal() == []
        assert sealer.execute(server).scalar_one() == here


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
        assert len(sealed_in(connection)) == every.scalar_one() - 6 == 4 * 80  # six openings
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
        first = "SELECT transaction_id FROM ledger_seal_leaf WHERE seal_number = 1"
        connection.exec_driver_sql(
            f"UPDATE ledger_transaction SET xid = xid + 1000000 WHERE id NOT IN ({first})"
        )
        newest = sa.select(schema.seal).where(schema.seal.c.number == 2)
        last = sealing.seal_facts(connection.execute(newest).one())
        last = replace(last, horizon=last.horizon + 1_000_000)
        connection.execute(
            sa.update(schema.seal)
            .where(schema.seal.c.number == 2)
            .values(horizon=last.horizon, hash=proofs.seal_hash(last))
        )
    with pytest.raises(ledger.HorizonBehind, match="after_restore"):
        seal(engine)
    with engine.begin() as connection:
        # First a seal of nothing, which marks the move.
        assert [made.size for made in Book(connection).seal(after_restore=True)] == [0, 1]
    with engine.begin() as connection:
        Book(connection).transfer("a", "c", 1, key="3")
    assert [made.size for made in seal(engine)] == [1]
    with engine.connect() as connection:
        assert sealed_in(connection) == {"1": 2, "2": 4, "3": 5}
        assert faults(connection) == set()
