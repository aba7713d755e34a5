"""What a public body must show: made from the settings and from what the code really does."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from flask.testing import FlaskClient

from marketplace import create_app
from marketplace.accounts.roles import Role
from marketplace.application import Skillbank
from marketplace.privacy.holdings import get_holdings
from marketplace.privacy.retention import get_retention
from marketplace.setting_groups import Site
from marketplace.settings import Settings, SettingsError
from tests.marketplace.accounts.factories import staff
from tests.marketplace.browser import Browser
from tests.marketplace.conftest import disconnect
from tests.marketplace.factories import saved
from tests.marketplace.network.factories import joined_school

PAGES = ("/help", "/contact", "/privacy", "/cookies", "/accessibility", "/terms")
FULL = Site(
    url="https://skillbank.example",
    operator_name="Trent Valley Schools",
    contact_email="hello@trent.example",
    postal_address="1 High Street, Derby DE1 1AA",
    data_protection_email="dpo@trent.example",
    data_protection_registration="ZA123456",
    security_contact="https://trent.example/security",
)


def pages_of(site: Site) -> Iterator[Browser]:
    settings = Settings(
        database_url="sqlite://", secret_key="for tests only", production=False, site=site
    )
    app = create_app(settings)
    yield Browser(app.test_client())
    disconnect(app)


@pytest.fixture
def full() -> Iterator[Browser]:
    yield from pages_of(FULL)


@pytest.fixture
def bare() -> Iterator[Browser]:
    yield from pages_of(Site())


def test_the_operator_is_named_with_every_way_to_reach_it(full: Browser) -> None:
    text = full.get("/contact").text
    for value in (FULL.operator_name, FULL.contact_email, FULL.postal_address):
        assert value in text
    assert FULL.data_protection_email in text
    assert full.page.find("a", href=FULL.security_contact)
    privacy = full.get("/privacy").text
    for value in (FULL.operator_name, FULL.data_protection_email, "ZA123456", "High Street"):
        assert value in privacy
    assert "Run by Trent Valley Schools." in full.get("/sign-in").text
    for path in PAGES:
        assert full.get(path).page.select(".unset") == [], path


def test_what_is_not_set_is_said_with_the_name_of_its_setting(bare: Browser) -> None:
    for path, names in {
        "/contact": {
            "SKILLBANK_OPERATOR_NAME",
            "SKILLBANK_CONTACT_EMAIL",
            "SKILLBANK_POSTAL_ADDRESS",
            "SKILLBANK_DATA_PROTECTION_EMAIL",
            "SKILLBANK_SECURITY_CONTACT",
        },
        "/privacy": {
            "SKILLBANK_OPERATOR_NAME",
            "SKILLBANK_POSTAL_ADDRESS",
            "SKILLBANK_DATA_PROTECTION_EMAIL",
            "SKILLBANK_DATA_PROTECTION_REGISTRATION",
        },
        "/accessibility": {"SKILLBANK_OPERATOR_NAME", "SKILLBANK_CONTACT_EMAIL"},
        "/terms": {"SKILLBANK_OPERATOR_NAME", "SKILLBANK_CONTACT_EMAIL"},
    }.items():
        unset = {tag.get_text() for tag in bare.get(path).page.select(".unset")}
        assert unset == {f"not stated yet (operator: set {name})" for name in names}, path
    assert "Run by" not in bare.get("/sign-in").text


def test_the_privacy_notice_has_every_period_of_the_code(client: FlaskClient) -> None:
    app = client.application
    browser = Browser(client).get("/privacy")
    shown = {
        row.find("th").get_text(): row.find("td").get_text()
        for row in browser.page.select("tbody tr")
    }
    expected = {rule.what: rule.period for rule in get_retention(app)}
    assert len(expected) >= 5
    assert expected.items() <= shown.items()
    assert set(shown) - set(expected) == {"Offers and requests, and the entries of the ledger"}


def test_the_privacy_notice_has_everything_that_is_held(client: FlaskClient) -> None:
    browser = Browser(client).get("/privacy")
    held = {item.get_text() for item in browser.page.select(".article > ul > li")}
    assert {holding.about for holding in get_holdings(client.application)} <= held


@pytest.mark.parametrize(
    ("basis", "words"),
    [
        ("public-task", "Running the network is a public task (UK GDPR, Article 6(1)(e))"),
        ("legitimate-interests", "We and the schools have a legitimate interest (UK GDPR"),
    ],
)
def test_the_lawful_basis_is_the_operators(basis: str, words: str) -> None:
    for browser in pages_of(replace(FULL, lawful_basis=basis)):
        assert words in browser.get("/privacy").text


def test_another_lawful_basis_is_refused() -> None:
    environ = {"DATABASE_URL": "sqlite://", "SECRET_KEY": "x" * 40}
    with pytest.raises(SettingsError, match="must be public-task or legitimate-interests"):
        Settings.from_environment(environ | {"SKILLBANK_LAWFUL_BASIS": "because"})


def test_the_cookies_shown_are_those_that_are_set(app: Skillbank, client: FlaskClient) -> None:
    with saved(app):
        person = staff(joined_school(), Role.COORDINATOR)
    browser = Browser(client)
    names = set()
    for step in (
        lambda: browser.get("/"),
        lambda: browser.get("/help?q=travel"),
        lambda: browser.sign_in(person),
        lambda: browser.get("/listings/new"),
        lambda: browser.submit("Post it", title=""),
        lambda: browser.get("/account/consent").submit("Save", listed="y"),
    ):
        step()
        for answer in (*browser.answer.history, browser.answer):
            names |= {cookie.partition("=")[0] for cookie in answer.headers.getlist("Set-Cookie")}
    browser.get("/cookies")
    shown = {row.get_text() for row in browser.page.select("tbody th code")}
    assert names == shown
    assert len(names) >= 1


def test_the_accessibility_statement_has_what_the_model_wants(full: Browser) -> None:
    browser = full.get("/accessibility")
    assert browser.heading == "Accessibility statement for Skillbank"
    headings = [one.get_text() for one in browser.page.select("main h2, main h3")]
    assert headings == [
        "Feedback and contact information",
        "Enforcement procedure",
        "Technical information about this website’s accessibility",
        "Compliance status",
        "Non-accessible content",
        "Preparation of this accessibility statement",
    ]
    for words in (
        "applies to every page under https://skillbank.example",
        "run by Trent Valley Schools",
        "partially compliant with the Web Content Accessibility Guidelines version 2.2 AA",
        "Accessibility Regulations 2018",
        "Equality Advisory and Support Service",
        "This statement was prepared on",
        "last tested on",
    ):
        assert words in browser.text, words


@pytest.mark.parametrize("path", PAGES)
def test_a_public_page_is_whole(client: FlaskClient, path: str) -> None:
    page = Browser(client).get(path).page
    assert len(page.find_all("h1")) == 1
    ids = [tag["id"] for tag in page.find_all(id=True)]
    assert len(ids) == len(set(ids))
    for link in page.select("main a[href^='/']"):
        assert client.get(link["href"]).status_code in (200, 302), link["href"]


def fields_of(text: str) -> dict[str, str]:
    return dict(line.split(": ", 1) for line in text.splitlines())


def test_security_txt_is_as_the_rfc_wants_it(full: Browser) -> None:
    answer = full.client.get("/.well-known/security.txt")
    assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"
    fields = fields_of(answer.text)
    assert fields["Contact"] == "https://trent.example/security"
    assert fields["Canonical"] == "https://skillbank.example/.well-known/security.txt"
    assert fields["Policy"] == "https://skillbank.example/contact"
    assert fields["Preferred-Languages"] == "en"
    expires = datetime.fromisoformat(fields["Expires"])
    assert timedelta(days=30) < expires - datetime.now(UTC) < timedelta(days=365)
    old = full.client.get("/security.txt")
    assert (old.status_code, old.location) == (301, "/.well-known/security.txt")


@pytest.mark.parametrize(
    ("site", "contact"),
    [
        (replace(FULL, security_contact="soc@trent.example"), "mailto:soc@trent.example"),
        (replace(FULL, security_contact=""), "mailto:hello@trent.example"),
        (Site(url="https://skillbank.example"), "https://skillbank.example/contact"),
    ],
)
def test_security_txt_always_names_a_way_to_report(site: Site, contact: str) -> None:
    for browser in pages_of(site):
        answer = browser.client.get("/.well-known/security.txt")
        assert fields_of(answer.text)["Contact"] == contact
