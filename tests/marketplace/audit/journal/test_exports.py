"""What is filtered as a file: the same records as the page, read by the programs they are for."""

from __future__ import annotations

import csv
import gc
import io
import shutil
import subprocess
from datetime import date
from pathlib import Path

import openpyxl
import pytest
import sqlalchemy as sa
from beancount import loader
from flask.testing import FlaskClient

from ledger import Transaction
from marketplace.accounts.models import SecurityEvent
from marketplace.accounts.roles import Role
from marketplace.application import Skillbank
from marketplace.audit.journal import exports
from marketplace.audit.journal.criteria import Criteria
from marketplace.audit.journal.indexing import index_journal
from marketplace.audit.journal.search import JournalSearch, Totals
from marketplace.database import db
from marketplace.web import tables
from tests.marketplace.accounts.factories import PersonFactory
from tests.marketplace.audit.journal.books import SCHOOLS, fill
from tests.marketplace.browser import Browser
from tests.marketplace.factories import saved

FILTERED = f"account={SCHOOLS[0]}&start=2026-03-25"


@pytest.fixture
def auditor(app: Skillbank, client: FlaskClient) -> Browser:
    """The auditor of a book of which a part is in the index."""
    with app.app_context():
        session = db.session()
        fill(session, 60)
        session.commit()
        index_journal(session, session.commit)
        session.commit()
    with saved(app):
        person = PersonFactory(roles=[(Role.AUDITOR, None)])
    return Browser(client).be(person)


def totals(app: Skillbank) -> Totals:

    with app.app_context():
        criteria = Criteria(accounts=(frozenset({SCHOOLS[0]}),), start=date(2026, 3, 25))
        return JournalSearch(db.session(), criteria).totals()


def test_csv_has_the_records_of_the_page_and_adds_up(app: Skillbank, auditor: Browser) -> None:
    answer = auditor.client.get(f"/credits/book/journal.csv?{FILTERED}")
    assert answer.data.startswith(b"\xef\xbb\xbf")
    assert "journal-" in answer.headers["Content-Disposition"]
    rows = list(csv.DictReader(io.StringIO(answer.data.decode("utf-8-sig"))))
    seen: list[str] = []
    auditor.get(f"/credits/book/journal?{FILTERED}")
    seen += [cell.text for cell in auditor.page.select(".journal-number")]
    assert [row["number"] for row in rows] == seen
    expected = totals(app)
    assert len(rows) == expected.records > 10
    assert sum(int(row["moved, minutes"] or 0) for row in rows) == expected.moved > 0
    held = [row for row in rows if row["kind"] == "Hold"]
    assert sum(int(row["held or released, minutes"]) for row in held) == expected.held > 0


def test_excel_reads_numbers_dates_and_formulas(app: Skillbank, auditor: Browser) -> None:
    answer = auditor.client.get(f"/credits/book/journal.xlsx?{FILTERED}")
    assert answer.status_code == 200
    sheet = openpyxl.load_workbook(io.BytesIO(answer.data)).active
    head, *rows, last = list(sheet.iter_rows(values_only=True))
    expected = totals(app)
    assert len(rows) == expected.records
    place = {name: number for number, name in enumerate(head)}
    moved = [row[place["moved, minutes"]] for row in rows]
    assert sum(minutes or 0 for minutes in moved) == expected.moved
    for row in rows:
        assert (row[place["date"]].year, row[place["recorded (London)"]].year) == (2026, 2026)
        minutes, hours = row[place["moved, minutes"]], row[place["moved, credits"]]
        assert (minutes is None and hours is None) or abs(hours * 60 - minutes) < 1e-9
    assert last[0] == "Total"
    assert last[place["moved, minutes"]] == f"=SUM(H2:H{len(rows) + 1})"
    assert last[place["moved, credits"]] == f"=SUM(H2:H{len(rows) + 1})/60"


def test_the_programs_accept_a_part_of_the_book(
    app: Skillbank, auditor: Browser, tmp_path: Path
) -> None:
    path = tmp_path / "part.beancount"
    path.write_bytes(auditor.client.get(f"/credits/book/journal.beancount?{FILTERED}").data)
    entries, errors, _ = loader.load_file(str(path))
    assert errors == []
    assert len([one for one in entries if type(one).__name__ == "Transaction"]) > 5
    path = tmp_path / "part.journal"
    path.write_bytes(auditor.client.get(f"/credits/book/journal.hledger?{FILTERED}").data)
    if program := shutil.which("hledger"):
        checked = subprocess.run(
            [program, "-f", path, "check", "--strict"], capture_output=True, text=True,
            env={"LC_ALL": "C.UTF-8"},
        )  # fmt: skip
        assert checked.returncode == 0, checked.stderr


def test_a_download_is_in_the_security_log_and_wrong_filters_are_refused(
    app: Skillbank, auditor: Browser
) -> None:
    for form in exports.FORMS:
        assert auditor.client.get(f"/credits/book/journal.{form}?{FILTERED}").data
    with app.app_context():
        told = db.session.scalars(
            sa.select(SecurityEvent.details).where(SecurityEvent.kind == "exported")
        ).all()
    assert sorted(one["what"] for one in told) == sorted(
        f"journal as {form}" for form in exports.FORMS
    )
    answer = auditor.client.get("/credits/book/journal.csv?account=nobody")
    assert answer.status_code == 422
    assert "There is no account “nobody”" in answer.text
    assert auditor.client.get("/credits/book/journal.pdf").status_code == 404


@pytest.mark.parametrize("form", ["csv", "hledger"])
def test_a_long_export_holds_a_page_of_records_and_few_statements(
    app: Skillbank, monkeypatch: pytest.MonkeyPatch, form: str
) -> None:
    """A connection keeps each text of a statement, so each length of a list that it has seen."""
    page, pieces, alive = 20, 0, 0
    monkeypatch.setattr(exports, "EXPORT_PAGE", page)
    monkeypatch.setattr(tables, "_ROWS_AT_ONCE", 1)
    statements: set[str] = set()
    with app.app_context():
        session = db.session()
        fill(session, 300)
        session.commit()
        index_journal(session, session.commit)
        session.commit()
    with app.test_request_context():
        heard = (db.engine, "after_cursor_execute", lambda *told: statements.add(told[2]))
        sa.event.listen(*heard)
        answer = exports.export_journal(form, Criteria())
        for piece in answer.response:
            pieces += bool(piece)
            if pieces % 20 == 0:
                alive = max(alive, sum(type(one) is Transaction for one in gc.get_objects()))
        answer.close()
        sa.event.remove(*heard)
    assert pieces > 8 * page
    assert 0 < alive <= 2 * page
    assert len(statements) < 21


def test_too_many_for_one_workbook_is_said(
    auditor: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exports, "MOST_ROWS", 3)
    answer = auditor.client.get("/credits/book/journal.xlsx")
    assert answer.status_code == 422
    assert "download them as CSV" in answer.text
