"""The pages of verifications: asking, looking again, what came of it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask.testing import FlaskClient

from ledger import Fault, Head, Report, verification
from marketplace import clock
from marketplace.accounts.roles import Role
from marketplace.application import Skillbank
from marketplace.audit.verification.presenters import MEANINGS
from marketplace.audit.verification.service import (
    begin_run,
    break_off,
    finish_run,
    note_attempt,
    note_progress,
)
from marketplace.outbox.worker import Worker
from tests.marketplace.accounts.factories import PersonFactory
from tests.marketplace.browser import Browser
from tests.marketplace.factories import saved
from tests.marketplace.network.factories import joined_school

FAULT = Fault("drifted-balance", "account school:100000", "it has 5 and its last entry 6")


@pytest.fixture
def auditor(app: Skillbank, client: FlaskClient) -> Browser:
    with saved(app):
        joined_school()
        person = PersonFactory(roles=[(Role.AUDITOR, None)])
    return Browser(client).be(person)


@pytest.mark.parametrize(("button", "how"), [("Verify now", ""), ("Verify thoroughly", "Thorough")])
def test_an_auditor_asks_and_looks_again(
    app: Skillbank, auditor: Browser, button: str, how: str
) -> None:
    auditor.get("/credits/book/verifications").submit(button)
    assert "The worker takes it up within a few seconds." in auditor.text
    address = auditor.page.find("a", string="Look again")["href"]
    auditor.get("/credits/book/verifications").submit("Verify now")
    assert "A verification is under way already." in auditor.text
    Worker(app).run_once()
    auditor.get(address)
    assert "The book is sound" in auditor.text
    assert ("Thoroughly" in auditor.text) == bool(how)
    assert auditor.page.select("script[src*=look_again]") == []
    assert "Sound" in auditor.get("/home").text


def test_how_far_it_is_is_said_in_words(app: Skillbank, auditor: Browser) -> None:
    with saved(app) as session:
        run = begin_run(session, thorough=False)
        note_attempt(session, run)
        note_progress(run, 7, 28)
        run_id = run.id
    auditor.get(f"/credits/book/verifications/{run_id}")
    assert "7 of 28 checks, 25 %." in auditor.text
    assert auditor.page.select_one("progress")["value"] == "25"


@pytest.mark.parametrize("begun", [False, True])
def test_a_worker_that_is_not_there_is_said(app: Skillbank, auditor: Browser, begun: bool) -> None:
    with saved(app) as session:
        run = begin_run(session, thorough=False)
        long_ago = clock.now() - timedelta(minutes=10)
        run.asked_at = long_ago
        if begun:
            note_attempt(session, run)
            run.progress_at = long_ago
        run_id = run.id
    auditor.get(f"/credits/book/verifications/{run_id}")
    assert ("Nothing has been heard of it since" in auditor.text) == begun
    assert ("ask whoever runs the server whether the worker is running" in auditor.text) != begun


def test_a_fault_is_a_task_and_its_page_says_what_to_do(app: Skillbank, auditor: Browser) -> None:
    with saved(app) as session:
        run = begin_run(session, thorough=False)
        finish_run(session, run, Report((FAULT,) * 3, 400, {}), Head(1, 2))
    auditor.get("/home")
    assert "NOT sound" in auditor.text
    auditor.get(auditor.page.find("a", string="The book has 400 faults")["href"])
    assert "Correct nothing" in auditor.text
    assert all(words in auditor.text for words in FAULT)
    assert MEANINGS["drifted-balance"] in auditor.text
    assert "The first 3 of 400 are kept." in auditor.text


def test_one_that_broke_off_is_a_task_until_the_next(app: Skillbank, auditor: Browser) -> None:
    with saved(app) as session:
        break_off(session, begin_run(session, thorough=False), "The disk is full.")
    auditor.get("/home")
    auditor.get(auditor.page.find("a", string="The last verification broke off")["href"])
    assert "The disk is full." in auditor.text
    with saved(app) as session:
        finish_run(session, begin_run(session, thorough=False), Report((), 0, {}), Head(1, 2))
    assert "broke off" not in auditor.get("/home").text


def test_every_kind_of_fault_has_a_meaning() -> None:
    documented = {
        line.split("``")[1]
        for line in (verification.__doc__ or "").splitlines()
        if line.startswith("- ``") and "``:" in line
    }
    assert documented == set(MEANINGS)
