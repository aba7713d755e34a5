"""An auditor draws a sample of ten entries, and follows each to its causes and back."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import expect

from marketplace.accounts.roles import Role
from marketplace.exchanges.models import State
from tests.journeys.conftest import Site
from tests.marketplace.accounts.factories import PersonFactory, actor_for
from tests.marketplace.browser import Browser
from tests.marketplace.exchanges.factories import brought_to
from tests.marketplace.factories import saved
from tests.marketplace.network.factories import joined_school

pytestmark = pytest.mark.browser

SAMPLE = 10
LINKS = [
    "Beech School proposed it",
    "Ash School agreed",
    "Ash School said it is delivered",
    "Beech School confirmed",
]


def test_a_sample_of_ten_is_followed_to_its_causes(chromium: Any, site: Site) -> None:
    with saved(site.app):
        ash, beech = (
            actor_for(joined_school(name=name)) for name in ("Ash School", "Beech School")
        )
        paid = [
            brought_to(State.CONFIRMED, ash, beech, minutes=15).transaction_id
            for _ in range(SAMPLE)
        ]
        auditor = PersonFactory(roles=[(Role.AUDITOR, None)])
    client = Browser(site.app.test_client()).be(auditor).client
    cookie = client.get_cookie("skillbank")
    assert cookie is not None
    context = chromium.new_context(base_url=site.origin)
    context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": site.origin}])
    page = context.new_page()
    page.set_default_timeout(10_000)
    page.goto("/credits/book/journal")
    page.get_by_label("Kind").select_option("exchange")
    page.get_by_label("Show").select_option("moved")
    page.get_by_role("button", name="Show").click()
    expect(page.get_by_role("main")).to_contain_text("10 records · 2½ credits moved")
    numbers = page.locator(".journal-number").all_inner_texts()
    assert sorted(map(int, numbers)) == sorted(paid)
    for number in numbers:
        page.get_by_role("link", name=number, exact=True).click()
        expect(page.locator(".chain-title")).to_contain_text(LINKS)
        assert all(" at " in who for who in page.locator(".chain-who").all_inner_texts())
        page.locator(".facts").get_by_role("link", name="Phonics coaching").click()
        expect(page.get_by_role("main")).to_contain_text("The messages between the two schools")
        page.locator(".chain").get_by_role("link", name=f"No {number}", exact=True).click()
        page.go_back()
        page.go_back()
        page.go_back()
    context.close()
