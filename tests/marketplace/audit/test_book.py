"""The auditor’s pages: trial balance, journal, any account."""

from __future__ import annotations

import csv
import io
from datetime import timedelta

import pytest
from flask.testing import FlaskClient

from ledger import Book
from marketplace.accounts.roles import Role
from marketplace.application import Skillbank
from marketplace.audit import trial_balance_views as desk
from marketplace.audit.journal import views as journal_views
from marketplace.clock import today
from marketplace.exchanges.models import State
from marketplace.schools.models import School
from marketplace.schools.word_index import index_schools
from tests.ledger.keys import new_key
from tests.marketplace.accounts.factories import PersonFactory, actor_for
from tests.marketplace.browser import Browser
from tests.marketplace.exchanges.factories import brought_to
from tests.marketplace.factories import saved
from tests.marketplace.network.factories import joined_school

URNS = (300_001, 300_002)


@pytest.fixture
def auditor(app: Skillbank, client: FlaskClient) -> Browser:
    """The auditor of a book of two schools, one exchange and one reversal."""
    with saved(app) as session:
        ash, beech = (
            actor_for(joined_school(urn=urn, name=name))
            for urn, name in zip(URNS, ("Ash School", "Beech School"), strict=True)
        )
        brought_to(State.CONFIRMED, ash, beech, minutes=90)
        index_schools(session, URNS)
        book = Book(session)
        paid = book.transfer("network:issuance", "school:300001", 30, key="k", memo="By mistake")
        book.reverse(paid.id, key="r", memo="Put right")
        person = PersonFactory(roles=[(Role.AUDITOR, None)])
    return Browser(client).be(person)


def table(browser: Browser) -> list[list[str]]:
    return [
        [" ".join(cell.get_text(" ").split()) for cell in row.select("td, th")]
        for row in browser.page.select("table tbody tr, table tfoot tr")
    ]


def titles(browser: Browser) -> list[str]:
    """What each record of the journal moved credits for."""
    return [str(cell.contents[0]).strip() for cell in browser.page.select(".journal-what")]


def test_the_trial_balance_balances(auditor: Browser) -> None:
    auditor.get("/credits/book/trial-balance")
    assert table(auditor) == [
        ["The network: fund network:fund", "", ""],
        ["The network: issuance network:issuance", "20.00", ""],
        ["Ash School school:300001", "", "11.50"],
        ["Beech School school:300002", "", "8.50"],
        ["All 4 accounts", "20.00", "20.00"],
    ]
    assert "In balance" in auditor.text


@pytest.mark.parametrize("code", ["school:abc", "school:99999999999", "school:0300001", "school:"])
def test_what_was_imported_and_only_looks_like_a_school_is_shown_as_it_is(
    app: Skillbank, auditor: Browser, code: str
) -> None:
    cause = code.replace("school", "exchange")
    with saved(app) as session:
        book = Book(session)
        book.open_account(code, floor=None, key=new_key())
        book.transfer(code, "school:300001", 15, key="odd", kind="=1+1", reference=cause)
        coordinator = actor_for(session.get_one(School, 300_001))
    for path in (
        "/credits/book/trial-balance",
        "/credits/book/journal",
        f"/credits/book/accounts/{code}",
        "/credits/book/accounts/school:300001",
    ):
        assert auditor.get(path).status == 200
        assert code in auditor.text
        assert "Ash School" in auditor.text
    csv = auditor.client.get("/credits/book/accounts/school:300001/statement.csv").text
    assert f",'=1+1,,{code},15,0.25," in csv
    own = Browser(app.test_client()).be(coordinator).get("/credits")
    assert own.status == 200
    assert code in own.text


def test_the_trial_balance_of_another_day(auditor: Browser) -> None:
    day = today() - timedelta(days=1)
    auditor.get(f"/credits/book/trial-balance?date={day}")
    assert table(auditor)[-1] == ["All 4 accounts", "0.00", "0.00"]
    auditor.get("/credits/book/trial-balance?date=soon")
    assert auditor.status == 422
    assert "Write the day like 2026-09-01." in auditor.text
    assert table(auditor)[-1] == ["All 4 accounts", "20.00", "20.00"]


def test_the_trial_balance_of_one_account_by_its_name(auditor: Browser) -> None:
    for text in ("ash+school", "Ash", "300001", "school:300001"):
        auditor.get(f"/credits/book/trial-balance?account={text}")
        assert table(auditor) == [
            ["Ash School school:300001", "", "11.50"],
            ["All 4 accounts", "20.00", "20.00"],
        ]
    auditor.get("/credits/book/trial-balance?account=school")
    assert auditor.status == 422
    choices = auditor.page.select(".chips a")
    assert [link.text.split(",")[0] for link in choices] == ["Ash School", "Beech School"]
    assert table(auditor.get(choices[1]["href"]))[0] == ["Beech School school:300002", "", "8.50"]
    auditor.get("/credits/book/trial-balance?account=elm")
    assert (auditor.status, len(table(auditor))) == (422, 1)
    assert "There is no account “elm”." in auditor.text


def test_the_trial_balance_as_csv_adds_up(auditor: Browser) -> None:
    answer = auditor.client.get("/credits/book/trial-balance.csv")
    rows = list(csv.DictReader(io.StringIO(answer.data.decode("utf-8-sig"))))
    assert [row["account"] for row in rows[:-1]] == [
        "network:fund",
        "network:issuance",
        "school:300001",
        "school:300002",
    ]
    for column in ("debit_minutes", "credit_minutes"):
        assert sum(int(row[column]) for row in rows[:-1]) == int(rows[-1][column]) == 1200
    assert rows[2]["name"] == "Ash School"
    assert rows[2]["credit_credits"] == "11.50"
    day = today() - timedelta(days=1)
    before = auditor.client.get(f"/credits/book/trial-balance.csv?date={day}").data.decode()
    assert before.splitlines()[-1] == ",Total,0,0,0.00,0.00"
    assert auditor.client.get("/credits/book/trial-balance.csv?date=soon").status_code == 422


def test_pages_of_the_trial_balance_join_up(
    auditor: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(desk, "ACCOUNTS_PAGE", 1)
    auditor.get("/credits/book/trial-balance")
    seen = [table(auditor)[0][0]]
    while link := auditor.page.select_one("a[rel=next]"):
        auditor.get(link["href"])
        seen.append(table(auditor)[0][0])
        assert table(auditor)[-1] == ["All 4 accounts", "20.00", "20.00"]
    assert [name.split()[-1] for name in seen] == [
        "network:fund",
        "network:issuance",
        "school:300001",
        "school:300002",
    ]


EVERYTHING = [
    "Put right",
    "By mistake",
    "Phonics coaching",
    "Joining grant of 10 credits",
    "Joining grant of 10 credits",
]


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("", EVERYTHING),
        ("account=300002", [EVERYTHING[2], EVERYTHING[4]]),
        ("account=school:300002&kind=grant", EVERYTHING[4:]),
        ("account=network:fund", []),
        ("kind=exchange", ["Phonics coaching"]),
        ("kind=reversal", ["Put right"]),
        (f"start={today()}&end={today()}", EVERYTHING),
        (f"start={today() + timedelta(days=1)}", []),
        (f"end={today() - timedelta(days=1)}", []),
    ],
)
def test_the_journal_narrowed(auditor: Browser, asked: str, found: list[str]) -> None:
    auditor.get(f"/credits/book/journal?include=moved&{asked}")
    assert (auditor.status, titles(auditor)) == (200, found)
    assert found or "No records match" in auditor.text


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ("account=999999", "There is no account “school:999999”."),
        ("account=rubbish", "There is no account “rubbish”."),
        ("trust=rubbish", "There is no trust “rubbish”. Write a part of its name."),
        ("person=rubbish", "Nobody is called “rubbish”. Write a name or an e-mail address."),
        ("person=a@b.example", "Nobody has the e-mail address “a@b.example”."),
        ("least=much", "Write credits as hours, like 1.5 or 2."),
        ("least=3&most=2", "The smallest amount is above the largest. Change one of them."),
        ("start=soon", "Write both days like 2026-09-01."),
        (
            "start=2026-10-02&end=2026-10-01",
            "The first day is after the last day. Change one of them.",
        ),
    ],
)
def test_a_journal_that_cannot_be(auditor: Browser, asked: str, message: str) -> None:
    auditor.get(f"/credits/book/journal?include=moved&{asked}")
    assert (auditor.status, titles(auditor)) == (422, [])
    assert message in auditor.text
    name, typed = asked.split("&")[0].split("=")
    assert auditor.page.select_one(f"#{name}")["value"] == typed


@pytest.mark.parametrize("asked", ["", "account=300001", f"start={today()}"])
def test_pages_of_the_journal_join_up(
    auditor: Browser, monkeypatch: pytest.MonkeyPatch, asked: str
) -> None:
    whole = titles(auditor.get(f"/credits/book/journal?include=moved&{asked}"))
    monkeypatch.setattr(journal_views, "JOURNAL_PAGE", 2)
    auditor.get(f"/credits/book/journal?include=moved&{asked}")
    seen = titles(auditor)
    while link := auditor.page.select_one("a[rel=next]"):
        auditor.get(link["href"])
        seen += titles(auditor)
    assert seen == whole


def test_a_cursor_that_is_none_begins_at_the_start(auditor: Browser) -> None:
    assert titles(auditor.get("/credits/book/journal?include=moved&after=rubbish")) == EVERYTHING


def test_any_account_has_a_statement(auditor: Browser) -> None:
    auditor.get("/credits/book/accounts/school:300001")
    assert "Ash School" in auditor.text
    assert [row.select("td")[-1].text for row in auditor.page.select(".statement tbody tr")] == [
        "0.00",
        "10.00",
        "11.50",
        "12.00",
        "11.50",
        "11.50",
    ]
    assert auditor.get("/credits/book/accounts/school:1").status == 404
    assert auditor.get("/credits/book/accounts/school:300001/statement.csv").status == 200


def test_a_reversal_names_what_it_reverses(auditor: Browser) -> None:
    auditor.get("/credits/book/journal?kind=reversal")
    auditor.get(auditor.page.select_one(".journal-number a")["href"])
    assert auditor.heading == "Put right"
    assert "takes back No" in " ".join(auditor.text.split())
