"""The whole job in a real browser: an offer is found, agreed, delivered, confirmed and audited."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from datetime import timedelta
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from marketplace.accounts.roles import Role
from marketplace.clock import today
from tests.journeys.conftest import Site
from tests.marketplace.accounts.factories import PASSWORD, PersonFactory, staff
from tests.marketplace.accounts.second_factors.factories import code_of, with_authenticator
from tests.marketplace.factories import saved
from tests.marketplace.network.factories import joined_school
from tests.marketplace.search.factories import indexed

pytestmark = pytest.mark.browser

SHAPES = {
    "desktop": {"viewport": {"width": 1280, "height": 900}},
    "phone": {"viewport": {"width": 390, "height": 844}},
    "no-script": {"viewport": {"width": 1280, "height": 900}, "java_script_enabled": False},
}
PICTURES = Path(__file__).parents[2] / "screenshots"
if not os.access(PICTURES.parent, os.W_OK):  # the checkout belongs to another user
    PICTURES = Path(tempfile.gettempdir()) / f"skillbank-screenshots-{os.getuid()}"

_journeys = count(1)


class Desk:
    """The browser windows of everybody in one journey; ``abroad`` is what they asked elsewhere."""

    def __init__(self, chromium: Any, site: Site, shape: str) -> None:
        self.chromium, self.site, self.shape = chromium, site, shape
        self.contexts: list[Any] = []
        self.abroad: list[str] = []
        self.folder = PICTURES / shape

    def sign_in(self, email: str, secret: str = "") -> Any:
        """A window of its own in which ``email`` is signed in; ``secret`` is that of their app."""
        context = self.chromium.new_context(base_url=self.site.origin, **SHAPES[self.shape])
        self.contexts.append(context)
        context.on("request", self._note)
        page = context.new_page()
        page.set_default_timeout(10_000)
        page.goto("/sign-in")
        page.get_by_label("E-mail address").fill(email)
        page.get_by_label("Password").fill(PASSWORD)
        press(page.get_by_role("main").get_by_role("button", name="Sign in", exact=True))
        if secret:
            page.get_by_label("Code").fill(code_of(secret))
            press(page.get_by_role("button", name="Go on"))
            page.wait_for_url("**/home")
        return page

    def look(self, page: Any, name: str) -> None:
        """Take a picture; nothing scrolls sideways, and axe finds nothing to complain of."""
        if self.shape != "no-script":
            page.wait_for_load_state()  # a press may have only begun to open the page
            sideways = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
            assert sideways <= 0, f"{name} scrolls sideways by {sideways} pixels"
        if self.site.engine != "sqlite":
            return  # the pages are the same, and pictures and axe take their time
        page.screenshot(path=self.folder / f"{name}.png", full_page=True)
        if self.shape == "no-script":
            return
        faults = Axe().run(page).response["violations"]
        assert not faults, [(f["id"], [n["target"] for n in f["nodes"]]) for f in faults]

    def _note(self, request: Any) -> None:
        if not request.url.startswith(self.site.origin + "/"):
            self.abroad.append(request.url)

    def close(self) -> None:
        """Close every window."""
        for context in self.contexts:
            context.close()


@pytest.fixture(params=SHAPES)
def desk(request: pytest.FixtureRequest, chromium: Any, site: Site) -> Iterator[Desk]:
    desk = Desk(chromium, site, request.param)
    yield desk
    desk.close()


def test_an_hour_of_help_goes_from_one_school_to_another(desk: Desk) -> None:
    number = next(_journeys)
    title = f"KS1 phonics coaching {number}"
    with saved(desk.site.app):
        gives = joined_school(name=f"Giving Primary School {number}")
        takes = joined_school(name=f"Taking Primary School {number}", easting=383_000)
        giver, taker = (staff(school, Role.COORDINATOR).email for school in (gives, takes))
        bursar, giving_bursar = (staff(school, Role.FINANCE) for school in (takes, gives))
        auditor = PersonFactory(roles=[(Role.AUDITOR, None)])
        # Whoever sees to money needs a second factor.
        secrets = {
            person: with_authenticator(person) for person in (bursar, giving_bursar, auditor)
        }

    # The one school posts.
    us = desk.sign_in(giver)
    us.goto("/listings/new")
    us.get_by_role("radio", name="An offer").check()
    us.get_by_label("Title").fill(title)
    us.get_by_label("Description").fill("Half a day on site with your Year 1 team.")
    us.get_by_label("Add a topic by its name").fill("Phonics and early reading")
    us.locator("[name=phases]").first.check()
    us.locator("[name=mode]").first.check()
    us.get_by_label("Credits", exact=True).fill("3")
    us.get_by_text("Change who may see it").click()
    us.locator("[name=audience]").last.check()
    desk.look(us, "01-posting")
    press(us.get_by_role("button", name="Post it"))
    expect(us.get_by_role("heading", level=1)).to_have_text(title)

    # The other finds it by words and distance, looks at the school, asks and is answered.
    them = desk.sign_in(taker)
    desk.look(them, "02-home")
    with saved(desk.site.app) as session:
        indexed(session)
    them.goto("/search?within=10&q=phonics+coaching")
    desk.look(them, "03-search")
    press(them.get_by_role("link", name=title, exact=True))
    desk.look(them, "04-listing")
    press(them.get_by_role("link", name=gives.name).first)
    desk.look(them, "05-school")
    them.go_back()
    press(them.get_by_role("link", name="Ask a question"))
    them.locator("textarea").fill("Could you come on a Tuesday?")
    press(them.get_by_role("button", name="Send"))
    us.goto("/messages")
    press(us.get_by_role("link", name=takes.name).first)
    us.locator("textarea").fill("Yes, Tuesdays suit us.")
    press(us.get_by_role("button", name="Send"))
    them.reload()
    expect(them.get_by_text("Yes, Tuesdays suit us.")).to_be_visible()
    desk.look(them, "06-conversation")

    # They propose, the provider agrees, and the credits are held.
    press(them.get_by_role("link", name="Propose an exchange"))
    them.get_by_label("What will happen").fill("A morning with Year 1.")
    them.get_by_label("Credits").fill("3")
    them.get_by_label("Date", exact=True).fill((today() + timedelta(days=7)).isoformat())
    press(them.get_by_role("button", name="Send the proposal"))
    here = them.url
    us.goto(here)
    press(us.get_by_role("button", name="Agree", exact=True))
    expect(us.get_by_text("Agreed, credits held")).to_be_visible()
    desk.look(us, "07-agreed")
    money = desk.sign_in(bursar.email, secrets[bursar])
    money.goto("/credits")
    expect(money.get_by_text("Available: 10.00 less 3.00 held")).to_be_visible()

    # Two and a half hours were given; Confirm, pressed twice, pays them once.
    press(us.get_by_role("link", name="It has been delivered"))
    us.get_by_label("Credits delivered").fill("2.5")
    us.get_by_label("Date", exact=True).fill(today().isoformat())
    press(us.get_by_role("button", name="Ask for confirmation"))
    them.goto(here)
    desk.look(them, "08-delivered")
    them.get_by_role("button", name="Confirm").dblclick()
    them.wait_for_load_state("networkidle")
    them = them.context.new_page()  # the second press may still be on its way in the first one
    visit(them, here)
    expect(them.get_by_text("Confirmed", exact=True).first).to_be_visible()
    desk.look(them, "09-confirmed")

    # Both statements have it once; what was held and not used is free again.
    money.goto("/credits")
    expect(money.get_by_text("Available: 7.50 less 0.00 held")).to_be_visible()
    desk.look(money, "10-statement")
    earned = desk.sign_in(giving_bursar.email, secrets[giving_bursar])
    earned.goto("/credits")
    expect(earned.get_by_text("Available: 12.50 less 0.00 held")).to_be_visible()
    with money.expect_download() as download:
        money.get_by_role("link", name="CSV", exact=True).click()
    assert title in Path(download.value.path()).read_text(encoding="utf-8-sig")
    press(money.locator(".statement").get_by_role("link", name="entry").first)
    desk.look(money, "11-entry")
    press(money.locator(".facts").get_by_role("link", name=title))
    expect(money).to_have_url(here)

    audit = desk.sign_in(auditor.email, secrets[auditor])
    visit(audit, "/credits/book/trial-balance")
    desk.look(audit, "12-trial-balance")
    visit(audit, "/credits/book/journal")
    expect(audit.get_by_role("main")).to_contain_text(title)
    desk.look(audit, "13-journal")
    assert desk.abroad == []


def press(target: Any) -> None:
    """Press what opens a page, and wait until it is there."""
    with target.page.expect_navigation():
        target.click()


def visit(page: Any, path: str) -> None:
    """Open an address that has to be there."""
    assert page.goto(path).ok, path
