"""What every factory shares: rows in the application's session. Each feature has its own."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from factory.alchemy import SQLAlchemyModelFactory
from sqlalchemy.orm import Session

from marketplace.application import Skillbank
from marketplace.database import db


@contextmanager
def saved(app: Skillbank) -> Iterator[Session]:
    """Make things inside: they are committed at the end, and stay readable after.

    Leave it before a client asks for a page: a request inside it would share its session.
    """
    with app.app_context():
        session = db.session()
        session.expire_on_commit = False
        yield session
        session.commit()
        session.expunge_all()


class BaseFactory(SQLAlchemyModelFactory):
    """Rows that are flushed at once in the application's session."""

    class Meta:
        abstract = True
        sqlalchemy_session_factory = db.session
        sqlalchemy_session_persistence = "flush"
