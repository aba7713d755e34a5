"""A statement as a spreadsheet and as a PDF: opened by readers, compared with the ledger."""

from __future__ import annotations

import io
import subprocess
import sys
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import openpyxl
import pypdf
import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from ledger import Book
from marketplace.accounts.actor import Actor
from marketplace.accounts.roles import Role
from marketplace.application import Skillbank
from marketplace.audit.verification.models import Result, VerificationRun
from marketplace.clock import today
from marketplace.exchanges.models import State
from marketplace.statements.downloads.document import (
    Close,
    Entry,
    Standing,
    StatementDocument,
)
from marketplace.statements.figures import Figures, Moved
from marketplace.statements.period import Period
from tests.marketplace.accounts.factories import actor_for
from tests.marketplace.browser import Browser
from tests.marketplace.exchanges.factories import brought_to
from tests.marketplace.factories import saved
from tests.marketplace.network.factories import auditor, joined_school

CODE = "school:300001"
EVIL = "#set page(fill: red); =1+1 <b>“½”"


@pytest.fixture
def finance(app: Skillbank) -> Actor:
    """The finance officer of a school that gave 1½ hours, and got a gift with an odd text."""
    with saved(app) as session:
        hope = joined_school(urn=300_001, name="Hope Primary")
        moat = joined_school(urn=300_002, name="Moat School")
        brought_to(State.CONFIRMED, actor_for(hope), actor_for(moat), minutes=90)
        Book(session).transfer("network:issuance", CODE, 20, key="gift", memo=EVIL)
        return actor_for(hope, Role.FINANCE)


def download(client: FlaskClient, actor: Actor, form: str, query: str = "") -> bytes:
    answer = (
        Browser(client).be(actor).client.get(f"/credits/statement.{form}{query}", buffered=True)
    )
    assert answer.status_code == 200
    assert "statement-school-300001-" in answer.headers["Content-Disposition"]
    return answer.data


def ledger_balance(app: Skillbank) -> int:
    with saved(app) as session:
        return Book(session).balance(CODE)


def test_a_spreadsheet_has_numbers_days_and_formulas(
    app: Skillbank, client: FlaskClient, finance: Actor
) -> None:
    file = io.BytesIO(download(client, finance, "xlsx"))
    shown = openpyxl.load_workbook(file, data_only=True)["Statement"]
    typed = openpyxl.load_workbook(file)["Statement"]
    assert shown["A1"].value == "Statement of credits: Hope Primary, URN 300001"
    entries = [row for row in shown.iter_rows(min_row=11) if isinstance(row[2].value, int)]
    assert [row[0].value.date() for row in entries] == [today()] * len(entries)
    assert EVIL in [row[4].value for row in entries]
    last = entries[-1][0].row
    closing = ledger_balance(app) / 60
    assert entries[-1][7].value == pytest.approx(closing)
    assert sum(row[6].value for row in entries) == pytest.approx(closing)
    assert typed.cell(last + 1, 7).value == f"=SUM(G11:G{last})"
    assert shown.cell(last + 1, 7).value == pytest.approx(closing)
    assert shown.cell(last + 1, 8).value == pytest.approx(closing)


def test_a_spreadsheet_has_the_parts_by_month_and_by_school(
    client: FlaskClient, finance: Actor
) -> None:
    book = openpyxl.load_workbook(io.BytesIO(download(client, finance, "xlsx")), data_only=True)
    schools = {row[0].value: [cell.value for cell in row[1:]] for row in book["By school"].rows}
    assert schools["Moat School"] == [1.5, 0, 0, 1.5]
    assert schools["Together"][0] == 1.5
    assert len(list(book["By month"].rows)) == 3


def pages_of(pdf: bytes) -> list[str]:
    return [page.extract_text() for page in pypdf.PdfReader(io.BytesIO(pdf)).pages]


def test_a_pdf_says_whose_it_is_and_how_it_can_be_checked(
    app: Skillbank, client: FlaskClient, finance: Actor
) -> None:
    with saved(app) as session:
        Book(session).seal()
        seal = Book(session).seals()[-1]
        head = Book(session).head().last
    text = " ".join("\n".join(pages_of(download(client, finance, "pdf"))).split())
    assert "Statement of credits: Hope Primary, URN 300001" in text
    assert f"Produced on {today():%-d %B %Y}" in text
    assert f"by {finance.person_name}, finance at" in text
    assert f"newest record was {head:,}" in text
    assert seal.hash in text.replace(" ", "")
    assert "Page 1 of 1" in text
    assert "+1.50" in text
    assert "#set page(fill: red)" in text  # a text, not a command


@pytest.mark.parametrize("form", ["pdf", "xlsx", "csv"])
def test_a_closed_period_is_reprinted_to_the_byte(
    app: Skillbank, client: FlaskClient, form: str
) -> None:
    at = datetime.now(UTC) - timedelta(days=3)
    with saved(app) as session:
        book = Book(session, clock=lambda: at)
        for code in ("old:a", "old:b"):
            book.open_account(code, floor=None, name=f"Account {code}", key=code, actor="Olu")
        book.transfer("old:a", "old:b", 90, key="t", memo="Phonics")
        Book(session).close_period(today() - timedelta(days=1), key="close", actor="person:1")
        first_auditor, second_auditor = auditor(), auditor()
    query = f"?start={today() - timedelta(days=9)}&end={today() - timedelta(days=1)}"
    path = f"/credits/book/accounts/old:b/statement.{form}{query}"
    first = Browser(client).be(first_auditor).client.get(path, buffered=True)
    assert first.status_code == 200
    with saved(app) as session:
        verified_now(session)
        Book(session).rename("old:a", "Another name", key="rename", actor="Olu", memo="Renamed")
        Book(session).transfer("old:b", "old:a", 30, key="later")
        Book(session).seal()
    again = Browser(app.test_client()).be(second_auditor).client.get(path, buffered=True)
    assert again.data == first.data
    if form == "csv":
        assert "Account old:a" in first.get_data(as_text=True)
        assert "The book had not been verified yet" in first.get_data(as_text=True)


def verified_now(session: Session) -> None:
    """A verification that has just found nothing."""
    now = datetime.now(UTC)
    run = VerificationRun(asked_at=now, thorough=False, open_slot=sa.null(), begun_at=now)
    run.finished_at, run.result, run.fault_count = now, Result.SOUND, 0
    session.add(run)
    session.flush()


@pytest.mark.parametrize("form", ["pdf", "xlsx", "csv"])
def test_each_download_says_how_the_book_stands(
    app: Skillbank, client: FlaskClient, finance: Actor, form: str
) -> None:
    with saved(app) as session:
        verified_now(session)
        Book(session).seal()
        seal = Book(session).seals()[-1]
    answer = download(client, finance, form)
    if form == "pdf":
        text = "\n".join(pages_of(answer))
    elif form == "csv":
        text = answer.decode()
    else:
        sheet = openpyxl.load_workbook(io.BytesIO(answer))["Statement"]
        text = " ".join(str(row[0].value) for row in sheet.iter_rows(max_row=8))
    text = " ".join(text.split())
    assert seal.hash in text.replace(" ", "")
    assert f"Last verified on {today():%-d %B %Y} at" in text
    assert ": sound" in text
    assert "The book’s newest record was" in text


PRINTING = """
import sys
from marketplace.statements.downloads import pdf
from tests.marketplace.statements.test_downloads import example
sys.stdout.buffer.write(pdf.make_pdf(*example()))
"""


def example() -> tuple[StatementDocument, list[Entry]]:
    """A statement that needs no database."""
    closed_at = datetime(2026, 9, 5, 10, tzinfo=UTC)
    document = StatementDocument(
        code=CODE,
        name="Hope Primary",
        urn="300001",
        period=Period(date(2026, 7, 1), date(2026, 8, 31)),
        figures=Figures(given=90, by_month={date(2026, 7, 1): Moved(given=90)}),
        partner_names={},
        produced_at=closed_at,
        produced_by="",
        close=Close(12, closed_at),
        standing=Standing(12, None),
    )
    entry = Entry(closed_at, closed_at.date(), 7, "exchange", "Phonics", "Moat", 90, 90, "")
    return document, [entry] * 80


def test_two_processes_in_two_time_zones_print_the_same_pages() -> None:
    checkout = Path(__file__).parents[3]
    pdfs = [
        subprocess.run(
            [sys.executable, "-c", PRINTING],
            cwd=checkout,
            env={"TZ": zone, "PATH": "/usr/bin", "PYTHONPATH": str(checkout)},
            capture_output=True,
            check=True,
        ).stdout
        for zone in ("UTC", "Pacific/Auckland")
    ]
    assert pdfs[0] == pdfs[1]
    pages = pages_of(pdfs[0])
    assert len(pages) > 1
    assert "Page 2 of" in " ".join(pages[1].split())
    assert "As the books were closed on 5 September 2026 at 11:00, by record 12" in pages[0]
