"""Applications for tests of the edge: pages that need no database, with settings of one's own."""

from __future__ import annotations

from typing import Any

from flask.testing import FlaskClient

from marketplace import create_app
from marketplace.setting_groups import Site
from marketplace.settings import Settings

PAGE = "/robots.txt"
"""A page that needs no database."""
FORM = "/sign-in"
"""A form that needs none as long as it is empty."""


def client_with(*, production: bool = False, **site: Any) -> FlaskClient:
    """A browser of an application with these settings of the site."""
    return create_app(
        Settings(
            database_url="sqlite://",
            secret_key="for tests only",
            production=production,
            site=Site(**site),
        )
    ).test_client()
