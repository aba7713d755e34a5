"""What needs a second person of the network, or the worker, in a real browser."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from ledger import Book
from marketplace.accounts.actor import Actor
from marketplace.outbox.worker import Worker
from tests.journeys.conftest import Site
from tests.marketplace.browser import Browser
from tests.marketplace.factories import saved
from tests.marketplace.network.factories import auditor, joined_school, operator

pytestmark = [
    pytest.mark.browser,
    pytest.mark.parametrize("site", ["sqlite"], indirect=True, scope="module"),
]


@dataclass(frozen=True, slots=True)
class Network:
    """Two operators and an auditor, each at a window of their own, and a school."""

    site: Site
    first: Page
    second: Page
    auditor: Page
    urn: int


@pytest.fixture(scope="module")
def network(chromium: Any, site: Site) -> Iterator[Network]:
    with saved(site.app):
        urn = joined_school(name="Hope Primary").urn
        people = operator(), operator(), auditor()
    windows = [window(chromium, site, person) for person in people]
    yield Network(site, *windows, urn)
    for page in windows:
        page.context.close()


def window(chromium: Any, site: Site, person: Actor) -> Page:
    """A window in which the person is signed in."""
    cookie = Browser(site.app.test_client()).be(person).client.get_cookie("skillbank")
    assert cookie is not None
    context = chromium.new_context(base_url=site.origin)
    context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": site.origin}])
    page: Page = context.new_page()
    page.set_default_timeout(10_000)
    return page


def test_an_adjustment_is_proposed_by_one_operator_and_approved_by_another(
    network: Network,
) -> None:
    first, second = network.first, network.second
    first.goto(f"/network/schools/{network.urn}/adjust")
    first.get_by_role("link", name="Give credits").click()
    first.get_by_label("Credits", exact=True).fill("2")
    first.get_by_label("Reason").fill("They hosted the summer school.")
    first.get_by_label("Evidence", exact=True).fill("The register of the day.")
    first.get_by_label("Where").fill("E-mail of 3 June")
    first.get_by_role("button", name="Propose it").click()
    expect(first.get_by_text("another operator has to approve it")).to_be_visible()
    expect(first.get_by_role("button", name="Approve")).to_have_count(0)

    second.goto("/home")
    second.get_by_role("link", name="Grant: Hope Primary", exact=True).click()
    expect(second.get_by_role("row", name="Balance")).to_contain_text("12 credits")
    second.get_by_role("button", name="Approve").click()
    expect(second.get_by_text("Approved, and done.")).to_be_visible()
    first.reload()
    expect(first.get_by_role("heading", name="What it changed")).to_be_visible()
    with saved(network.site.app) as session:
        assert Book(session).account(f"school:{network.urn}").posted == 12 * 60


def test_a_verification_is_begun_in_the_browser_and_its_result_is_kept(network: Network) -> None:
    page = network.auditor
    page.clock.install()
    page.goto("/credits/book/verifications")
    page.get_by_role("button", name="Verify now").click()
    expect(page.get_by_role("progressbar")).to_be_visible()
    Worker(network.site.app).run_once()
    page.clock.run_for(3_000)  # the page looks again by itself
    expect(page.get_by_text("The book is sound")).to_be_visible()
    page.get_by_role("link", name="Verifications").first.click()
    expect(page.locator("tbody tr")).to_have_count(1)
    expect(page.locator("tbody tr")).to_contain_text("Sound")


def test_a_period_is_proposed_by_one_and_closed_by_another(network: Network) -> None:
    first, second = network.first, network.second
    first.goto("/credits/book/periods")
    first.get_by_role("link", name="Propose to close a period").click()
    first.get_by_role("button", name="Propose it").click()
    first.get_by_role("link", name="Look at the checklist").click()
    expect(first.get_by_text("another operator or auditor has to close")).to_be_visible()
    expect(first.get_by_role("button", name="Close the books")).to_have_count(0)

    second.goto("/credits/book/periods")
    second.get_by_role("link", name="Look at the checklist").click()
    second.get_by_role("button", name="Close the books").click()
    expect(second.locator(".flash")).to_contain_text("for ever")
    first.reload()
    expect(first.get_by_text("Closed by")).to_be_visible()


def test_the_journal_suggests_schools_while_one_types(network: Network) -> None:
    page = network.auditor
    page.goto("/credits/book/journal")
    page.get_by_label("School").press_sequentially("hope")
    expect(page.locator("#schools option")).to_have_attribute("value", "Hope Primary")
