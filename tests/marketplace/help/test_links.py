"""A help page links to what its reader may open; to others it names the page."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from marketplace.accounts.roles import Role
from marketplace.application import Skillbank
from tests.marketplace.accounts.factories import PersonFactory, staff
from tests.marketplace.browser import Browser
from tests.marketplace.factories import saved
from tests.marketplace.network.factories import joined_school


@pytest.mark.parametrize(
    ("role", "linked"),
    [(Role.ADMINISTRATOR, True), (Role.MEMBER, False), (Role.OPERATOR, False), (None, True)],
)
def test_a_page_is_linked_for_who_may_open_it(
    app: Skillbank, client: FlaskClient, role: Role | None, linked: bool
) -> None:
    browser = Browser(client)
    if role is not None:
        with saved(app):
            is_network = role is Role.OPERATOR
            person = (
                PersonFactory(roles=[(role, None)]) if is_network else staff(joined_school(), role)
            )
        browser.be(person)
    page = browser.get("/help/joining").page
    assert bool(page.select('.article a[href="/people"]')) == linked
    assert "under People" in " ".join(page.select_one(".article").get_text().split())
