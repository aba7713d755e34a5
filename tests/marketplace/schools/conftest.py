"""A session on empty tables of each database."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy.orm import Session

from marketplace.application import Skillbank
from marketplace.database import db


@pytest.fixture
def session(app: Skillbank) -> Iterator[Session]:
    """The application's session, inside its context."""
    with app.app_context():
        db.create_all()
        yield db.session()
        db.session.remove()
