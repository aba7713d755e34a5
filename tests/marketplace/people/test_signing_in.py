"""Signing in and out."""

import pytest
from flask.testing import FlaskClient

from marketplace import Skillbank
from marketplace.people.roles import Role
from tests.marketplace.browser import Browser
from tests.marketplace.factories import joined_school, setting, staff


@pytest.fixture
def browser(client: FlaskClient) -> Browser:
    return Browser(client)


def test_the_right_password_opens_the_start_page(app: Skillbank, browser: Browser) -> None:
    with setting(app):
        school = joined_school()
        jo = staff(school, Role.MEMBER, name="Jo Bloggs")
    browser.sign_in(jo)
    assert (browser.status, browser.path) == (200, "/home")
    assert browser.heading == school.name
    assert "Jo Bloggs" in browser.text
