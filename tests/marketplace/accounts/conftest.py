"""Somebody to sign in, and a browser to do it with."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from marketplace.accounts.models import Person
from marketplace.accounts.roles import Role
from marketplace.application import Skillbank
from tests.marketplace.accounts.factories import staff
from tests.marketplace.browser import Browser
from tests.marketplace.factories import saved
from tests.marketplace.network.factories import joined_school


@pytest.fixture
def browser(client: FlaskClient) -> Browser:
    return Browser(client)


@pytest.fixture
def jo(app: Skillbank) -> Person:
    with saved(app):
        return staff(joined_school(name="Hope Primary"), Role.COORDINATOR, name="Jo Bloggs")
