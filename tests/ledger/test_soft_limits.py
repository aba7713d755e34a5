"""Soft limits: they refuse nothing and are reported."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

import ledger
from ledger import Book
from tests.ledger.keys import new_key

A, B, C, FUND = "school:a", "school:b", "school:c", "network:fund"
OLU = {"actor": "Olu", "memo": "policy"}


def test_an_account_beyond_a_soft_limit_posts_on_and_is_reported(book: Book) -> None:
    book.open_account("school:d", floor=-600, soft_floor=-100, soft_ceiling=100, key=new_key())
    book.set_limits(A, floor=-600, ceiling=None, soft_floor=-60, **OLU, key=new_key())
    book.set_limits(B, floor=-600, ceiling=None, soft_ceiling=60, **OLU, key=new_key())
    book.transfer(A, B, 60, key="1")
    assert book.beyond_soft_limits() == []
    assert book.account(A).beyond is book.account(B).beyond is None
    book.transfer(A, B, 1, key="2")
    beyond = book.beyond_soft_limits()
    assert [(account.code, account.beyond) for account in beyond] == [(A, "floor"), (B, "ceiling")]
    assert beyond[0] == book.account(A)
    book.transfer(A, B, 500, key="3")
    book.transfer(B, "school:d", 500, key="4")
    assert [account.code for account in book.beyond_soft_limits()] == [A, B, "school:d"]
    book.transfer("school:d", A, 501, key="5")
    assert [account.code for account in book.beyond_soft_limits()] == [B]


def test_holds_do_not_count_for_soft_limits(book: Book) -> None:
    book.set_limits(A, floor=-600, ceiling=None, soft_floor=-60, **OLU, key=new_key())
    hold = book.hold(A, B, 100, key="1")
    assert book.beyond_soft_limits() == []
    book.settle(hold.id, key="2")
    assert [account.code for account in book.beyond_soft_limits()] == [A]


def test_soft_limits_stay_until_they_are_given_and_every_change_is_kept(
    book: Book, connection: sa.Connection
) -> None:
    book.set_limits(
        A, floor=-600, ceiling=None, soft_floor=-60, soft_ceiling=60, **OLU, key=new_key()
    )
    book.set_limits(A, floor=-300, ceiling=None, **OLU, key=new_key())
    book.set_limits(A, floor=-300, ceiling=None, soft_ceiling=None, **OLU, key=new_key())
    account = book.freeze(A, **OLU, key=new_key())
    assert (account.floor, account.soft_floor, account.soft_ceiling) == (-300, -60, None)
    rows = [(one.action, one.floor, one.soft_floor, one.soft_ceiling) for one in book.history(A)]
    assert rows == [
        ("open", -600, None, None),
        ("limits", -600, -60, 60),
        ("limits", -300, -60, 60),
        ("limits", -300, -60, None),
        ("freeze", -300, -60, None),
    ]


def test_soft_limits_are_whole_minutes_and_in_order(book: Book) -> None:
    book.set_limits(A, floor=-600, ceiling=None, soft_floor=10, **OLU, key=new_key())
    for wrong in ({"soft_ceiling": 5}, {"soft_floor": 1.5}, {"soft_floor": 9, "soft_ceiling": 8}):
        with pytest.raises(ledger.InvalidAmount):
            book.set_limits(A, floor=-600, ceiling=None, **OLU, **wrong, key=new_key())  # type: ignore[arg-type]
    with pytest.raises(ledger.InvalidAmount):
        book.open_account("school:d", floor=0, soft_floor=5, soft_ceiling=4, key=new_key())
    assert book.account(A).soft_floor == 10
