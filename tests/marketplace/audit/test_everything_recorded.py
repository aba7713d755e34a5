"""The auditor’s journal of everything recorded, and the history of an account."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from flask.testing import FlaskClient

from ledger import Book
from marketplace.accounts.roles import Role
from marketplace.application import Skillbank
from marketplace.audit.journal import views as desk
from marketplace.clock import today
from marketplace.exchanges.corrections.models import CorrectionState
from tests.marketplace.accounts.factories import PersonFactory, actor_for
from tests.marketplace.browser import Browser
from tests.marketplace.exchanges.corrections.factories import corrected_to
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


def rows(browser: Browser) -> list[list[str]]:
    """What, from, to, credits and by whom, of each record."""
    return [
        [" ".join(cell.get_text(" ").split()) for cell in row.select("td")[2:]]
        for row in browser.page.select(".journal-table tbody tr")
    ]


def titles(browser: Browser) -> list[str]:
    return [title for title, *_ in rows(browser)]


ADA, ASH_NAME, FUND_NAME = "Ada Okoro", "Ash Primary", "The network: fund"
CHANGES = [
    ["Account closed: Community fund: not needed Account", FUND_NAME, "", "", ADA],
    ["Account renamed: Ash Academy: it converted Account", ASH_NAME, "", "", ADA],
    ["Account unfrozen: Ash Primary: a slip <b> Account", ASH_NAME, "", "", "somebody imported"],
    [
        "Account frozen: Ash Primary: closed in the register Account",
        ASH_NAME, "", "", "The command “schools-import”",
    ],
    [
        "Limits changed: Ash Primary, no credit, balance at most 20 credits,"
        " warning below 1 credit: the governors asked Account",
        ASH_NAME, "", "", ADA,
    ],
    ["Account opened: Ash Primary, credit limit 10 credits Account", ASH_NAME, "", "", "test"],
    ["Account opened: Community fund, no credit Account", FUND_NAME, "", "", "test"],
    [
        "Account opened: Issuance, unlimited credit, balance at most 0 credits Account",
        "The network: issuance", "", "", "test",
    ],
]  # fmt: skip
HOLD = [
    ["Hold released: called off Hold released", ASH_NAME, FUND_NAME, "1.00", ADA],
    ["Half of it Transfer", ASH_NAME, FUND_NAME, "0.50", "Not named"],
    ["Hold extended without an end Hold extended", ASH_NAME, FUND_NAME, "1.50", ADA],
    ["Hold extended to 3 Feb 2099, 12:00 Hold extended", ASH_NAME, FUND_NAME, "1.50", ADA],
    ["Hold: A visit Hold", ASH_NAME, FUND_NAME, "1.50", ADA],
]


def without_tags(told: list[list[str]]) -> list[list[str]]:
    """Rows without what depends on the hour at which the test runs."""
    return [[title.removesuffix(" Out of hours"), *rest] for title, *rest in told]


def test_the_journal_shows_everything_or_what_moved_credits(auditor: Browser) -> None:
    auditor.get("/credits/book/journal")
    grant = [
        "Joining grant of 10 credits Grant",
        "The network: issuance",
        ASH_NAME,
        "10.00",
        "test",
    ]
    assert without_tags(rows(auditor)) == [
        CHANGES[0],
        ["Back Transfer", FUND_NAME, ASH_NAME, "0.50", "Not named"],
        *HOLD,
        *CHANGES[1:5],
        grant,
        *CHANGES[5:],
    ]
    numbers = [int(cell.text) for cell in auditor.page.select(".journal-number")]
    assert numbers == list(range(len(numbers), 0, -1))
    assert auditor.form("Show")["method"] == "get"
    auditor.get("/credits/book/journal?include=moved")
    moved = ["Back Transfer", "Half of it Transfer", "Joining grant of 10 credits Grant"]
    assert titles(auditor) == moved
    assert auditor.values("Show")["include"] == ["moved"]


def test_what_was_done_to_accounts_is_a_kind(auditor: Browser) -> None:
    assert without_tags(rows(auditor.get("/credits/book/journal?kind=account"))) == CHANGES
    assert without_tags(rows(auditor.get("/credits/book/journal?kind=hold"))) == HOLD[-1:]
    auditor.get("/credits/book/journal?kind=account&account=300001")
    assert without_tags(rows(auditor)) == CHANGES[1:6]


def test_the_close_of_a_period_is_in_the_journal(app: Skillbank, auditor: Browser) -> None:
    with saved(app) as session:
        Book(session).close_period(
            date(2026, 1, 31), key="january", actor="command:ledger-close", memo="audited"
        )
    assert rows(auditor.get("/credits/book/journal?kind=period")) == [
        [
            "Books closed through 31 January 2026: audited Period",
            "", "", "", "The command “ledger-close”",
        ]
    ]  # fmt: skip


def test_the_journal_of_closed_periods(app: Skillbank, auditor: Browser) -> None:
    with saved(app) as session:
        for month in (1, 2):
            at = datetime(2026, month, 10, 12, tzinfo=UTC)
            book = Book(session, clock=lambda at=at: at)  # type: ignore[misc]
            book.open_account(f"network:{month}", floor=0, key=f"open {month}", actor="Olu")
        for end in (date(2026, 1, 31), date(2026, 2, 28)):
            Book(session).close_period(end, key=f"{end}", actor="command:ledger-close")

    def sources(asked: str) -> list[str]:
        return [source for _, source, *_ in rows(auditor.get(f"/credits/book/journal?{asked}"))]

    assert sources("closed=any") == ["network:2", "network:1"]
    assert auditor.values("Show")["closed"] == ["any"]
    assert sources("closed=2026-01-31") == ["network:1"]
    assert sources("closed=2026-02-28&order=oldest") == ["network:2"]
    assert "Closed period to 28 February 2026" in auditor.text
    assert sources("closed=any&start=2026-01-11") == ["network:2"]
    assert sources("closed=2026-02-28&end=2026-01-31") == []
    assert auditor.get("/credits/book/journal?closed=2026-03-31").status == 422
    assert "No period that ends then is closed." in auditor.text


def test_a_payment_made_in_the_place_of_another_names_it(app: Skillbank, auditor: Browser) -> None:
    with saved(app):
        giver, taker = actor_for(joined_school()), actor_for(joined_school())
        correction = corrected_to(CorrectionState.AGREED, giver, taker)
        first, anew = correction.reversed_transaction_id, correction.transaction_id
    auditor.get("/credits/book/journal?kind=exchange")
    tags = {
        row.select_one(".journal-number").text: [tag.text for tag in row.select(".tag-info")]
        for row in auditor.page.select(".journal-table tbody tr")
    }
    assert tags == {f"{anew}": [f"Corrects {first}"], f"{first}": []}


@pytest.mark.parametrize("filters", ["", f"&start={today()}", f"&end={today()}", "&order=oldest"])
def test_pages_of_everything_join_up(
    auditor: Browser, monkeypatch: pytest.MonkeyPatch, filters: str
) -> None:
    whole = titles(auditor.get(f"/credits/book/journal?{filters}"))
    assert len(whole) == 15
    monkeypatch.setattr(desk, "JOURNAL_PAGE", 4)
    auditor.get(f"/credits/book/journal?{filters}")
    seen = titles(auditor)
    while link := auditor.page.select_one("a[rel=next]"):
        seen += titles(auditor.get(link["href"]))
    assert seen == whole


def test_nothing_recorded_on_the_days_asked_for(auditor: Browser) -> None:
    auditor.get(f"/credits/book/journal?start={today() + timedelta(days=1)}")
    assert "No records match" in auditor.text


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
    auditor.get(auditor.page.select(".journal-number a")[3]["href"])
    assert auditor.heading == "Account frozen: Ash Primary"
    assert "closed in the register" in auditor.text
    assert "No credits were moved by this record." in auditor.text


def test_a_school_does_not_read_its_accounts_history(app: Skillbank, auditor: Browser) -> None:
    with saved(app):
        own = actor_for(joined_school(name="Elm School"))
    browser = Browser(app.test_client()).be(own).get("/credits")
    assert browser.status == 200
    assert history(browser) == []
