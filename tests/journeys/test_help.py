"""Help and the public pages in a real browser: nothing scrolls sideways, and axe finds nothing."""

from __future__ import annotations

from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from tests.journeys.conftest import Site

pytestmark = pytest.mark.browser

PAGES = (
    "/help",
    "/help?q=travel",
    "/help?q=xylophone",
    "/help/checks-on-visitors",
    "/help/what-a-credit-is-worth",
    "/privacy",
    "/cookies",
    "/contact",
    "/accessibility",
    "/terms",
)


@pytest.mark.parametrize("width", [1280, 390])
def test_public_pages_are_fit_for_everyone(chromium: Any, site: Site, width: int) -> None:
    context = chromium.new_context(viewport={"width": width, "height": 900})
    page = context.new_page()
    for path in PAGES:
        page.goto(site.origin + path)
        document = "document.documentElement"
        wide = page.evaluate(f"{document}.scrollWidth > {document}.clientWidth")
        assert not wide, path
        faults = Axe().run(page).response["violations"]
        assert not faults, (path, [fault["id"] for fault in faults])
    context.close()


def test_a_heading_is_reached_from_the_contents_by_keyboard(chromium: Any, site: Site) -> None:
    context = chromium.new_context(viewport={"width": 390, "height": 900})
    page = context.new_page()
    page.goto(f"{site.origin}/help/signing-in")
    page.locator(".on-this-page a").nth(2).focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**#a-lost-or-new-phone")
    expect(page.locator("#a-lost-or-new-phone")).to_be_visible()
    context.close()
