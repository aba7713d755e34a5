"""Applications for tests of the edge: pages that need no database, with settings of one's own."""

from __future__ import annotations

from functools import cache
from typing import Any

from flask.testing import FlaskClient

from marketplace import create_app
from marketplace.application import Skillbank
from marketplace.setting_groups import Site
from marketplace.settings import Settings

PAGE = "/robots.txt"
"""A page that needs no database."""
FORM = "/sign-in"
"""A form that needs none as long as it is empty."""


def client_with(*, production: bool = False, **site: Any) -> FlaskClient:
    """A new browser of the application with these settings of the site.

    It is made once for each settings: to build it takes longer than to be asked. It has no database
    to keep anything in; a test that changes it takes ``application_with``.
    """
    return _shared(Site(**site), production).test_client()


def application_with(site: Site, production: bool = False) -> Skillbank:
    """A new application with these settings of the site."""
    return create_app(
        Settings(
            database_url="sqlite://", secret_key="for tests only", production=production, site=site
        )
    )


_shared = cache(application_with)
