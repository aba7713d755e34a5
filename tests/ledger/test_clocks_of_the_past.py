"""A book with a clock of the past, on a book in which more has been recorded since."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from ledger import Book
from tests.ledger.conftest import in_the_past
from tests.ledger.keys import new_key

WHO = {"actor": "Ada", "memo": "for the test"}


@pytest.mark.parametrize(
    "change",
    [
        lambda book: book.set_limits("school:a", floor=-1, ceiling=None, key=new_key(), **WHO),
        lambda book: book.rename("school:a", "Ash", key=new_key(), **WHO),
        lambda book: book.freeze("school:a", key=new_key(), **WHO),
    ],
    ids=["set_limits", "rename", "freeze"],
)
def test_a_change_is_later_than_what_the_account_has_seen(
    book: Book, connection: sa.Connection, change: Callable[[Book], Any]
) -> None:
    seen = book.transfer("school:a", "school:b", 60, key="t").recorded
    change(in_the_past(connection))
    assert book.history("school:a")[-1].recorded > seen
    assert book.verify(thorough=True).faults == ()


def test_a_close_is_later_than_what_any_account_has_seen(
    book: Book, connection: sa.Connection
) -> None:
    for code in ("x", "y"):
        in_the_past(connection).open_account(code, floor=None, key=new_key())
    posted = book.transfer("x", "y", 60, key="today")
    last_week = posted.effective - timedelta(days=7)
    late = book.transfer("x", "y", 60, key="late", effective=last_week)
    connection.commit()
    closed = in_the_past(connection).close_period(last_week, key="close", actor="Ada")
    assert closed.closed_at > late.recorded
    assert book.verify(thorough=True).faults == ()
