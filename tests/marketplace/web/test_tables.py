"""CSV files that a spreadsheet opens as they are meant."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from datetime import date
from decimal import Decimal

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st

from marketplace.web.tables import (
    Cell,
    added_credits,
    csv_chunks,
    csv_response,
    decimal_credits,
    safe_cell,
)


def test_a_file_has_a_byte_order_mark_and_names_its_charset_once() -> None:
    with Flask(__name__).test_request_context():
        answer = csv_response("it.csv", [("text",), ("Café maths: Year 6’s ½-day",)])
        body = answer.get_data()
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="it.csv"'
    assert body.startswith(b"\xef\xbb\xbftext\r\n")
    assert body.count(b"\xef\xbb\xbf") == 1
    assert body.decode("utf-8-sig") == "text\r\nCafé maths: Year 6’s ½-day\r\n"


def test_texts_are_defused_and_numbers_are_written_as_they_are() -> None:
    text = "".join(csv_chunks([("=1+1", -15, Decimal("-0.25"), date(2026, 9, 1), None, "a")]))
    assert text == "\ufeff'=1+1,-15,-0.25,2026-09-01,,a\r\n"


def test_rows_are_written_while_they_come() -> None:
    written = 0

    def rows() -> Iterator[tuple[Cell, ...]]:
        nonlocal written
        for number in range(2_000):
            written += 1
            yield (number,)

    chunks = csv_chunks(rows())
    first = next(chunks)
    assert 0 < written < 2_000
    table = list(csv.reader(io.StringIO(first + "".join(chunks))))
    assert [row[0].lstrip("\ufeff") for row in table] == [str(number) for number in range(2_000)]


@pytest.mark.parametrize("sign", [*"=+-@", *"＝＋－＠", *"﹦﹢﹣﹫"])
@pytest.mark.parametrize(
    "start", ["", " ", "\xa0", "\u200b", "\ufeff", "\u2060", "\u3164", "\u2800", "\u202e", "\n \t"]
)
def test_no_cell_begins_a_formula(start: str, sign: str) -> None:
    assert safe_cell(f"{start}{sign}1+1") == f"'{start}{sign}1+1"
    assert safe_cell(f"a{start}{sign}") == f"a{start}{sign}"


@pytest.mark.parametrize("start", ["\t", "\r", "\n"])
def test_no_cell_begins_with_a_control(start: str) -> None:
    assert safe_cell(f"{start}1+1") == f"'{start}1+1"
    assert safe_cell(start) == f"'{start}"
    assert safe_cell(f"a{start}") == f"a{start}"


@pytest.mark.parametrize("text", ["", " ", "\u200b", "half a day", "½", "−1½ credits", "2-1"])
def test_a_text_without_a_formula_stays_as_it_is(text: str) -> None:
    assert safe_cell(text) == text


@pytest.mark.parametrize(
    ("minutes", "written"),
    [
        *((0, "0.00"), (15, "0.25"), (-15, "-0.25"), (90, "1.50"), (-6000, "-100.00")),
        *((1, "0.02"), (20, "0.33"), (40, "0.67"), (-40, "-0.67"), (2**40, "18325193796.27")),
    ],
)
def test_minutes_as_a_decimal_number(minutes: int, written: str) -> None:
    assert str(decimal_credits(minutes)) == written


def test_twenty_minutes_three_times_are_a_credit() -> None:
    steps = [added_credits(before, before + 20) for before in (600, 620, 640)]
    assert steps == [Decimal("0.33"), Decimal("0.34"), Decimal("0.33")]
    assert sum(steps) == 1


@given(st.integers(-(10**6), 10**6), st.lists(st.integers(-(10**6), 10**6), max_size=50))
def test_a_column_of_credits_adds_up_to_the_difference_of_the_balances(
    opening: int, amounts: list[int]
) -> None:
    balance, total = opening, Decimal(0)
    for amount in amounts:
        credits = added_credits(balance, balance + amount)
        assert abs(credits - Decimal(amount) / 60) < Decimal("0.01")
        total += credits
        balance += amount
    assert total == decimal_credits(balance) - decimal_credits(opening)
