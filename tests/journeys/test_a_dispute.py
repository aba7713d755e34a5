"""A dispute in a real browser, to its ruling: two schools and the operator, on PostgreSQL."""

from __future__ import annotations

from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from ledger import Book
from marketplace.accounts.models import Person
from marketplace.accounts.roles import Role
from marketplace.exchanges.models import State
from tests.journeys.conftest import Site
from tests.marketplace.accounts.factories import PASSWORD, PersonFactory, actor_for
from tests.marketplace.accounts.second_factors.factories import code_of, with_authenticator
from tests.marketplace.exchanges.factories import brought_to
from tests.marketplace.factories import saved
from tests.marketplace.network.factories import joined_school

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("site", ["postgresql"], indirect=True, scope="module")
def test_a_dispute_goes_to_its_ruling(chromium: Any, site: Site) -> None:
    with saved(site.app) as session:
        gives, takes = joined_school(name="Ash Primary"), joined_school(name="Beech Primary")
        giver, taker = actor_for(gives), actor_for(takes)
        path = f"/exchanges/{brought_to(State.DELIVERED, giver, taker, minutes=180).id}"
        operator = PersonFactory(roles=[(Role.OPERATOR, None)])
        secret = with_authenticator(operator)
        emails = [session.get_one(Person, side.person_id).email for side in (giver, taker)]

    # The receiver opens a dispute; the giver answers out of its tasks.
    us, them = (window(chromium, site, email) for email in emails)
    them.goto(path)
    them.get_by_role("link", name="Open a dispute").click()
    them.get_by_label("What happened").fill("She left after an hour.")
    them.get_by_label("Credits that you hold right").fill("1")
    them.get_by_role("button", name="Open the dispute").click()
    them.get_by_text("Ash Primary has until").first.wait_for()
    us.goto("/home")
    us.get_by_role("link", name="Answer").click()
    fits(us)
    us.get_by_role("link", name="Answer", exact=True).click()
    us.get_by_label("What happened").fill("She stayed until noon, and the head saw her.")
    us.get_by_label("Credits that you hold right").fill("3")
    us.get_by_role("button", name="Send the answer").click()
    us.get_by_text("Both schools have said which figure they hold right.").wait_for()

    # The operator reads both sides beside each other, and rules once, however often it is pressed.
    network = window(chromium, site, operator.email, secret)
    network.get_by_role("link", name="Disputes").click()
    network.locator(".row-item a").first.click()
    figures = network.locator(".dispute-figure strong").all_inner_texts()
    assert figures == ["1 credit", "3 credits"]
    network.get_by_role("radio", name="A figure is paid").check()
    network.get_by_label("Credits that the receiver pays").fill("2")
    network.get_by_label("Reasons").fill("The visitors’ book has two hours.")
    fits(network)
    network.get_by_role("button", name="Rule", exact=True).dblclick()
    network.get_by_text("The network’s operator ruled on").first.wait_for()

    # Both read the reasons, and the credits have moved once.
    for page in (us, them):
        page.goto(path)
        page.get_by_text("Beech Primary pays 2 credits.").wait_for()
        expect(page.get_by_text("The visitors’ book has two hours.").first).to_be_visible()
        page.context.close()
    network.context.close()
    with saved(site.app) as session:
        accounts = Book(session).balances([f"school:{giver.urn}", f"school:{taker.urn}"])
        assert [accounts[code].posted for code in sorted(accounts)] == [720, 480]
        assert all(account.held_out == 0 for account in accounts.values())


def window(chromium: Any, site: Site, email: str, secret: str = "") -> Any:
    """A page of its own in which ``email`` is signed in; ``secret`` is that of their app."""
    context = chromium.new_context(base_url=site.origin, viewport={"width": 1280, "height": 900})
    page = context.new_page()
    page.set_default_timeout(10_000)
    page.goto("/sign-in")
    page.get_by_label("E-mail address").fill(email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("main").get_by_role("button", name="Sign in", exact=True).click()
    if secret:
        page.get_by_label("Code").fill(code_of(secret))
        page.get_by_role("button", name="Go on").click()
        page.wait_for_url("**/home")
    return page


def fits(page: Any) -> None:
    """Nothing scrolls sideways, and axe finds nothing to complain of."""
    page.wait_for_load_state()
    assert page.evaluate("document.documentElement.scrollWidth - window.innerWidth") <= 0
    faults = Axe().run(page).response["violations"]
    assert not faults, [(f["id"], [n["target"] for n in f["nodes"]]) for f in faults]
