"""Posting an offer in a real browser: topics by typing, a preview, a draft that saves itself."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa
from playwright.sync_api import expect

from marketplace.accounts.roles import Role
from marketplace.listings.draft_models import ListingDraft
from tests.journeys.conftest import Site
from tests.marketplace.accounts.factories import PASSWORD, staff
from tests.marketplace.factories import saved
from tests.marketplace.network.factories import joined_school

pytestmark = pytest.mark.browser


def test_an_offer_is_typed_saved_by_itself_and_posted(chromium: Any, site: Site) -> None:
    with saved(site.app):
        email = staff(joined_school(name="Hope Primary"), Role.COORDINATOR).email
    context = chromium.new_context()
    page = context.new_page()
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.goto(f"{site.origin}/sign-in")
    page.get_by_label("E-mail address").fill(email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("main").get_by_role("button", name="Sign in", exact=True).click()
    page.goto(f"{site.origin}/listings/new?kind=offer")

    expect(page.get_by_label("Whom is it for?")).to_be_hidden()
    page.get_by_label("Title").fill("KS1 phonics for two teachers")
    page.get_by_role("button", name="+ Phonics and early reading").click()
    page.get_by_label("Add a topic by its name").fill("Maths mastery")
    expect(page.get_by_role("button", name="Leave out Maths mastery")).to_be_visible()
    page.get_by_role("button", name="Leave out Maths mastery").click()
    page.get_by_label("Description").fill("x" * 4003)
    expect(page.get_by_text("3 characters too many")).to_be_visible()
    page.get_by_label("Description").fill("Our lead watches a lesson and talks it through.")
    page.get_by_label("Key Stage 1").check()
    page.get_by_label("Credits", exact=True).fill("2")
    preview = page.locator(".listing-preview")
    expect(preview).to_contain_text("KS1 phonics for two teachers")
    expect(preview).to_contain_text("Phonics and early reading")
    expect(preview).to_contain_text("2 credits")
    expect(page.get_by_text("Saved as a draft at")).to_be_visible()
    with saved(site.app) as session:
        titles = session.scalars(sa.select(ListingDraft.title)).all()
        assert titles == ["KS1 phonics for two teachers"]

    page.get_by_role("button", name="Post it").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("KS1 phonics for two teachers")
    expect(page.get_by_role("main")).to_contain_text("Phonics and early reading")
    expect(page.get_by_role("main")).not_to_contain_text("Maths mastery")
    with saved(site.app) as session:
        assert session.scalars(sa.select(ListingDraft)).all() == []
    assert problems == []
    context.close()
