"""Keys that are used again, and texts, codes and numbers that cannot be kept."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from typing import Any

import pytest

import ledger
from ledger import Book, Levy, Override, Posting
from tests.ledger.keys import new_key

A, B, C, FUND = "school:a", "school:b", "school:c", "network:fund"


def test_the_same_key_with_the_same_content_gives_the_first_result(book: Book) -> None:
    first = book.transfer(A, B, 600, key="k", memo="Maths")
    again = book.transfer(A, B, 600, key="k", memo="Maths")
    assert again.replayed
    assert again.id == first.id
    assert again.entries == first.entries
    assert book.balance(A) == -600


def test_a_result_is_replayed_even_where_it_would_be_refused_today(book: Book) -> None:
    first = book.transfer(A, B, 600, key="k")
    many = book.post([Posting(B, -2), Posting(C, 1), Posting(FUND, 1)], key="m")
    for code in (A, B, C):
        book.freeze(code, actor="Olu", memo="left", key=new_key())
    assert book.transfer(A, B, 600, key="k").id == first.id
    assert book.post([Posting(B, -2), Posting(C, 1), Posting(FUND, 1)], key="m").id == many.id


def test_the_same_key_with_other_content_is_a_conflict_that_names_the_fields(book: Book) -> None:
    first = book.transfer(A, B, 60, key="k", memo="Maths")
    with pytest.raises(ledger.IdempotencyConflict) as refused:
        book.transfer(A, B, 75, key="k", memo="Music")
    error = refused.value
    assert error.transaction_id == first.id
    assert error.differences == {
        "memo": ("Maths", "Music"),
        "lines": (((A, -60), (B, 60)), ((A, -75), (B, 75))),
    }
    with pytest.raises(ledger.IdempotencyConflict) as refused:
        book.hold(A, B, 60, key="k", memo="Maths")
    assert refused.value.differences == {"action": ("post", "hold")}
    assert book.balance(A) == -60


def test_a_refused_attempt_does_not_use_up_its_key(book: Book) -> None:
    with pytest.raises(ledger.LimitExceeded):
        book.transfer(A, B, 700, key="k")
    assert not book.transfer(A, B, 60, key="k").replayed


@pytest.mark.parametrize("field", ["key", "kind", "memo", "actor", "reference"])
def test_texts_that_cannot_be_kept_are_refused(book: Book, field: str) -> None:
    for text in ("x" * 3000, "a\0b", "é\0b", "a\ud800b", 7):
        texts: dict[str, Any] = {"key": "k", field: text}
        with pytest.raises(ledger.InvalidText) as refused:
            book.transfer(A, B, 1, **texts)
        assert refused.value.field == field


@pytest.mark.parametrize(
    ("field", "most"),
    [("key", 200), ("kind", 60), ("memo", 2000), ("actor", 200), ("reference", 200)],
)
def test_a_text_of_any_alphabet_is_kept_up_to_its_longest(
    book: Book, field: str, most: int
) -> None:
    texts: dict[str, Any] = {"key": "k", field: "é" * most}
    posted = book.transfer(A, B, 1, **texts)
    assert getattr(book.transaction(posted.id), field) == "é" * most
    with pytest.raises(ledger.InvalidText):
        book.transfer(A, B, 1, **{**texts, field: "é" * (most + 1)})


@pytest.mark.parametrize("text", ["a\0b", "a\ud800b", " "])
def test_names_and_reasons_that_cannot_be_kept_are_refused(book: Book, text: str) -> None:
    posted = book.transfer(A, B, 1, key="k")
    for change in (
        lambda: book.freeze(A, actor=text, memo="x", key=new_key()),
        lambda: book.freeze(A, actor="Olu", memo=text, key=new_key()),
        lambda: book.close_period(date(2020, 1, 1), actor=text, key=new_key()),
        lambda: book.reverse(posted.id, key="r", override=Override(text, "x")),
        lambda: book.reverse(posted.id, key="r", override=Override("Olu", text)),
    ):
        with pytest.raises(ledger.InvalidText):
            change()
    assert book.account(A).status == "open"


@pytest.mark.parametrize("code", ["a\0b", "a\ud800b"])
def test_codes_that_cannot_be_kept_are_refused_or_unknown(book: Book, code: str) -> None:
    hold_id = book.hold(A, B, 1, key="h").id
    for verb in (
        lambda: book.transfer(code, B, 1, key="k"),
        lambda: book.post([Posting(A, 2), Posting(code, -1), Posting(B, -1)], key="k"),
        lambda: book.hold(code, B, 1, key="k"),
        lambda: book.settle(hold_id, key="k", levy=Levy(Fraction(1, 2), code)),
        lambda: book.open_account(code, floor=None, key=new_key()),
    ):
        with pytest.raises(ledger.InvalidText):
            verb()
    for verb in (
        lambda: book.account(code),
        lambda: book.statement(code),
        lambda: book.bilateral(A, code),
        lambda: book.freeze(code, actor="Olu", memo="x", key=new_key()),
    ):
        with pytest.raises(ledger.UnknownAccount):
            verb()
    assert book.balances([code]) == {}


@pytest.mark.parametrize("number", [2**63, -(2**63) - 1, 0])
def test_numbers_that_no_row_can_have_are_unknown(book: Book, number: int) -> None:
    for verb in (
        lambda: book.settle(number, key="k"),
        lambda: book.void(number, key="k"),
        lambda: book.extend(number, None, key="k"),
    ):
        with pytest.raises(ledger.UnknownHold):
            verb()
    for verb in (lambda: book.reverse(number, key="k"), lambda: book.transaction(number)):
        with pytest.raises(ledger.UnknownTransaction):
            verb()
