"""Two minutes between lessons: a slip, a filter, the map, a result, and asking several at once."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from marketplace.accounts.roles import Role
from marketplace.schools.word_index import index_schools
from tests.journeys.conftest import Site
from tests.marketplace.accounts.factories import PASSWORD, actor_for, staff
from tests.marketplace.factories import saved
from tests.marketplace.listings.factories import posted
from tests.marketplace.network.factories import joined_school
from tests.marketplace.search.factories import indexed

pytestmark = pytest.mark.browser

EASTING, NORTHING, MILE = 600_000, 150_000, 1609
SHAPES = {
    "desktop": {"viewport": {"width": 1280, "height": 900}},
    "phone": {"viewport": {"width": 390, "height": 844}},
    "no-script": {"viewport": {"width": 1280, "height": 900}, "java_script_enabled": False},
}
ASKED = {"desktop": (1, 2), "phone": (3, 4), "no-script": (5, 6)}
"""Which results are asked about: it is one school, and what it has asked about is left out."""


@pytest.fixture(scope="module")
def email(site: Site) -> str:
    """The address of a coordinator in a part of the country where others offer things."""
    with saved(site.app) as session:
        ours = joined_school(name="Between Lessons School", easting=EASTING, northing=NORTHING)
        schools = []
        for number in range(1, 13):
            school = joined_school(
                name=f"Quince School {number}",
                town="Quinceham",
                easting=EASTING + number * MILE,
                northing=NORTHING,
            )
            schools.append(school.urn)
            posted(
                actor_for(school),
                title=f"Zebra phonics {number}",
                phases=("ks1",) if number % 2 else ("ks2",),
            )
        index_schools(session, schools)
        indexed(session)
        return staff(ours, Role.COORDINATOR).email


@pytest.fixture(params=SHAPES)
def page(request: pytest.FixtureRequest, chromium: Any, site: Site, email: str) -> Iterator[Page]:
    context = chromium.new_context(base_url=site.origin, **SHAPES[request.param])
    page = context.new_page()
    page.set_default_timeout(10_000)
    page.goto("/sign-in")
    page.get_by_label("E-mail address").fill(email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("main").get_by_role("button", name="Sign in", exact=True).click()
    page.wait_for_url("**/home")
    yield page
    context.close()


def shape(request: pytest.FixtureRequest) -> str:
    return str(request.node.callspec.params["page"])


def look(page: Page, shape: str) -> None:
    """Nothing scrolls sideways, and axe finds nothing to complain of."""
    if shape != "no-script":
        assert page.evaluate("document.documentElement.scrollWidth - window.innerWidth") <= 0
        faults = Axe().run(page).response["violations"]
        assert not faults, [(fault["id"], fault["nodes"][0]["html"]) for fault in faults]


def test_two_minutes_between_lessons(page: Page, request: pytest.FixtureRequest) -> None:
    on = shape(request)
    elsewhere: list[str] = []
    page.on("request", lambda sent: elsewhere.append(sent.url))
    page.goto("/search")
    page.get_by_label("What", exact=True).fill("zebra fonics")
    page.get_by_label("Within").select_option("20")
    page.get_by_role("button", name="Search", exact=True).click()
    expect(page.get_by_text("Showing results for phonics")).to_be_visible()
    expect(page.locator(".result")).to_have_count(12)
    expect(page.locator(".result mark").first).to_be_visible()
    look(page, on)

    # A filter: on a wide screen with the script it is enough to tick it.
    if on == "phone":
        page.locator(".search-filters > summary").click()
    page.get_by_label("Key Stage 1", exact=False).check(no_wait_after=True)
    if on == "phone":
        page.get_by_role("button", name="Show 6 results").click()
    elif on == "no-script":
        page.get_by_role("button", name="Show results (12 now)").click()
    expect(page.locator(".result")).to_have_count(6)
    expect(page.locator(".search-chips").get_by_text("Key Stage 1")).to_be_visible()
    if on == "desktop":
        expect(page.locator("#phase-ks1")).to_be_focused()

    # The map: a number leads to its row, also by the keyboard.
    if on == "phone":
        page.locator(".search-map > summary").click()
    dot = page.locator("#map-3")
    expect(dot).to_be_visible()
    look(page, on)
    dot.focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**#result-3")
    expect(page.locator("#result-3")).to_be_in_viewport()

    # A result, and back to the same search.
    title = page.locator("#result-3 h3 a").inner_text()
    page.locator("#result-3 h3 a").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(title)
    page.get_by_role("link", name="Back to the search").click()
    expect(page.get_by_label("What", exact=True)).to_have_value("zebra fonics")
    expect(page.locator(".result")).to_have_count(6)
    assert page.title().startswith("zebra fonics: 6 offers")

    # Some of them are asked with one message.
    asked = ASKED[on]
    for number in asked:
        page.locator(f"#result-{number} .result-tick").check()
    look(page, on)
    page.get_by_role("button", name="Ask the ones ticked").click()
    expect(page.get_by_role("checkbox")).to_have_count(len(asked))
    page.get_by_label("Your message").fill("Could you help us with phonics?")
    look(page, on)
    page.get_by_role("button", name="Ask them").click()
    expect(page.get_by_text("You have asked")).to_be_visible()
    page.get_by_role("link", name="Back to the search").click()
    assert page.title().startswith("zebra fonics: 6 offers")
    assert all(url.startswith(page.url.split("/search")[0]) for url in elsewhere)


def test_a_place_is_suggested_while_one_types(page: Page, request: pytest.FixtureRequest) -> None:
    page.goto("/search?q=zebra")
    near = page.get_by_label("Near", exact=True)
    near.press_sequentially("quinc")
    if shape(request) != "no-script":
        option = page.locator("#places option").first
        expect(option).to_have_attribute("value", "Quinceham")
        expect(option).to_have_attribute("label", "Place with 12 schools")
    near.fill("Quinceham")
    page.get_by_role("button", name="Search", exact=True).click()
    expect(page.get_by_text("seen from Quinceham")).to_be_visible()


def test_nine_results_fit_on_a_screen(page: Page, request: pytest.FixtureRequest) -> None:
    page.goto("/search")
    if shape(request) == "desktop":
        ninth = page.locator(".result").nth(8).bounding_box()
        assert ninth is not None
        assert ninth["y"] + ninth["height"] <= 900
