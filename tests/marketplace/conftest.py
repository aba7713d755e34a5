"""Fixtures for the marketplace: an application on each database."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask.testing import FlaskClient

from marketplace import Skillbank, create_app
from marketplace.database import db
from marketplace.settings import Settings


@pytest.fixture
def app(database_url: str) -> Iterator[Skillbank]:
    """The application on an empty database of each kind."""
    app = create_app(
        Settings(database_url=database_url, secret_key="for tests only", production=False)
    )
    yield app
    with app.app_context():
        db.engine.dispose()


@pytest.fixture
def client(app: Skillbank) -> FlaskClient:
    """A browser without a sign-in."""
    return app.test_client()
