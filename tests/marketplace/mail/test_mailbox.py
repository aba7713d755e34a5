"""The mailbox of a demo: what its person would get, with links that lead somewhere."""

from __future__ import annotations

import pytest

from marketplace.mail.views import HTML_POLICY
from tests.marketplace.browser import Browser
from tests.marketplace.mail.conftest import MailHouse, MakeHouse
from tests.marketplace.test_query_counts import counting
from tests.marketplace.web.test_odd_addresses import ODD


@pytest.fixture
def house(make_house: MakeHouse) -> MailHouse:
    return make_house(smtp_url="", mailbox=True)


def browse(house: MailHouse) -> Browser:
    """Someone who has not signed in."""
    return Browser(house.app.test_client())


def test_every_email_is_shown_with_its_links(house: MailHouse) -> None:
    house.queue(to="head@ash.example")
    house.queue(to="finance@elm.example")
    house.work()
    browser = browse(house).get("/mailbox")
    assert browser.heading == "Mailbox"
    assert "To head@ash.example" in browser.text
    assert browser.text.count("Kept, not sent") == 2
    browser.get("/mailbox?to=Head@ash.example")
    assert "finance@elm.example" not in browser.text
    link = browser.page.select_one("a.row-link")
    assert link is not None
    browser.get(link["href"])
    assert browser.heading == "Skillbank can send e-mail"
    links = [str(anchor["href"]) for anchor in browser.page.select(".email-text a")]
    assert links == ["https://skillbank.example/"]


def test_its_html_is_shown_as_it_is_and_nothing_runs_in_it(house: MailHouse) -> None:
    number = house.queue()
    answer = house.app.test_client().get(f"/mailbox/{number}/html")
    assert answer.text == house.email(number).html
    assert answer.headers["Content-Security-Policy"] == HTML_POLICY
    assert "default-src 'none'" in HTML_POLICY
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_a_text_that_has_been_deleted_is_told(house: MailHouse) -> None:
    number = house.queue()
    house.work()
    house.wait(days=31)
    assert "Its text has been deleted." in browse(house).get(f"/mailbox/{number}").text
    assert browse(house).get(f"/mailbox/{number}/html").status == 404


def test_what_is_not_there_is_not_found(house: MailHouse) -> None:
    assert "No e-mails yet" in browse(house).get("/mailbox").text
    assert "No e-mails to this address" in browse(house).get("/mailbox?to=a@b.example").text
    assert browse(house).get("/mailbox/1").status == 404


@pytest.mark.parametrize("name", ["to", "after"])
def test_odd_questions_are_answered(house: MailHouse, name: str) -> None:
    house.queue()
    for odd in ODD:
        answer = house.app.test_client().get("/mailbox", query_string={name: odd})
        assert answer.status_code == (400 if "\0" in odd else 200), odd
        assert "<script>alert" not in answer.text


def test_its_pages_need_one_statement_each(house: MailHouse) -> None:
    for _ in range(4):
        number = house.queue()
    for path in ("/mailbox", f"/mailbox/{number}", f"/mailbox/{number}/html"):
        with counting(house.app) as statements:
            assert browse(house).get(path).status == 200
        assert len(statements) == 1, path


def test_without_the_setting_there_is_no_mailbox(make_house: MakeHouse) -> None:
    house = make_house()
    number = house.queue()
    for path in ("/mailbox", f"/mailbox/{number}", f"/mailbox/{number}/html"):
        assert browse(house).get(path).status == 404
