"""The auditor’s journal of everything recorded, and the history of an account."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from flask.testing import FlaskClient

from ledger import Book
from marketplace.accounts.roles import Role
from marketplace.application import Skillbank
from marketplace.audit import views as desk
from marketplace.clock import today
from tests.marketplace.accounts.factories import PersonFactory, actor_for
from tests.marketplace.browser import Browser
from tests.marketplace.factories import saved
from tests.marketplace.network.factories import joined_school

ASH, FUND = "school:300001", "network:fund"
EXPIRY = datetime(2099, 2, 3, 12, tzinfo=UTC)


@pytest.fixture
def auditor(app: Skillbank, client: FlaskClient) -> Browser:
    """The auditor of a book in which something of each kind was done after a school joined."""
    with saved(app) as session:
        joined_school(urn=300_001, name="Ash Primary")
        ada = PersonFactory(name="Ada Okoro")
        book, by = Book(session), {"actor": f"person:{ada.id}"}
        book.set_limits(
            ASH, floor=0, ceiling=1200, soft_floor=60, soft_ceiling=None,
            key="limits", memo="the governors asked", **by,
        )  # fmt: skip
        book.freeze(
            ASH, key="freeze", memo="closed in the register", actor="command:schools-import"
        )
        book.unfreeze(ASH, key="unfreeze", memo="a slip <b>", actor="somebody imported")
        book.rename(ASH, "Ash Academy", key="rename", memo="it converted", **by)
        hold = book.hold(ASH, FUND, 90, key="hold", memo="A visit", **by).id
        book.extend(hold, EXPIRY, key="extended", **by)
        book.extend(hold, None, key="extended again", **by)
        book.settle(hold, 30, key="settled", memo="Half of it", final=False)
        book.void(hold, key="void", memo="called off", **by)
        book.transfer(FUND, ASH, 30, key="back", memo="Back")
        book.close_account(FUND, key="close", memo="not needed", **by)
        auditor = PersonFactory(roles=[(Role.AUDITOR, None)])
    return Browser(client).be(auditor)


def rows(browser: Browser) -> list[tuple[str, str]]:
    """The title of each record, with what stands below the head of it."""
    return [
        (
            body.select_one("tr.journal-head a").get_text(),
            " ".join(" ".join(row.get_text(" ").split()) for row in body.select("tr")[1:]),
        )
        for body in browser.page.select("table.journal tbody")
    ]


def titles(browser: Browser) -> list[str]:
    return [title for title, _ in rows(browser)]


CHANGES = [
    ("Account closed: Community fund", "The network: fund · Ada Okoro: not needed"),
    ("Account renamed: Ash Academy", "Ash Primary · Ada Okoro: it converted"),
    ("Account unfrozen: Ash Primary", "Ash Primary · somebody imported: a slip <b>"),
    (
        "Account frozen: Ash Primary",
        "Ash Primary · The command “schools-import”: closed in the register",
    ),
    (
        "Limits changed: Ash Primary, no credit, balance at most 20 credits,"
        " warning below 1 credit",
        "Ash Primary · Ada Okoro: the governors asked",
    ),
    ("Account opened: Ash Primary, credit limit 10 credits", "Ash Primary · test"),
    ("Account opened: Community fund, no credit", "The network: fund · test"),
    (
        "Account opened: Issuance, unlimited credit, balance at most 0 credits",
        "The network: issuance · test",
    ),
]
VISIT = "Hold of 1½ credits for The network: fund"
HOLD = [
    ("Hold of 1 credit for The network: fund released", "Ada Okoro: called off"),
    ("Half of it", ""),
    (f"{VISIT} extended without an end", "Ada Okoro"),
    (f"{VISIT} extended to 3 Feb 2099, 12:00", "Ada Okoro"),
    (VISIT, "Ada Okoro: A visit"),
]


def test_the_journal_shows_what_moved_credits_or_everything_recorded(auditor: Browser) -> None:
    moved = ["Back", "Half of it", "Joining grant of 10 credits"]
    assert titles(auditor.get("/credits/book/journal")) == moved
    select = auditor.page.select_one("#include")
    assert [(one["value"], one.get_text()) for one in select.select("option")] == [
        ("", "What moved credits"),
        ("everything", "Everything"),
    ]
    assert auditor.form("Show")["method"] == "get"
    assert auditor.values("Show")["include"] == [""]
    auditor.get("/credits/book/journal?account=&kind=&start=&end=&include=everything")
    assert auditor.values("Show")["include"] == ["everything"]
    told = titles(auditor)
    assert told == [
        CHANGES[0][0],
        "Back",
        *(title for title, _ in HOLD),
        *(title for title, _ in CHANGES[1:5]),
        "Joining grant of 10 credits",
        *(title for title, _ in CHANGES[5:]),
    ]


def test_a_record_says_by_whom_and_why(auditor: Browser) -> None:
    told = dict(rows(auditor.get("/credits/book/journal?include=everything")))
    for title, text in CHANGES:
        assert told[title] == text
    for title, who in HOLD:
        if title != "Half of it":
            assert told[title] == f"Ash Primary , for The network: fund · {who}"


def test_what_was_done_to_accounts_is_a_kind_of_everything(auditor: Browser) -> None:
    assert titles(auditor.get("/credits/book/journal?kind=account")) == [t for t, _ in CHANGES]
    assert auditor.page.select_one("#include option[selected]")["value"] == "everything"


def test_the_close_of_a_period_is_in_the_journal(app: Skillbank, auditor: Browser) -> None:
    with saved(app) as session:
        Book(session).close_period(
            date(2026, 1, 31), key="january", actor="command:ledger-close", memo="audited"
        )
    assert rows(auditor.get("/credits/book/journal?kind=period")) == [
        ("Books closed through 31 January 2026", "The command “ledger-close”: audited")
    ]


@pytest.mark.parametrize("filters", ["", f"&start={today()}", f"&end={today()}"])
def test_pages_of_everything_join_up(
    auditor: Browser, monkeypatch: pytest.MonkeyPatch, filters: str
) -> None:
    whole = titles(auditor.get(f"/credits/book/journal?include=everything{filters}"))
    assert len(whole) == 15
    monkeypatch.setattr(desk, "JOURNAL_PAGE", 4)
    auditor.get(f"/credits/book/journal?include=everything{filters}")
    seen = titles(auditor)
    while link := auditor.page.select_one("a[rel=next]"):
        seen += titles(auditor.get(link["href"]))
    assert seen == whole


def test_everything_is_not_narrowed_to_an_account_but_leads_to_its_page(auditor: Browser) -> None:
    for question in ("include=everything&account=300001", "kind=account&account=300001"):
        auditor.get(f"/credits/book/journal?{question}")
        assert (auditor.status, rows(auditor)) == (422, [])
        assert "Everything recorded cannot be narrowed to an account." in auditor.text
        link = auditor.page.select_one(".empty a")
        assert link.get_text() == "Open the account"
        assert auditor.get(link["href"]).heading == "Statement"


def test_nothing_recorded_on_the_days_asked_for(auditor: Browser) -> None:
    auditor.get(f"/credits/book/journal?include=everything&start={today() + timedelta(days=1)}")
    assert "No transactions match" in auditor.text


def history(browser: Browser) -> list[list[str]]:
    return [
        [" ".join(part.get_text(" ").split()) for part in item.select("p")]
        for item in browser.page.select(".timeline-item")
    ]


def test_an_account_shows_what_was_done_to_it(auditor: Browser) -> None:
    auditor.get(f"/credits/book/accounts/{ASH}")
    told = [(title, who.split(", ")[0], *why) for title, who, *why in history(auditor)]
    assert told == [
        ("Account renamed: Ash Academy", "Ada Okoro", "it converted"),
        ("Account unfrozen", "somebody imported", "a slip <b>"),
        ("Account frozen", "The command “schools-import”", "closed in the register"),
        (
            "Limits changed: no credit, balance at most 20 credits, warning below 1 credit",
            "Ada Okoro",
            "the governors asked",
        ),
        ("Account opened: Ash Primary, credit limit 10 credits", "test"),
    ]
    assert history(auditor.get("/credits/book/accounts/network:issuance"))[0][0] == (
        "Account opened: Issuance, unlimited credit, balance at most 0 credits"
    )


def test_a_record_has_a_page_of_its_own(auditor: Browser) -> None:
    auditor.get("/credits/book/journal?kind=account")
    auditor.get(auditor.page.select("tr.journal-head a")[3]["href"])
    assert auditor.heading == "Account frozen: Ash Primary"
    assert "closed in the register" in auditor.text
    assert "No credits were moved by this record." in auditor.text


def test_a_school_does_not_read_its_accounts_history(app: Skillbank, auditor: Browser) -> None:
    with saved(app):
        own = actor_for(joined_school(name="Elm School"))
    browser = Browser(app.test_client()).be(own).get("/credits")
    assert browser.status == 200
    assert history(browser) == []
