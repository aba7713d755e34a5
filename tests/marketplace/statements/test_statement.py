"""A school’s statement, on the page and as CSV."""

from __future__ import annotations

import csv
import io
from datetime import timedelta
from decimal import Decimal

import pytest
from flask.testing import FlaskClient

from ledger import Book
from marketplace.accounts.actor import Actor
from marketplace.accounts.roles import Role
from marketplace.application import Skillbank
from marketplace.clock import today
from marketplace.exchanges.models import State
from marketplace.schools.models import School
from marketplace.settings import Policy
from marketplace.statements import csv_export, views
from tests.marketplace.accounts.factories import actor_for
from tests.marketplace.browser import Browser
from tests.marketplace.exchanges.factories import brought_to
from tests.marketplace.factories import saved
from tests.marketplace.network.factories import joined_school

GRANT = Policy().joining_grant


@pytest.fixture
def pair(app: Skillbank) -> tuple[Actor, Actor]:
    """The finance officer of a school, and a coordinator of another one."""
    with saved(app):
        ours = joined_school(name="Hope Primary")
        return actor_for(ours, Role.FINANCE), actor_for(joined_school(name="Other School"))


def coordinator(app: Skillbank, acting: Actor) -> Actor:
    with saved(app) as session:
        return actor_for(session.get_one(School, acting.urn))


def post(app: Skillbank, acting: Actor, minutes: int, memo: str) -> None:
    """Credits from the network."""
    with saved(app) as session:
        Book(session).transfer(
            "network:issuance", f"school:{acting.urn}", minutes, key=memo, memo=memo
        )


def rows(browser: Browser) -> list[list[str]]:
    return [
        [" ".join(cell.get_text(" ").split()) for cell in row.select("td, th")]
        for row in browser.page.select("table.statement tbody tr")
    ]


def stats(browser: Browser) -> dict[str, str]:
    return {
        stat.select_one(".stat-label").text: stat.select_one(".stat-value").text
        for stat in browser.page.select(".stat")
    }


def test_balance_held_available_and_what_is_to_come(
    app: Skillbank, client: FlaskClient, pair: tuple[Actor, Actor]
) -> None:
    finance, other = pair
    ours = coordinator(app, finance)
    with saved(app):
        brought_to(State.AGREED, other, ours, minutes=90)
        brought_to(State.DELIVERED, ours, other, minutes=45)
        brought_to(State.CONFIRMED, ours, other, minutes=135)
    browser = Browser(client).be(finance).get("/credits")
    assert stats(browser) == {
        "Balance": "12¼ credits",
        "Held": "1½ credits",
        "Available": "20¾ credits",
        "To come": "¾ credit",
    }
    assert "with a credit limit of 10 credits" in browser.text
    table = rows(browser)
    assert table[0][1:] == ["Opening balance", "", "", "0"]
    assert [row[2:] for row in table[1:-1]] == [["", "10", "10"], ["", "2¼", "12¼"]]
    assert table[1][1].startswith("Joining grant of 10 credits The network: issuance")
    assert table[2][1] == "Phonics coaching Other School · entry"
    assert table[-1][1:] == ["Closing balance", "", "", "12¼"]
    held = [item.get_text(" ", strip=True) for item in browser.page.select(".row-item")]
    assert ["for Other School" in held[0], "by Other School" in held[1]] == [True, True]
    cause = browser.page.select_one("table.statement a[href^='/exchanges/']")["href"]
    assert browser.get(cause).heading == "Phonics coaching"


def test_a_period_has_its_own_opening_and_closing(
    client: FlaskClient, pair: tuple[Actor, Actor]
) -> None:
    """Both days belong to the period; the balances join up with the period before and after."""
    browser = Browser(client).be(pair[0])
    day = today()
    yesterday, tomorrow = day - timedelta(days=1), day + timedelta(days=1)
    browser.get(f"/credits?start={yesterday}&end={yesterday}")
    assert [row[-1] for row in rows(browser)] == ["0", "No entries in this period.", "0"]
    browser.get(f"/credits?start={day}&end={day}")
    assert [row[-1] for row in rows(browser)] == ["0", "10", "10"]
    browser.get(f"/credits?start={tomorrow}&end={tomorrow}")
    assert [row[-1] for row in rows(browser)] == ["10", "No entries in this period.", "10"]


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("start=yesterday", "Write both days like 2026-09-01."),
        ("start=2026-02-30", "Write both days like 2026-09-01."),
        ("end=9999-12-31", "Write both days like 2026-09-01."),
        (
            "start=2026-09-02&end=2026-09-01",
            "The first day is after the last day. Change one of them.",
        ),
    ],
)
def test_a_period_that_is_none_is_said(
    client: FlaskClient, pair: tuple[Actor, Actor], query: str, message: str
) -> None:
    browser = Browser(client).be(pair[0]).get(f"/credits?{query}")
    assert (browser.status, message in browser.text) == (422, True)
    assert rows(browser)
    browser.get(f"/credits/statement.csv?{query}")
    assert (browser.status, message in browser.text) == (422, True)


def test_pages_of_a_statement_join_up(
    app: Skillbank,
    client: FlaskClient,
    pair: tuple[Actor, Actor],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(views, "PAGE", 2)
    for number in range(4):
        post(app, pair[0], 15, f"Number {number}")
    browser = Browser(client).be(pair[0]).get("/credits")
    seen = [row[-1] for row in rows(browser)]
    while link := browser.page.select_one("a[rel=next]"):
        browser.get(link["href"])
        seen += [row[-1] for row in rows(browser)]
    assert seen == ["0", "10", "10¼", "10½", "10¾", "11", "11"]


def test_the_csv_adds_up_and_is_what_the_page_says(
    app: Skillbank,
    client: FlaskClient,
    pair: tuple[Actor, Actor],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(csv_export, "CSV_PAGE", 2)
    finance, other = pair
    ours = coordinator(app, finance)
    with saved(app):
        brought_to(State.CONFIRMED, ours, other, minutes=45)
        brought_to(State.CONFIRMED, other, ours, minutes=105)
    post(app, finance, 20, '=HYPERLINK("https://bad.example")')
    browser = Browser(client).be(finance).get("/credits")
    link = next(a for a in browser.page.select("a") if "CSV" in a.text)["href"]
    answer = client.get(link)
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert answer.data.startswith(b"\xef\xbb\xbfdate,recorded,")
    assert f'filename="statement-school-{finance.urn}-' in answer.headers["Content-Disposition"]
    assert answer.headers["Cache-Control"] == "no-store"
    lines = list(csv.DictReader(io.StringIO(answer.text)))
    opening, entries, closing = lines[0], lines[1:-1], lines[-1]
    assert (opening["kind"], closing["kind"]) == ("opening balance", "closing balance")
    assert [line["minutes"] for line in entries] == ["600", "45", "-105", "20"]
    balance = int(opening["balance_minutes"])
    for line in entries:
        balance += int(line["minutes"])
        assert int(line["balance_minutes"]) == balance
    assert int(closing["balance_minutes"]) == balance == GRANT - 40
    assert [line["credits"] for line in entries] == ["10.00", "0.75", "-1.75", "0.33"]
    assert [line["with"] for line in entries] == [
        "The network: issuance",
        "Other School",
        "Other School",
        "The network: issuance",
    ]
    assert entries[1]["reference"].startswith("exchange:")
    assert entries[3]["text"] == '\'=HYPERLINK("https://bad.example")'


def test_the_credits_of_a_csv_add_up_to_what_the_balance_grew_by(
    app: Skillbank, client: FlaskClient, pair: tuple[Actor, Actor]
) -> None:
    finance, _ = pair
    memos = [f"Café maths: Year {year}’s ½-day" for year in (4, 5, 6)]
    for memo in memos:
        post(app, finance, 20, memo)
    Browser(client).be(finance)
    text = client.get("/credits/statement.csv").data.decode("utf-8-sig")
    lines = list(csv.DictReader(io.StringIO(text)))
    assert [line["text"] for line in lines[-4:-1]] == memos
    assert [line["credits"] for line in lines[-4:-1]] == ["0.33", "0.34", "0.33"]
    total = sum(Decimal(line["credits"]) for line in lines[1:-1])
    assert total == Decimal(lines[-1]["balance_credits"]) - Decimal(lines[0]["balance_credits"])
