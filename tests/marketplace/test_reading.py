"""A request that only looks reads everything in one transaction, on one connection."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.pool import QueuePool

from marketplace.accounts.models import Person
from marketplace.application import Skillbank
from marketplace.database import db


def test_every_statement_of_a_page_uses_the_same_connection(app: Skillbank) -> None:
    with app.test_request_context("/"):
        session = db.session()
        for _ in range(3):
            session.scalars(sa.select(Person)).all()
            session.execute(sa.text("SELECT 1"))
        assert isinstance(db.engine.pool, QueuePool)
        assert db.engine.pool.checkedout() == 1
        session.rollback()
