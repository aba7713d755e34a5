"""A bursar's end of term in a browser: figures, a comparison, paper; what a proposal leaves."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect
from pypdf import PdfReader

from marketplace.accounts.roles import Role
from marketplace.exchanges.models import State
from tests.databases import Databases
from tests.journeys.conftest import Site, served
from tests.marketplace.accounts.factories import PASSWORD, actor_for, staff
from tests.marketplace.accounts.second_factors.factories import code_of, with_authenticator
from tests.marketplace.exchanges.factories import brought_to
from tests.marketplace.factories import saved
from tests.marketplace.listings.factories import posted
from tests.marketplace.network.factories import joined_school

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module", params=["postgresql"])
def site(request: pytest.FixtureRequest, databases: Databases) -> Iterator[Site]:
    with served(request.param, databases) as site:
        yield site


def test_the_end_of_a_term(chromium: Any, site: Site) -> None:
    with saved(site.app):
        ash, beech = joined_school(name="Ash Primary"), joined_school(name="Beech Primary")
        giver, taker = actor_for(ash), actor_for(beech)
        brought_to(State.CONFIRMED, giver, taker, minutes=165)
        brought_to(State.CONFIRMED, taker, giver, minutes=45)
        brought_to(State.AGREED, taker, giver, minutes=60)
        bursar = staff(ash, Role.FINANCE)
        secret = with_authenticator(bursar)
    context = chromium.new_context(base_url=site.origin, viewport={"width": 1280, "height": 900})
    page = context.new_page()
    sign_in(page, bursar.email, secret)
    page.get_by_role("link", name="Credits").click()
    strip = page.locator(".figure-strip")
    assert strip.locator(".figure-value").all_inner_texts()[1:5] == [
        "+2.75",
        "−0.75",
        "+10.00",
        "12.00",
    ]
    expect(page.locator("main")).to_contain_text(
        "Available: 12.00 less 1.00 held, with a credit limit of 10.00: 21.00"
    )
    fits(page)
    assert "Beech Primary" in paper(page)
    page.get_by_role("link", name="Academic year", exact=True).click()
    page.get_by_role("heading", name="Credits, academic year").wait_for()
    page.get_by_role("link", name="Beech Primary").click()
    page.get_by_text("Everything agrees.").wait_for()
    fits(page)
    assert "Ash Primary and Beech Primary" in paper(page)
    page.get_by_role("link", name="Last month", exact=True).click()
    page.get_by_text("Nothing moved between these two schools").wait_for()
    context.close()


def test_a_proposal_says_what_it_leaves_as_one_types(chromium: Any, site: Site) -> None:
    with saved(site.app):
        listing = posted(actor_for(joined_school()))
        asker = staff(joined_school(), Role.COORDINATOR)
    context = chromium.new_context(base_url=site.origin)
    page = context.new_page()
    sign_in(page, asker.email)
    page.goto(f"/listings/{listing.id}/propose")
    left = page.locator(".what-is-left")
    for typed, words in (
        ("1½", "You have 20 available; this leaves 18½."),
        ("2:20", "You have 20 available; this leaves 17 h 40 min."),
        ("0.25 hours", "You have 20 available; this leaves 19¾."),
        ("21", "You have 20 available; this is 1 more than you have."),
        ("a day", "You have 20 available."),
    ):
        page.get_by_label("Credits").fill(typed)
        expect(left).to_have_text(words)
    context.close()


def sign_in(page: Any, email: str, secret: str = "") -> None:
    """Sign in, with the code of an app if the person has one."""
    page.goto("/sign-in")
    page.get_by_label("E-mail address").fill(email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("main").get_by_role("button", name="Sign in", exact=True).click()
    if secret:
        page.get_by_label("Code").fill(code_of(secret))
        page.get_by_role("button", name="Go on").click()
    page.wait_for_url("**/home")


def fits(page: Any) -> None:
    """Nothing scrolls sideways on a phone either, and axe finds nothing."""
    faults = Axe().run(page).response["violations"]
    assert not faults, [(fault["id"], [n["target"] for n in fault["nodes"]]) for fault in faults]
    page.set_viewport_size({"width": 390, "height": 844})
    assert page.evaluate("document.documentElement.scrollWidth - window.innerWidth") <= 0
    page.set_viewport_size({"width": 1280, "height": 900})


def paper(page: Any) -> str:
    """What is printed: the document and who produced it, with page numbers, and nothing else."""
    text = " ".join(
        " ".join(sheet.extract_text().split()) for sheet in PdfReader(io.BytesIO(page.pdf())).pages
    )
    assert "Produced on" in text
    assert "Page 1 of" in text
    for word in ("Sign out", "Find help", "Other dates", "CSV", "Privacy", "Compare"):
        assert word not in text
    return text
