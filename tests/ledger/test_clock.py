"""A server's clock that was ahead once: the book does not follow it, and says where it has been."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from fractions import Fraction

import pytest
import sqlalchemy as sa

from ledger import Book, ClockAhead, Levy, NewTransaction, Posting
from ledger.clock import day_of
from tests.ledger.conftest import NOW
from tests.ledger.keys import new_key
from tests.ledger.tampering import faults, report, tamper, transaction
from tests.ledger.test_attacks import entry, header, refused

A, B, C, FUND = "school:a", "school:b", "school:c", "network:fund"
YEAR = timedelta(days=365)


def instant(engine: sa.Engine, at: datetime) -> str:
    """An instant as SQL of the database at hand."""
    if engine.dialect.name == "sqlite":
        return str(int(at.timestamp() * 1_000_000))
    return f"'{at.isoformat()}'"


@pytest.fixture
def ahead(story: sa.Engine) -> datetime:
    """The instant of the story's last transfer (fund to c), recorded by a clock a year ahead."""
    at = datetime.now(UTC).replace(microsecond=0) + YEAR
    late = instant(story, at)
    tamper(
        story,
        f"UPDATE ledger_transaction SET recorded_at = {late}, effective = '{day_of(at)}'"
        " WHERE key = 'late'",
        f"UPDATE ledger_entry SET recorded_at = {late}"
        f" WHERE transaction_id = {transaction('late')}",
        f"UPDATE ledger_balance SET recorded_at = {late} WHERE account_id IN"
        f" (SELECT account_id FROM ledger_entry WHERE transaction_id = {transaction('late')})",
    )
    return at


def test_what_is_recorded_later_than_now_is_found(story: sa.Engine, ahead: datetime) -> None:
    assert faults(story) == {
        ("clock-ahead", "account network:fund"),
        ("clock-ahead", "account school:c"),
        ("clock-ahead", "transaction late"),
        ("clock-ahead", "account network:fund, version 3"),
        ("clock-ahead", "account school:c, version 1"),
    }
    messages = {fault.message for fault in report(story).faults}
    assert messages == {
        f"it was changed last at {ahead:%Y-%m-%d %H:%M:%S}",
        f"it was recorded at {ahead:%Y-%m-%d %H:%M:%S}",
    }


VERBS: dict[str, Callable[[Book], object]] = {
    "transfer": lambda book: book.transfer(A, C, 1, key="x"),
    "hold": lambda book: book.hold(C, A, 1, key="x"),
    "post": lambda book: book.post([Posting(A, -2), Posting(B, 1), Posting(C, 1)], key="x"),
    "post beyond a limit": lambda book: book.post(
        [Posting(A, -999), Posting(B, 1), Posting(C, 998)], key="x"
    ),
    "settle": lambda book: book.settle(book.holds(C)[0].id, key="x"),
    "settle with a levy": lambda book: book.settle(
        book.holds(A)[0].id, key="x", levy=Levy(Fraction(1, 2), C)
    ),
    "void": lambda book: book.void(book.holds(C)[0].id, key="x"),
    "extend": lambda book: book.extend(book.holds(C)[0].id, None, key="x"),
}


@pytest.mark.parametrize("verb", VERBS)
def test_nothing_is_dated_ahead_on_such_an_account(
    story: sa.Engine, ahead: datetime, verb: str
) -> None:
    before = datetime.now(UTC)
    with story.connect() as connection:
        book = Book(connection)
        if verb in ("settle", "void", "extend"):
            held = f"UPDATE ledger_hold_part SET expires_at = {instant(story, ahead + YEAR)}"
            connection.rollback()
            tamper(story, held)
        with pytest.raises(ClockAhead) as refusal:
            VERBS[verb](book)
        assert book.journal(limit=1).transactions[0].key == "late"
    assert refusal.value.code == (FUND if verb in ("settle", "void", "extend") else C)
    assert refusal.value.last == ahead
    assert before <= refusal.value.clock <= datetime.now(UTC)
    assert f"{ahead:%-d %B %Y %H:%M:%S} UTC" in str(refusal.value)
    assert "Wait until it has passed" in str(refusal.value)


def test_a_batch_refuses_it_and_goes_on_with_other_accounts(
    story: sa.Engine, ahead: datetime
) -> None:
    batch = [
        NewTransaction(postings=[Posting(A, -1), Posting(to, 1)], key=to, memo="") for to in (C, B)
    ]
    with story.begin() as connection:
        refusal, posted = Book(connection).post_many(batch, atomic=False)
        assert isinstance(refusal, ClockAhead)
        assert (refusal.code, refusal.last) == (C, ahead)
        assert not isinstance(posted, Exception)
        assert posted.key == B
        again = Book(connection).transfer(A, B, 1, key=B, kind="transfer")
        assert again.replayed


def test_a_key_used_before_goes_before_that_refusal(story: sa.Engine, ahead: datetime) -> None:
    with story.connect() as connection:
        assert Book(connection).transfer(FUND, C, 90, key="late").replayed


def test_an_account_a_moment_ahead_goes_on(story: sa.Engine) -> None:
    soon = datetime.now(UTC) + timedelta(seconds=0.9)
    tamper(story, f"UPDATE ledger_balance SET recorded_at = {instant(story, soon)}")
    with story.begin() as connection:
        recorded = Book(connection).transfer(A, B, 1, key="x").recorded
    assert recorded >= soon.replace(microsecond=soon.microsecond)
    assert recorded - datetime.now(UTC) < timedelta(seconds=1)


def test_an_account_ahead_can_be_frozen_and_its_expired_holds_go(
    story: sa.Engine, ahead: datetime
) -> None:
    with story.begin() as connection:
        book = Book(connection)
        assert book.freeze(C, actor="Olu", memo="the clock", key=new_key()).status == "frozen"
        assert book.expire_holds() == 2
        assert book.account(C).held_in == 0


def test_under_a_clock_that_stands_still_one_thing_is_recorded_after_the_other(
    book: Book, connection: sa.Connection
) -> None:
    still = Book(connection, clock=lambda: NOW)
    before = still.transfer(A, B, 1, key="before").recorded
    still.freeze(A, actor="Olu", memo="audit", key=new_key())
    still.unfreeze(A, actor="Olu", memo="audit", key=new_key())
    after = still.transfer(A, B, 1, key="after").recorded
    frozen, unfrozen = (event.recorded for event in still.history(A)[-2:])
    assert before < frozen < unfrozen < after


def test_plain_sql_dates_nothing_ahead(engine: sa.Engine, book: Book) -> None:
    book.transfer(A, B, 60, key="t")
    connection = book.connection
    connection.commit()
    ahead = instant(engine, datetime.now(UTC) + timedelta(minutes=1))
    on_balances = "a balance is not dated ahead of the clock"
    refused(connection, f"UPDATE ledger_balance SET recorded_at = {ahead}", by=on_balances)
    refused(
        connection,
        f"UPDATE ledger_balance SET recorded_at = {ahead}, version = version + 1",
        by=on_balances,
    )
    refused(
        connection,
        "INSERT INTO ledger_balance (account_id, status, posted, held_out, held_in, version,"
        f" recorded_at) VALUES (99, 'open', 0, 0, 0, 0, {ahead})",
        by=on_balances,
    )
    late = header("x").replace("SELECT recorded_at", f"SELECT {ahead}")
    lines = [entry("x", "a", -5, 1), entry("x", "b", 5, 2)]
    refused(
        connection,
        late,
        *lines,
        by=("is recorded ahead of the clock", "a transaction is not recorded ahead of the clock"),
    )
    dated = [line.replace("b.recorded_at", ahead) for line in lines]
    on_entries = "has no line . of 2 with -?5 at", "an entry is not recorded ahead of the clock"
    refused(connection, header("x"), *dated, by=on_entries)
