"""Downloads whose progress a page shows: how large they are, how far they are, and their end."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient

from marketplace import clock
from marketplace.accounts.roles import Role
from marketplace.application import Skillbank
from marketplace.audit.export_runs import service
from marketplace.audit.export_runs.models import ExportRun
from marketplace.audit.export_runs.presenters import size_sentence
from marketplace.audit.journal import exports, search, sources
from marketplace.audit.journal.indexing import index_journal
from marketplace.database import db
from marketplace.privacy.retention import get_retention, purge_one
from marketplace.web import tables
from tests.marketplace.accounts.factories import PersonFactory
from tests.marketplace.audit.journal.books import SCHOOLS, fill
from tests.marketplace.browser import Browser
from tests.marketplace.factories import saved


@pytest.fixture
def auditor(app: Skillbank, client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> Browser:
    """The auditor of a book of which a page of the journal does not look at all."""
    monkeypatch.setattr(sources, "NARROW", 5)
    for module in (sources, search):
        monkeypatch.setattr(module, "LOOKED_AT", 5)
    with saved(app) as session:
        fill(session, 60)
        person = PersonFactory(roles=[(Role.AUDITOR, None)])
    with app.app_context():
        index_journal(db.session(), db.session.commit)
        db.session.commit()
    return Browser(client).be(person)


def follow(browser: Browser, link: str) -> Browser:
    return browser.get(browser.page.find("a", string=link)["href"])


def only_run(app: Skillbank) -> ExportRun:
    with app.app_context():
        run = db.session.scalars(sa.select(ExportRun)).one()
        db.session.expunge(run)
        return run


def test_a_long_download_shows_how_far_it_is_until_its_end(
    app: Skillbank, auditor: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exports, "EXPORT_PAGE", 10)
    monkeypatch.setattr(tables, "_ROWS_AT_ONCE", 1)
    monkeypatch.setattr(service, "NOTED_SECONDS", 0)
    auditor.get(f"/credits/book/journal?account={SCHOOLS[0]}&order=oldest")
    follow(auditor, "CSV")
    assert "School: " in auditor.text
    auditor.submit("Begin the download")
    total = only_run(app).total
    assert 20 < total < 200
    assert f"{total} records, less than 1 MB. It takes less than a minute." in auditor.text
    refresh = auditor.page.select_one("meta[http-equiv=refresh]")["content"]
    page, file = auditor.path, refresh.partition("url=")[2]

    answer = auditor.client.get(file, buffered=False)
    pieces = iter(answer.response)
    for _ in range(16):
        next(pieces)
    auditor.get(page)
    assert f"10 of {total} records, {1000 // total} %." in auditor.text
    assert auditor.page.select("meta[http-equiv=refresh]")[0]["content"] == "4"
    rest = b"".join(pieces)
    assert rest.count(b"\r\n") == total + 1 - 16
    answer.close()

    auditor.get(page)
    assert f"{total} records are in the file." in auditor.text
    assert auditor.page.select("meta[http-equiv=refresh]") == []
    assert auditor.page.find("a", string="Download it again")["href"] == file


def test_what_is_broken_off_is_said_and_is_whole_the_next_time(
    app: Skillbank, auditor: Browser
) -> None:
    follow(auditor.get("/credits/book/journal"), "Excel").submit("Begin the download")
    page = auditor.path
    with saved(app) as session:
        run = session.scalars(sa.select(ExportRun)).one()
        run.begun_at = run.progress_at = clock.now() - timedelta(minutes=2)
        run.done = 5
    auditor.get(page)
    assert "Nothing has been heard of it since" in auditor.text
    assert "The file is not whole." in auditor.text
    assert auditor.client.get(auditor.page.find("a", string="Download it again")["href"]).data
    run = only_run(app)
    assert (run.done, run.finished_at is None) == (run.total, False)


def test_a_short_list_is_downloaded_at_once(auditor: Browser) -> None:
    auditor.get("/credits/book/journal?least=8&kind=grant")
    assert auditor.page.find("a", string="CSV")["href"].startswith("/credits/book/journal.csv?")


def test_it_is_forgotten_after_a_day(app: Skillbank, auditor: Browser) -> None:
    auditor.get("/credits/book/journal/download?form=hledger").submit("Begin the download")
    rule = next(one for one in get_retention(app) if one.purge is service.delete_old)
    with saved(app) as session:
        assert purge_one(session, rule) == 0
        session.scalars(sa.select(ExportRun)).one().asked_at -= timedelta(hours=25)
        session.flush()
        assert purge_one(session, rule) == 1
    assert auditor.get(auditor.path).status == 404


@pytest.mark.parametrize(
    ("records", "words"),
    [
        (1, "1 record, less than 1 MB. It takes less than a minute."),
        (195_716, "195,716 records, about 41 MB. It takes about a minute."),
        (1_000_000, "1,000,000 records, about 212 MB. It takes about 4 minutes."),
    ],
)
def test_how_large_and_how_long_in_words(records: int, words: str) -> None:
    assert size_sentence("csv", records) == words
