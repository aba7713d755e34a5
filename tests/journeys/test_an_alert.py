"""A request is met by an alert: a search is saved, another school posts, an e-mail leads there."""

from __future__ import annotations

import re

import pytest

from marketplace.accounts.roles import Role
from marketplace.outbox.schedule import make_due
from marketplace.outbox.worker import Worker
from tests.journeys.conftest import Site
from tests.journeys.test_passkeys import Drawer, drawer, here
from tests.marketplace.accounts.factories import staff
from tests.marketplace.factories import saved
from tests.marketplace.letters import emails_to
from tests.marketplace.network.factories import joined_school
from tests.marketplace.search.factories import indexed

__all__ = ["drawer", "here"]

pytestmark = pytest.mark.browser


def work(site: Site) -> None:
    """Let the worker do what is due, and run the saved searches now."""
    with saved(site.app) as session:
        make_due(session, "run_saved_searches")
    Worker(site.app).run_once()


def test_a_request_is_met_by_an_alert(here: Site, drawer: Drawer) -> None:
    with saved(here.app) as session:
        ash, beech = joined_school(name="Ash Primary"), joined_school(name="Beech Primary")
        seeker = staff(ash, Role.COORDINATOR, email="seeker@ash.example")
        giver = staff(beech, Role.COORDINATOR, email="giver@beech.example")
        indexed(session)
    Worker(here.app).run_once()

    # Ash finds nothing, and saves the search.
    laptop = drawer.device()
    laptop.type_password(seeker.email)
    laptop.open("/search?q=handwriting&phase=ks1")
    laptop.page.get_by_role("link", name="Save this search and be told of new ones").click()
    laptop.page.get_by_label("At once").check()
    laptop.press("Save the search")
    assert laptop.heading == "Your saved searches"

    # Beech posts what fits.
    office = drawer.device()
    office.type_password(giver.email)
    office.open("/listings/new?kind=offer&topic=phonics")
    office.page.get_by_label("Title", exact=True).fill("Handwriting in Year 1")
    office.page.get_by_label("Description", exact=True).fill("Our lead shows how we teach it.")
    office.page.get_by_label("Key Stage 1").check()
    office.page.get_by_label("Credits", exact=True).fill("2")
    office.press("Post it")
    work(here)

    # The e-mail leads to the listing, where Ash asks.
    email = emails_to(here.app, seeker.email)[-1]
    assert email.subject.startswith("New for your search")
    assert "Handwriting in Year 1" in email.subject
    link = re.search(r"/notifications/\d+", email.text or "")
    assert link is not None
    laptop.open(link[0])
    assert laptop.heading == "Handwriting in Year 1"
    laptop.page.get_by_role("link", name="Ask a question").click()
    laptop.page.get_by_role("textbox").last.fill("Could your lead come to us in January?")
    laptop.page.get_by_role("main").get_by_role("button").last.click()
    laptop.page.wait_for_url("**/messages/**")
    work(here)
    assert any(
        "asks about Handwriting" in each.subject for each in emails_to(here.app, giver.email)
    )
