"""Several records at once: by number, of one hold, and behind a cursor."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
import sqlalchemy as sa

from ledger import Book, CursorExpired, InvalidLimit, InvalidText, Posting, UnknownHold
from tests.ledger.keys import new_key

A, B, C = "a", "b", "c"
FAR = datetime(2099, 1, 1, tzinfo=UTC)


@pytest.fixture
def book(connection: sa.Connection) -> Book:
    book = Book(connection)
    for code in (A, B, C):
        book.open_account(code, floor=None, key=new_key())
    return book


def test_records_by_number_are_those_that_one_reads_one_by_one(book: Book) -> None:
    paid = book.post([Posting(A, -3), Posting(B, 1), Posting(C, 2)], key="paid")
    back = book.reverse(paid.id, key="back")
    hold = book.hold(A, B, 5, key="hold")
    numbers = [paid.id, back.id, hold.id, 10**12, 0, -1]
    assert book.transactions(numbers) == {
        number: book.transaction(number) for number in (paid.id, back.id, hold.id)
    }
    assert book.transactions([paid.id])[paid.id].reversed_by == back.id
    assert book.transactions([]) == {}


def test_the_records_of_a_hold_are_its_own_and_what_became_of_it(book: Book) -> None:
    hold = book.hold(A, B, 60, key="hold")
    other = book.hold(A, B, 60, key="other")
    book.extend(hold.id, FAR, key="extended")
    book.settle(hold.id, 20, key="a part", final=False)
    book.settle(other.id, key="of the other")
    book.void(hold.id, key="the rest")
    records = book.hold_records(hold.id)
    assert [record.key for record in records] == ["hold", "extended", "a part", "the rest"]
    assert [record.hold_id for record in records] == [None, hold.id, hold.id, hold.id]
    assert records[2] == book.transaction_by_key("a part")
    for number in (records[2].id, 10**12, -1, 0):
        with pytest.raises(UnknownHold):
            book.hold_records(number)


def test_what_is_behind_a_cursor_is_all_that_was_recorded_since(book: Book) -> None:
    page = book.journal(newest_first=False, everything=True, limit=2)
    assert [one.action for one in book.recorded_since(None, limit=3)] == ["open"] * 3
    paid = book.transfer(A, B, 1, key="paid")
    hold = book.hold(A, B, 5, key="hold")
    since = book.recorded_since(page.last)
    assert [one.id for one in since][1:] == [paid.id, hold.id]
    assert since[1] == paid
    assert [one.id for one in book.recorded_since(page.last, limit=2)][1:] == [paid.id]
    with pytest.raises(InvalidText):
        book.recorded_since("rubbish")
    with pytest.raises(InvalidLimit):
        book.recorded_since(None, limit=-1)


def test_what_a_page_holds_back_is_behind_its_cursor(engine: sa.Engine) -> None:
    if engine.dialect.name != "postgresql":
        pytest.skip("on SQLite one transaction writes at a time")
    with engine.begin() as connection:
        for code in (A, B, C):
            Book(connection).open_account(code, floor=None, key=new_key())
    with engine.connect() as slow, engine.connect() as reader:
        Book(slow).transfer(A, B, 1, key="slow")
        with engine.begin() as quick:
            Book(quick).open_account("d", floor=None, key="quick")
        page = Book(reader).journal(newest_first=False, everything=True)
        assert "quick" not in [one.key for one in page.transactions]
        assert [one.key for one in Book(reader).recorded_since(page.last)] == ["quick"]
        slow.commit()
        keys = {one.key for one in Book(reader).recorded_since(page.last)}
        assert keys == {"quick", "slow"}
        reader.rollback()


def test_a_cursor_of_another_book_is_refused(engine: sa.Engine) -> None:
    if engine.dialect.name != "postgresql":
        pytest.skip("on SQLite a cursor is a number")
    with engine.connect() as connection, pytest.raises(CursorExpired):
        Book(connection).recorded_since("1/0/1/0")
