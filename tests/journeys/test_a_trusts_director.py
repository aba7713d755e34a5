"""A trust's finance director in a browser: the page of all schools, one statement, a workbook."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any

import pytest
from openpyxl import load_workbook
from playwright.sync_api import expect

from marketplace.exchanges.models import State
from tests.databases import Databases
from tests.journeys.conftest import Site, served
from tests.journeys.test_term_end import fits
from tests.marketplace.accounts.factories import PASSWORD, actor_for
from tests.marketplace.accounts.second_factors.factories import code_of, with_authenticator
from tests.marketplace.exchanges.factories import brought_to
from tests.marketplace.factories import saved
from tests.marketplace.network.factories import joined_school
from tests.marketplace.schools.factories import TrustFactory
from tests.marketplace.statements.factories import director_of

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module", params=["postgresql"])
def site(request: pytest.FixtureRequest, databases: Databases) -> Iterator[Site]:
    with served(request.param, databases) as site:
        yield site


def test_a_director_reads_the_trust_and_a_school_and_downloads(chromium: Any, site: Site) -> None:
    with saved(site.app):
        trust = TrustFactory(name="Hope Trust")
        names = ("Ash Primary", "Beech Primary")
        ash, beech = (actor_for(joined_school(name=name, trust=trust)) for name in names)
        oak = actor_for(joined_school(name="Oak Primary"))
        brought_to(State.CONFIRMED, ash, beech, minutes=75)
        brought_to(State.CONFIRMED, ash, oak, minutes=120)
        director = director_of(trust.id)
        secret = with_authenticator(director)
    context = chromium.new_context(base_url=site.origin, viewport={"width": 1280, "height": 900})
    page = context.new_page()
    page.goto("/sign-in")
    page.get_by_label("E-mail address").fill(director.email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("main").get_by_role("button", name="Sign in", exact=True).click()
    page.get_by_label("Code").fill(code_of(secret))
    page.get_by_role("button", name="Go on").click()
    page.wait_for_url("**/trust/credits")
    total = page.locator(".trust-table tfoot td")
    assert total.all_inner_texts()[:6] == ["0.00", "+2.00", "0.00", "0.00", "+20.00", "22.00"]
    fits(page)
    with page.expect_download() as download:
        page.get_by_role("link", name="Excel").click()
    sheet = load_workbook(io.BytesIO(download.value.path().read_bytes()), data_only=True)["Schools"]
    assert [sheet.cell(8, column).value for column in range(2, 9)] == [
        *("The trust", 0, 2, 0, 0, 20, 22),
    ]
    # The link of a row lies over its figures.
    page.locator(".trust-table tbody td", has_text="+2.00").first.click(force=True)
    page.wait_for_url(f"**/trust/credits/schools/{ash.urn}?period=this-term")
    expect(page.locator("main")).to_contain_text("Ash Primary, URN")
    expect(page.locator(".figure-strip")).to_contain_text("13.25")
    page.get_by_role("link", name="All schools of the trust").click()
    page.wait_for_url("**/trust/credits?period=this-term")
    context.close()
