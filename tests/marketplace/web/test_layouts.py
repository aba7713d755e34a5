"""What every page has: how it announces an error, and how much waits in all."""

from __future__ import annotations

import pytest
from bs4 import Tag
from flask.testing import FlaskClient

from marketplace.accounts.roles import Role
from marketplace.application import Skillbank
from marketplace.exchanges.models import State
from tests.marketplace.accounts.factories import actor_for
from tests.marketplace.browser import Browser
from tests.marketplace.exchanges.factories import brought_to
from tests.marketplace.factories import saved
from tests.marketplace.network.factories import joined_school
from tests.marketplace.search.factories import indexed


@pytest.fixture
def coordinator(app: Skillbank, client: FlaskClient) -> Browser:
    with saved(app):
        return Browser(client).be(actor_for(joined_school()))


def title(browser: Browser) -> str:
    return browser.page.find("title").get_text()


def field(browser: Browser, name: str) -> Tag:
    return browser.page.select_one(f"main [name={name}]")


def words_about(browser: Browser, tag: Tag) -> list[str]:
    """The texts that ``aria-describedby`` of ``tag`` points to."""
    return [
        browser.page.select_one(f"#{name}").get_text(strip=True)
        for name in tag.get("aria-describedby", "").split()
    ]


def test_a_refused_form_says_so_in_its_title_and_at_its_fields(coordinator: Browser) -> None:
    coordinator.get("/listings/new")
    assert title(coordinator) == "Post an offer or a request – Skillbank"
    assert not coordinator.page.select("[aria-invalid]")
    coordinator.submit("Post it", title="", description="Half a day.", minutes="2")
    assert coordinator.status == 422
    assert title(coordinator) == "Error: Post an offer or a request – Skillbank"
    assert field(coordinator, "title")["aria-invalid"] == "true"
    assert (
        words_about(coordinator, field(coordinator, "title"))[-1] == "Title: write something here."
    )
    assert not field(coordinator, "description").has_attr("aria-invalid")
    assert field(coordinator, "topics")["aria-invalid"] == "true"
    group = coordinator.page.select_one("fieldset#topics")
    assert words_about(coordinator, group)[-1] == "Choose at least one topic."


def test_every_problem_leads_to_its_field(coordinator: Browser) -> None:
    coordinator.get("/listings/new").submit("Post it")
    links = [link["href"] for link in coordinator.page.select(".error-summary a")]
    fields = [coordinator.page.select_one(link) for link in links]
    assert [tag["name"] for tag in fields] == [
        "title",
        "description",
        "topics",
        "phases",
        "minutes",
    ]
    groups = [tag.find_parent("details") for tag in fields]
    assert all(group.has_attr("open") for group in groups if group is not None)


def test_the_groups_that_hold_what_is_chosen_are_open(coordinator: Browser) -> None:
    coordinator.get("/listings/new")
    assert not coordinator.page.select("details.choice-group[open]")
    coordinator.submit("Post it", topics=["phonics"])
    opened = [
        group.summary.get_text(" ", strip=True)
        for group in coordinator.page.select("details.choice-group[open]")
    ]
    assert opened == ["Early years and early reading (1 chosen)"]


@pytest.mark.parametrize("path", ["/nothing-here", "/exchanges/999", "/credits/book/journal"])
def test_an_error_page_says_so_in_its_title(coordinator: Browser, path: str) -> None:
    coordinator.get(path)
    assert coordinator.status in (403, 404)
    assert title(coordinator) == f"Error: {coordinator.heading} – Skillbank"


def test_a_period_that_cannot_be_says_so_in_its_title(app: Skillbank, client: FlaskClient) -> None:
    with saved(app):
        finance = actor_for(joined_school(name="Hope Primary"), Role.FINANCE)
    browser = Browser(client).be(finance).get("/credits?start=2026-02-30")
    assert (browser.status, title(browser)) == (422, "Error: Credits, Hope Primary – Skillbank")
    problem = "First day: write a day like 2026-09-01."
    assert words_about(browser, field(browser, "start")) == [problem]


def test_a_search_that_is_not_known_is_no_error(coordinator: Browser) -> None:
    coordinator.get("/search?kind=nonsense")
    assert title(coordinator).startswith("Find help")
    assert not coordinator.page.select(".error-summary")


def test_a_narrowed_search_says_by_what(app: Skillbank, coordinator: Browser) -> None:
    with saved(app) as session:
        indexed(session)
    coordinator.get("/search?within=20&phase=ks1&near=our+school")
    narrowed = [
        chip.find(string=True).strip() for chip in coordinator.page.select(".search-chips li a")
    ]
    assert narrowed == ["Key Stage 1", "Within 20 miles", "Near our school"]


def test_the_menu_says_how_much_waits_in_all(app: Skillbank, client: FlaskClient) -> None:
    with saved(app):
        us, them = actor_for(joined_school()), actor_for(joined_school())
        brought_to(State.PROPOSED, us, them)
        brought_to(State.PROPOSED, us, them)
    browser = Browser(client).be(us).get("/home")
    badges = [
        badge.get_text(" ", strip=True) for badge in browser.page.select(".site-nav .nav-badge")
    ]
    total = browser.page.select_one(".site-menu summary .nav-badge").get_text(" ", strip=True)
    assert badges
    assert total == f"{sum(int(badge.split()[0]) for badge in badges)} waiting"
    assert (
        not Browser(client).be(them).get("/messages").page.select(".site-menu summary .nav-badge")
    )


def test_the_page_links_its_picture(client: FlaskClient) -> None:
    icon = Browser(client).get("/").page.select_one("link[rel=icon]")
    assert icon["type"] == "image/svg+xml"
    with client.get(icon["href"]) as answer:
        assert answer.status_code == 200
