"""A head finds her school as she types, claims it and is in, in a real browser."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from marketplace.database import db
from marketplace.schools.word_index import index_schools
from tests.journeys.conftest import Site
from tests.marketplace.accounts.factories import PASSWORD
from tests.marketplace.claims.factories import emails_to, link_in
from tests.marketplace.factories import saved
from tests.marketplace.network.factories import joined_school
from tests.marketplace.schools.factories import SchoolFactory

pytestmark = pytest.mark.browser

SHAPES = {
    "desktop": {"viewport": {"width": 1280, "height": 900}},
    "phone": {"viewport": {"width": 390, "height": 844}},
    "no-script": {"viewport": {"width": 1280, "height": 900}, "java_script_enabled": False},
}

_numbers = count(1)


@pytest.fixture(params=SHAPES)
def page(request: pytest.FixtureRequest, chromium: Any, site: Site) -> Iterator[Any]:
    """A window on the front page."""
    context = chromium.new_context(base_url=site.origin, **SHAPES[request.param])
    page = context.new_page()
    page.set_default_timeout(10_000)
    page.goto("/")
    yield page
    context.close()


def has_script(page: Any) -> bool:
    return bool(page.locator("#school-search").get_attribute("role") == "combobox")


def check(page: Any) -> None:
    """Nothing scrolls sideways, and axe finds nothing to complain of."""
    if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
        raise AssertionError(f"{page.url} scrolls sideways")
    assert Axe().run(page).response["violations"] == []


def test_a_head_finds_and_claims_her_school(page: Any, site: Site) -> None:
    number = next(_numbers)
    email = f"head@hope{'x' * number}.org.uk"
    with saved(site.app):
        site_name = f"Saint Hope {'x' * number} School"
        hope = SchoolFactory(name=site_name, website=f"http://www.hope{'x' * number}.org.uk")
        other = joined_school(name="Hopewell Academy")
        index_schools(db.session(), [hope.urn, other.urn])
    box = page.locator("#school-search")
    if has_script(page):
        box.press_sequentially(f"st hope {'x' * number}")
        page.get_by_role("option", name=site_name, exact=False).wait_for()
        assert box.get_attribute("aria-expanded") == "true"
        box.press("ArrowDown")
        selected = page.locator(f"#{box.get_attribute('aria-activedescendant')}")
        assert selected.get_attribute("aria-selected") == "true"
        expect(selected).to_contain_text(site_name)
        check(page)
        box.press("Enter")
    else:
        box.fill(f"st hope {'x' * number}")
        page.get_by_role("button", name="Find your school").click()
        page.get_by_role("link", name=site_name, exact=False).click()
    page.get_by_role("link", name="Claim this school").click()
    page.get_by_label("Your name").fill("Ada Head")
    page.get_by_label("Your job at the school").fill("Head teacher")
    page.get_by_label("Work e-mail address").fill(email)
    page.get_by_label("I work at this school").check()
    page.get_by_role("button", name="Send me the link").click()
    page.get_by_role("heading", name="Look in your mailbox").wait_for()
    with site.app.app_context():
        link = link_in(emails_to(email, "claim_link")[-1], "claims")
    page.goto(link)
    page.get_by_role("button", name="Confirm my address").click()
    page.get_by_label("New password").fill(PASSWORD)
    page.get_by_label("The same password again").fill(PASSWORD)
    page.get_by_role("button", name="Set the password").click()
    page.get_by_role("heading", name=site_name).wait_for()


@pytest.mark.parametrize("page", ["desktop"], indirect=True)
def test_the_list_of_schools_opens_and_closes_with_the_keyboard(page: Any, site: Site) -> None:
    with saved(site.app):
        schools = [joined_school(name=f"Quarry {name} School") for name in ("North", "South")]
        index_schools(db.session(), [school.urn for school in schools])
    box, options = page.locator("#school-search"), page.locator(".school-option")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    box.press_sequentially("quarry")
    options.first.wait_for()
    assert len([url for url in asked if "suggestions" in url]) < 6, "it waits for a pause"
    expect(page.locator('form[data-suggestions] [role="status"]')).to_have_text("2 schools")
    box.press("ArrowUp")
    assert options.nth(1).get_attribute("aria-selected") == "true"
    box.press("ArrowDown")
    assert options.nth(0).get_attribute("aria-selected") == "true"
    box.press("Escape")
    expect(options).to_have_count(2)
    expect(options.first).to_be_hidden()
    expect(box).to_have_value("quarry")
    assert box.get_attribute("aria-expanded") == "false"
    box.press("ArrowDown")
    expect(options.first).to_be_visible()
    box.fill("qua")
    options.first.wait_for()
    options.nth(1).click()
    page.wait_for_url("**/find-your-school/*")
    expect(page.locator("h1")).to_contain_text("Quarry")


@pytest.mark.parametrize("page", ["phone"], indirect=True)
@pytest.mark.parametrize("path", ["/find-your-school?q=hope", "/find-your-school"])
def test_the_pages_can_be_read_by_everybody(page: Any, path: str) -> None:
    page.goto(path)
    check(page)
