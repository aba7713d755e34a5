"""A photograph in a real browser: chosen, sent, and shown by the page under its own policy."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from marketplace.accounts.roles import Role
from tests.journeys.conftest import Site
from tests.marketplace.accounts.factories import PASSWORD, staff
from tests.marketplace.factories import saved
from tests.marketplace.network.factories import joined_school
from tests.marketplace.profiles.factories import picture_file

pytestmark = pytest.mark.browser


def test_a_picture_is_chosen_and_shown(chromium: Any, site: Site, tmp_path: Path) -> None:
    with saved(site.app):
        school = joined_school()
        email = staff(school, Role.COORDINATOR).email
    good, too_large = tmp_path / "lesson.jpg", tmp_path / "poster.jpg"
    good.write_bytes(picture_file())
    too_large.write_bytes(b"x" * (8 * 1024 * 1024 + 1))
    page = chromium.new_context().new_page()
    page.goto(f"{site.origin}/sign-in")
    page.get_by_label("E-mail address").fill(email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("main").get_by_role("button", name="Sign in", exact=True).click()
    page.goto(f"{site.origin}/profile/photographs/new")
    page.get_by_label("Picture", exact=True).set_input_files(too_large)
    expect(page.get_by_text("This file is too large")).to_be_visible()
    page.get_by_label("Picture", exact=True).set_input_files(good)
    expect(page.get_by_text("This file is too large")).to_be_hidden()
    page.get_by_label("What the picture shows").fill("Two pupils read")
    page.get_by_label("Everyone who can be recognised").check()
    page.get_by_role("button", name="Add it").click()
    expect(page.get_by_text("Added.")).to_be_visible()

    page.goto(f"{site.origin}/schools/{school.urn}")
    picture = page.get_by_role("img", name="Two pupils read")
    expect(picture).to_be_visible()
    picture.scroll_into_view_if_needed()
    page.wait_for_function("document.querySelector('.photographs img').naturalWidth === 320")
    picture.click()
    page.wait_for_function("document.images[0].naturalWidth === 320")
