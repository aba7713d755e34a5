"""Verification: a sound book is found sound, whatever happens in it; what a report says."""

from __future__ import annotations

import threading
from datetime import UTC, date, datetime, timedelta

import pytest
import sqlalchemy as sa

from ledger import Book, Fault, Override, Posting
from ledger.verification import run
from ledger.verification.screening import screen
from tests.ledger.keys import new_key
from tests.ledger.tampering import faults, report, tamper, transaction

A, B, C, FUND = "school:a", "school:b", "school:c", "network:fund"


def test_a_sound_book_is_found_sound(story: sa.Engine) -> None:
    found = report(story, thorough=True)
    assert found.faults == ()
    assert found.sound
    assert not found.cut
    assert found.counts == {
        "accounts": 4,
        "transactions": 14 + 4,  # with four openings
        "entries": 18,
        "holds": 4,
        "accounts in the order of time": 4,
        "transactions as they were sealed": 0,
    }


def test_progress_is_told_to_the_end(story: sa.Engine) -> None:
    told: list[tuple[int, int]] = []
    with story.connect() as connection:
        Book(connection).verify(lambda done, total: told.append((done, total)))
    assert [done for done, _ in told] == sorted({done for done, _ in told})
    assert told[-1][0] == told[-1][1]


@pytest.mark.postgresql
def test_the_sums_alone_prove_a_sound_book(story: sa.Engine) -> None:
    if story.dialect.name != "postgresql":
        pytest.skip("SQLite looks at everything closely anyway")
    with story.connect() as connection:
        doubts = screen(connection)
    assert (doubts.accounts, doubts.limits) == ([], [])
    assert (doubts.transactions, doubts.holds, doubts.periods) == (False, False, False)
    assert doubts.days  # something was effective on another day than it was recorded


def test_a_balance_may_be_outside_its_limits_with_good_reason(story: sa.Engine) -> None:
    with story.begin() as connection:
        book = Book(connection)
        held = book.hold(A, B, 100, key="h5")
        moved = book.transfer(A, C, 30, key="t3")
        book.set_limits(A, floor=-10, ceiling=None, actor="Olu", memo="policy", key=new_key())
        book.settle(held.id, key="s5")  # what was held before may still be settled
        book.transfer(FUND, A, 10, key="t4")  # and the balance may move back
        book.set_limits(C, floor=60, ceiling=None, actor="Olu", memo="policy", key=new_key())
        book.transfer(C, FUND, 60, key="t5")
        book.reverse(moved.id, key="r3", override=Override("Olu", "mistake"))
    assert report(story).faults == ()


def test_what_changes_nothing_on_an_account_beyond_its_floor_is_no_fault(story: sa.Engine) -> None:
    with story.begin() as connection:
        book = Book(connection)
        held = book.hold(A, B, 10, key="h5")
        book.set_limits(A, floor=0, ceiling=None, actor="Olu", memo="policy", key=new_key())
        book.extend(held.id, datetime.now(UTC) + timedelta(hours=1), key="e5")
        there_and_back = [Posting(A, -5), Posting(A, 5), Posting(B, -1), Posting(C, 1)]
        book.post(there_and_back, key="p5")
    assert report(story).faults == ()


def test_amounts_beyond_what_the_sums_can_take_are_verified_too(story: sa.Engine) -> None:
    with story.begin() as connection:
        book = Book(connection)
        book.open_account("network:other", floor=None, key=new_key())
        for number in range(3):
            book.transfer(FUND, "network:other", 2**38, key=f"vast:{number}")
    assert report(story).faults == ()
    tamper(story, f"UPDATE ledger_entry SET balance = 5 WHERE transaction_id = {transaction('t1')}")
    assert {kind for kind, _ in faults(story)} == {"altered-entry"}


def test_a_large_book_walks_the_order_of_time_on_a_share_of_accounts(
    story: sa.Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run, "WALKED", 5)
    few = 4 if story.dialect.name == "sqlite" else 1
    for thorough, expected in ((False, few), (True, 4)):
        found = report(story, thorough)
        assert found.faults == ()
        assert found.counts["accounts in the order of time"] == expected


def test_verifying_beside_a_writer_sees_no_faults(story: sa.Engine) -> None:
    def write() -> None:
        for number in range(40):
            with story.begin() as connection:
                book = Book(connection)
                book.transfer(A, B, 1, key=f"w:{number}", effective=date(2025, 3, 2))
                held = book.hold(B, A, 2, key=f"wh:{number}")
            with story.begin() as connection:
                Book(connection).settle(held.id, 1, key=f"ws:{number}")

    writer = threading.Thread(target=write)
    writer.start()
    verified = 0
    while writer.is_alive() or not verified:
        assert report(story).faults == ()
        verified += 1
    writer.join()
    assert report(story).counts["transactions"] == 4 + 14 + 3 * 40


def test_whatever_happens_between_two_statements_of_verifying_is_no_fault(
    story: sa.Engine,
) -> None:
    """Before each statement, the first time it is made, another connection does a bit of all."""
    made: list[str] = []

    def meddle(_: object, __: object, statement: str, *___: object) -> None:
        if statement not in made:
            made.append(statement)
            happen(story, len(made))

    happen(story, 0)
    with story.execution_options(read_only=True).connect() as connection:
        sa.event.listen(connection, "before_cursor_execute", meddle)
        assert Book(connection).verify().faults == ()
    assert len(made) > 20
    assert report(story).faults == ()


def happen(engine: sa.Engine, number: int) -> None:
    with engine.begin() as connection:
        book = Book(connection)
        book.open_account(f"new:{number}", floor=-10, key=new_key())
        posted = book.transfer(A, B, 2, key=f"n:{number}", effective=date(2025, 3, 9))
        book.reverse(posted.id, key=f"nr:{number}")
        held = book.hold(B, A, 2, key=f"nh:{number}")
        book.settle(held.id, 1, key=f"ns:{number}", final=False)
        book.set_limits(
            C, floor=-60 - number, ceiling=None, actor="Olu", memo="more", key=new_key()
        )
        book.expire_holds()
        book.summarise()
    with engine.begin() as connection:
        Book(connection).seal()
        Book(connection).close_period(
            date(2024, 1, 1) + timedelta(days=number), actor="Olu", key=new_key()
        )


@pytest.mark.parametrize("table", ["backdated", "entry", "seal_leaf"])
def test_a_table_that_is_gone_is_a_fault_and_no_crash(story: sa.Engine, table: str) -> None:
    with story.begin() as connection:
        pragmas = ("PRAGMA defer_foreign_keys = ON", "PRAGMA defer_foreign_keys = OFF")
        before, after = pragmas if story.dialect.name == "sqlite" else ("SELECT 1", "SELECT 1")
        for statement in (before, f"DROP TABLE ledger_{table}", after):  # rows refer to it
            connection.exec_driver_sql(statement)
    kinds = {fault.kind for fault in report(story).faults}
    assert kinds == {"unreadable", "guard-missing"}


def test_a_report_keeps_so_many_faults_and_counts_the_rest(
    story: sa.Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run, "KEPT", 2)
    tamper(story, "UPDATE ledger_entry SET balance = 7000 + version * version")
    found = report(story)
    assert found.cut
    assert not found.sound
    assert len(found.faults) == 2
    assert found.total > 10


def test_a_fault_is_a_line_for_a_person() -> None:
    fault = Fault("altered-entry", "account school:a, version 3", "the balance is 5")
    assert str(fault) == "altered-entry: account school:a, version 3: the balance is 5"
