"""Attacks on what puts money right: by schools, by one operator alone, by a thief, by odd texts."""

from __future__ import annotations

import io

import openpyxl
import pypdf
import pytest
from flask.testing import FlaskClient

from marketplace.exchanges import service as exchanges
from marketplace.exchanges.models import State
from tests.marketplace.browser import Browser
from tests.marketplace.exchanges.conftest import Pair
from tests.marketplace.exchanges.conftest import pair as pair
from tests.marketplace.exchanges.factories import brought_to
from tests.marketplace.factories import saved

REASONS = "The register of the school shows an hour."

TEXTS = ("Reading 😀 中文", '=1+1 #import "x"; $x$ *b* `c` <b>', "@SUM(A1) \\ [x] // #panic()")


@pytest.mark.parametrize("title", TEXTS)
def test_a_title_of_one_school_does_not_break_the_statement_of_the_other(
    pair: Pair, client: FlaskClient, title: str
) -> None:
    with saved(pair.app) as session:
        exchange = brought_to(State.DELIVERED, pair.giver, pair.taker)
        exchange.title = title
        exchanges.confirm(session, pair.taker, exchange, version=exchange.version)
    browser = Browser(client).be(pair.taker).client
    answer = browser.get("/credits/statement.pdf", buffered=True)
    assert answer.status_code == 200
    words = " ".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(answer.data)).pages)
    assert title.split()[0] in words
    answer = browser.get("/credits/statement.xlsx", buffered=True)
    cells = [
        cell
        for row in openpyxl.load_workbook(io.BytesIO(answer.data))["Statement"].iter_rows()
        for cell in row
    ]
    (cell,) = [cell for cell in cells if cell.value == title]
    assert cell.data_type == "s"
