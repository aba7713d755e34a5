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
from marketplace.exchanges.corrections.models import CorrectionState
from marketplace.exchanges.models import State
from marketplace.schools.models import School
from marketplace.settings import Policy
from marketplace.statements import period, printing, views
from marketplace.statements.commitments import commitments_of
from marketplace.statements.downloads import document
from marketplace.web.formats import short_day
from tests.marketplace.accounts.factories import actor_for
from tests.marketplace.browser import Browser
from tests.marketplace.exchanges.corrections.factories import corrected_to
from tests.marketplace.exchanges.factories import brought_to
from tests.marketplace.factories import saved
from tests.marketplace.network.factories import auditor, joined_school

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
    """The cells of entries and of the opening and closing balance, as a wide screen has them."""
    for narrow in browser.page.select("table.statement .narrow-only"):
        narrow.decompose()
    return [
        [" ".join(cell.get_text(" ").split()) for cell in row.select("td, th")]
        for row in browser.page.select("table.statement tbody tr")
    ]


def press(browser: Browser, label: str) -> None:
    """Follow the link that says ``label``."""
    browser.get(browser.page.find("a", string=label)["href"])


def strip(browser: Browser) -> dict[str, str]:
    """The figures over the statement."""
    return {
        " ".join(figure.dt.text.split()): " ".join(figure.dd.text.split())
        for figure in browser.page.select(".figure-strip > div")
    }


def parts(browser: Browser, caption: str) -> list[list[str]]:
    """The rows of the table of months, schools or topics."""
    table = browser.page.find("caption", string=caption).find_parent("table")
    return [[cell.text for cell in row.select("td, th")] for row in table.select("tbody tr")]


def test_the_figures_and_entries_of_a_term(
    app: Skillbank, client: FlaskClient, pair: tuple[Actor, Actor]
) -> None:
    finance, other = pair
    ours = coordinator(app, finance)
    with saved(app):
        brought_to(State.CONFIRMED, ours, other, minutes=135)
        brought_to(State.CONFIRMED, other, ours, minutes=45)
    browser = Browser(client).be(finance).get("/credits")
    figures = strip(browser)
    assert [*figures.values()][:5] == ["0.00", "+2.25", "−0.75", "+10.00 such as a grant", "11.50"]
    assert figures["Closing, today"] == "11.50"
    assert [*figures.values()][5] == "– there was no account yet"
    table = rows(browser)
    assert table[0] == ["", "Opening balance", "", "", "0.00"]
    assert [row[1:] for row in table[1:-1]] == [
        ["Joining grant of 10 credits", "The network: issuance", "+10.00", "10.00"],
        ["Phonics coaching entry", "Other School", "+2.25", "12.25"],
        ["Phonics coaching entry", "Other School", "−0.75", "11.50"],
    ]
    assert table[-1] == ["", "Closing balance", "", "+11.50", "11.50"]
    assert parts(browser, "Credits by month")[-1][1:] == ["+2.25", "−0.75", "+10.00"]
    assert parts(browser, "Credits by school") == [
        ["The network: issuance", "0.00", "0.00", "+10.00"],
        ["Other School", "+2.25", "−0.75", "+1.50"],
    ]
    assert parts(browser, "Credits by topic") == [["Phonics and early reading", "+2.25", "−0.75"]]
    cause = browser.page.select_one("table.statement a[href^='/exchanges/']")["href"]
    assert browser.get(cause).heading == "Phonics coaching"


def test_what_is_held_and_what_is_available(
    app: Skillbank, client: FlaskClient, pair: tuple[Actor, Actor]
) -> None:
    finance, other = pair
    ours = coordinator(app, finance)
    with saved(app):
        brought_to(State.AGREED, other, ours, minutes=90)
        brought_to(State.DELIVERED, ours, other, minutes=45)
    browser = Browser(client).be(finance).get("/credits")
    outgoing = parts(browser, "Held of these credits, for other schools")
    incoming = parts(browser, "Held by other schools, for this account")
    end = short_day(today() + timedelta(days=7 + Policy().hold_days))
    assert [row[2:] for row in outgoing] == [["Other School", end, "1.50"]]
    assert [row[2:] for row in incoming] == [["Other School", end, "0.75"]]
    assert "Available: 10.00 less 1.50 held, with a credit limit of 10.00: 18.50" in browser.text


def test_of_what_is_held_the_first_days_are_shown_and_all_are_counted(
    app: Skillbank, pair: tuple[Actor, Actor]
) -> None:
    finance, other = pair
    ours = coordinator(app, finance)
    with saved(app) as session:
        for days, minutes in ((9, 60), (5, 30), (7, 45)):
            day = today() + timedelta(days=days)
            brought_to(State.AGREED, other, ours, minutes=minutes, on_date=day)
        account = Book(session).account(f"school:{ours.urn}")
        commitments = commitments_of(session, account, 2)
        assert [held.minutes for held in commitments.outgoing] == [30, 45]
        assert (commitments.outgoing_count, commitments.incoming_count) == (3, 0)
        assert [held.minutes for held in commitments_of(session, account).outgoing] == [30, 45, 60]


def test_what_is_held_belongs_to_a_period_that_reaches_today(
    app: Skillbank, client: FlaskClient, pair: tuple[Actor, Actor], monkeypatch: pytest.MonkeyPatch
) -> None:
    finance, other = pair
    ours = coordinator(app, finance)
    with saved(app):
        brought_to(State.AGREED, other, ours, minutes=90)
    day = today()
    monkeypatch.setattr(period, "today", lambda: day + timedelta(days=1))
    monkeypatch.setattr(views, "today", lambda: day + timedelta(days=1))
    browser = Browser(client).be(finance).get(f"/credits?start={day}&end={day}")
    assert "What is held now belongs to a period that goes up to today." in browser.text
    assert "Available:" not in browser.text


def test_a_part_of_a_statement(
    app: Skillbank, client: FlaskClient, pair: tuple[Actor, Actor]
) -> None:
    """A month and a topic are a press away; a topic shows no balances, which have all entries."""
    finance, other = pair
    ours = coordinator(app, finance)
    with saved(app):
        brought_to(State.CONFIRMED, other, ours, minutes=45)
    browser = Browser(client).be(finance).get("/credits")
    press(browser, "Phonics and early reading")
    assert [row[1] for row in rows(browser)] == ["Phonics coaching entry"]
    assert "Only help on Phonics and early reading." in browser.text
    press(browser, "Show all entries")
    assert len(rows(browser)) == 4
    press(browser, f"{today():%B %Y}")
    assert browser.heading == f"Credits, {today():%B %Y}" or "Credits, 1" in browser.heading
    assert browser.get("/credits?topic=rubbish").status == 404
    assert [row[1] for row in rows(browser.get("/credits?topic=other"))] == [
        "No entries in this period."
    ]


def test_a_reversal_and_what_it_reverses_are_marked_and_linked(
    app: Skillbank, client: FlaskClient, pair: tuple[Actor, Actor]
) -> None:
    finance, other = pair
    ours = coordinator(app, finance)
    with saved(app) as session:
        exchange = brought_to(State.CONFIRMED, other, ours, minutes=45)
        reversal = Book(session).reverse(exchange.transaction_id, key="undone", memo="Not given")
        numbers = exchange.transaction_id, reversal.id
    browser = Browser(client).be(finance).get("/credits")
    marks = {tag.text: tag["href"] for tag in browser.page.select("table.statement a.tag")}
    assert marks == {
        "Reversed": f"/credits/transactions/{numbers[1]}",
        "Reversal": f"/credits/transactions/{numbers[0]}",
    }
    assert parts(browser, "Credits by school")[-1] == ["Other School", "0.00", "0.00", "0.00"]


def test_a_corrected_exchange_has_three_linked_entries(
    app: Skillbank, client: FlaskClient, pair: tuple[Actor, Actor]
) -> None:
    finance, other = pair
    ours = coordinator(app, finance)
    with saved(app):
        correction = corrected_to(CorrectionState.AGREED, other, ours)
        first = f"/credits/transactions/{correction.reversed_transaction_id}"
        reversal = f"/credits/transactions/{correction.reversal_id}"
    browser = Browser(client).be(finance).get("/credits")
    marks = [(tag.text, tag["href"]) for tag in browser.page.select("table.statement a.tag")]
    assert marks == [("Reversed", reversal), ("Reversal", first), ("Correction", first)]
    assert parts(browser, "Credits by school")[-1] == [
        "Other School",
        "0.00",
        "\u22121.00",
        "\u22121.00",
    ]


def test_a_statement_has_no_people_by_number(
    app: Skillbank, client: FlaskClient, pair: tuple[Actor, Actor]
) -> None:
    memo = "Grant, adjustment 1: proposed by person 6, approved by person 7"
    with saved(app) as session:
        Book(session).transfer(
            "network:issuance",
            f"school:{pair[0].urn}",
            60,
            key="grant",
            memo=memo,
            reference="adjustment:1",
        )
    links = Browser(client).be(pair[0]).get("/credits").page.select("table.statement a")
    assert [link.text for link in links][-1] == "Grant, adjustment 1"


def test_one_person_on_both_sides_is_marked(
    app: Skillbank, client: FlaskClient, pair: tuple[Actor, Actor]
) -> None:
    finance, other = pair
    ours = coordinator(app, finance)
    with saved(app):
        brought_to(State.CONFIRMED, other, ours, minutes=45)
        brought_to(State.CONFIRMED, ours, other, minutes=15).same_person = True
    browser = Browser(client).be(finance).get("/credits")
    marked = [
        row.select_one(".number").text
        for row in browser.page.select("table.statement tbody tr")
        if "Same person on both sides" in row.text
    ]
    assert marked == ["+0.25"]


def test_a_period_has_its_own_opening_and_closing(
    client: FlaskClient, pair: tuple[Actor, Actor], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both days belong to the period; the balances join up with the period before and after."""
    browser = Browser(client).be(pair[0])
    day = today()
    yesterday, tomorrow = day - timedelta(days=1), day + timedelta(days=1)
    monkeypatch.setattr(period, "today", lambda: tomorrow)
    browser.get(f"/credits?start={yesterday}&end={day}")
    assert [row[-1] for row in rows(browser)] == ["0.00", "10.00", "10.00"]
    browser.get(f"/credits?start={tomorrow}&end={tomorrow}")
    assert [row[-1] for row in rows(browser)] == ["10.00", "No entries in this period.", "10.00"]


@pytest.mark.parametrize(
    ("query", "field", "message"),
    [
        ("start=yesterday", "start", "First day: write a day like 2026-09-01."),
        ("end=2026-02-30", "end", "Last day: write a day like 2026-09-01."),
        (
            "start=2026-09-02&end=2026-09-01",
            "start",
            "The first day is after the last day. Change one of them.",
        ),
        ("start=2999-01-01&end=2999-01-02", "start", "That day has not come yet, so there is no"),
        ("end=2999-01-01", "end", "That day has not come yet, so it has no closing balance."),
        ("start=2001-01-01&end=2001-12-31", "end", "so there is nothing before that day."),
        ("period=next-term", "start", "There is no such period. Choose one of these."),
    ],
)
def test_a_period_that_is_none_is_said_at_its_field(
    client: FlaskClient, pair: tuple[Actor, Actor], query: str, field: str, message: str
) -> None:
    browser = Browser(client).be(pair[0]).get(f"/credits?{query}")
    assert browser.status == 422
    assert message in browser.page.select_one(f"#{field}-error").text
    assert rows(browser) == []
    if "2001" not in query:
        browser.get(f"/credits/statement.csv?{query}")
        assert (browser.status, message in browser.text) == (422, True)


def test_presets_before_the_account_was_opened_are_left_out(
    client: FlaskClient, pair: tuple[Actor, Actor]
) -> None:
    browser = Browser(client).be(pair[0]).get("/credits")
    assert [link.text for link in browser.page.select(".presets a")] == [
        "This month",
        "This term",
        "Academic year",
    ]


def test_pages_of_a_statement_join_up(
    app: Skillbank,
    client: FlaskClient,
    pair: tuple[Actor, Actor],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The newest entries come first; each page says what it carries on from."""
    monkeypatch.setattr(views, "PAGE", 2)
    for number in range(4):
        post(app, pair[0], 15, f"Number {number}")
    browser = Browser(client).be(pair[0]).get("/credits")
    pages = [[row[-1] for row in rows(browser)]]
    while link := browser.page.select_one("a[rel=next]"):
        browser.get(link["href"])
        pages.append([row[-1] for row in rows(browser)])
    assert pages == [
        ["10.50", "10.75", "11.00", "11.00"],
        ["10.00", "10.25", "10.50"],
        ["0.00", "10.00"],
    ]
    assert rows(browser)[0][1] == "Opening balance"
    press(browser, "Newest entries")
    assert [row[1] for row in rows(browser)][::3] == ["Brought forward", "Closing balance"]


def test_all_entries_are_printed_on_one_page(
    app: Skillbank,
    client: FlaskClient,
    pair: tuple[Actor, Actor],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(views, "PAGE", 2)
    monkeypatch.setattr(printing, "ENTRIES_AT_ONCE", 2)
    for number in range(4):
        post(app, pair[0], 15, f"Number {number}")
    browser = Browser(client).be(pair[0]).get("/credits")
    press(browser, "Print all entries")
    balances = ["0.00", "10.00", "10.25", "10.50", "10.75", "11.00", "11.00"]
    assert [row[-1] for row in rows(browser)] == balances
    assert browser.page.select("main form, main aside") == []
    assert f"Produced on {short_day(today())}" in browser.text


def test_the_largest_schools_are_shown_and_all_a_press_away(
    app: Skillbank,
    client: FlaskClient,
    pair: tuple[Actor, Actor],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(views, "LARGEST", 1)
    finance, other = pair
    ours = coordinator(app, finance)
    with saved(app):
        brought_to(State.CONFIRMED, ours, other, minutes=660)
    browser = Browser(client).be(finance).get("/credits")
    assert [row[0] for row in parts(browser, "Credits by school")] == ["Other School"]
    assert "The first 1 of 2." in browser.text
    press(browser, "Show all schools")
    names = [row[0] for row in parts(browser, "Credits by school")]
    assert names == ["Other School", "The network: issuance"]


def test_the_csv_adds_up_and_is_what_the_page_says(
    app: Skillbank,
    client: FlaskClient,
    pair: tuple[Actor, Actor],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(document, "ENTRIES_AT_ONCE", 2)
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


def test_a_transaction_says_where_one_is(
    app: Skillbank, client: FlaskClient, pair: tuple[Actor, Actor]
) -> None:
    finance, other = pair
    ours = coordinator(app, finance)
    with saved(app):
        path = f"/credits/transactions/{brought_to(State.CONFIRMED, ours, other).transaction_id}"
        reader = auditor()
    for who, label, back in ((finance, "Credits", "Credits"), (reader, "Ledger", "Journal")):
        browser = Browser(client).be(who).get(path)
        current = browser.page.select(".site-nav [aria-current]")
        assert [item.contents[0].strip() for item in current] == [label]
        assert browser.page.select_one(".back a").text == back
