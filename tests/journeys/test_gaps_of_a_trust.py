"""A head in a browser: where practice is in her trust, where it is missing, and whom to ask."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import expect

from marketplace.accounts.roles import Role
from marketplace.audiences.audience import Reach
from marketplace.exchanges.within_trust.service import set_within_trust
from tests.databases import Databases
from tests.journeys.conftest import Site, served
from tests.journeys.test_term_end import fits
from tests.marketplace.accounts.factories import PASSWORD, actor_for, staff
from tests.marketplace.exchanges.same_person.factories import trust_administrator
from tests.marketplace.factories import saved
from tests.marketplace.network.factories import joined_school
from tests.marketplace.profiles.factories import shared
from tests.marketplace.schools.factories import TrustFactory

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module", params=["sqlite"])
def site(request: pytest.FixtureRequest, databases: Databases) -> Iterator[Site]:
    with served(request.param, databases) as site:
        yield site


def test_a_head_looks_for_gaps_in_her_trust(chromium: Any, site: Site) -> None:
    with saved(site.app) as session:
        trust = TrustFactory(name="Hope Trust")
        facts = {"trust": trust, "age_low": 4, "age_high": 11}
        ash = joined_school(name="Ash Primary", **facts)
        beech = joined_school(name="Beech Primary", **facts)
        head = staff(ash, Role.ADMINISTRATOR, name="Helen Head")
        jo = staff(ash, Role.MEMBER, name="Jo Bell")
        expert = actor_for(beech)
        shared(expert, Reach.TRUST, topics=("phonics",), phases=("ks1",))
        set_within_trust(session, trust_administrator(trust.id, actor_for(ash)), free=True)
        expert_name = expert.person_name

    def begin(email: str) -> Any:
        context = chromium.new_context(
            base_url=site.origin, viewport={"width": 1280, "height": 900}
        )
        page = context.new_page()
        page.goto("/sign-in")
        page.get_by_label("E-mail address").fill(email)
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("main").get_by_role("button", name="Sign in", exact=True).click()
        return page

    page = begin(head.email)
    page.get_by_role("link", name="Our experts").click()
    page.get_by_role("link", name="Practice and gaps").click()
    page.get_by_role("link", name="Our trust, by phase").click()
    phonics = page.get_by_role("row", name="Phonics and early reading")
    expect(phonics).to_contain_text(f"1 {expert_name}")
    fits(page)

    # Nobody has shared mathematics: she thinks of Jo.
    maths = page.locator("tr", has=page.get_by_role("link", name="Mathematics", exact=True))
    expect(maths).to_contain_text("Gap")
    page.get_by_role("link", name="Suggest it to a colleague").click()
    page.get_by_label("Colleague").select_option(label="Jo Bell")
    page.get_by_label("Topics", exact=True).fill("Mathematics")
    expect(page.get_by_role("button", name="Leave out Mathematics")).to_be_visible()
    page.get_by_label("Key Stage 2").check()
    fits(page)
    page.get_by_role("button", name="Send the suggestion").click()
    expect(page.get_by_role("status").first).to_contain_text("Nobody sees it before")
    page.goto("/experts/gaps?circle=trust")
    expect(maths).not_to_contain_text("Jo Bell")

    colleague = begin(jo.email)
    colleague.get_by_role("link", name="Our experts 1 waiting").click()
    colleague.get_by_role("link", name="What I am good at").click()
    fits(colleague)
    colleague.get_by_role("link", name="Check and share").click()
    colleague.get_by_label("Schools of our trust", exact=True).check()
    colleague.get_by_label("Everybody who sees it").check()
    colleague.get_by_label("How colleagues reach me").fill("Room 4, after school")
    fits(colleague)
    colleague.get_by_role("button", name="Share it").click()
    colleague.context.close()

    page.reload()
    expect(maths).to_contain_text("Jo Bell")
    with page.expect_download() as download:
        page.get_by_role("link", name="Download as CSV").click()
    assert "Jo Bell" in download.value.path().read_text("utf-8-sig")

    # She asks the sister school's expert, which costs nothing in this trust.
    phonics.get_by_role("link", name="Phonics and early reading", exact=True).click()
    fits(page)
    page.get_by_role("link", name=f"Ask {expert_name}").click()
    expect(page.locator("main")).to_contain_text("Staff room, Tuesdays")
    expect(page.locator("main")).to_contain_text("costs nothing: just ask")
    fits(page)
    page.context.close()
