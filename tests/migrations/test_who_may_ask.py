"""The migration that says who may ask a colleague, with its way back, on both databases."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa
from flask_migrate import downgrade, upgrade

from marketplace.database import db
from marketplace.profiles.experts.models import AskedBy
from tests.marketplace.accounts.factories import actor_for
from tests.marketplace.conftest import running
from tests.marketplace.factories import saved
from tests.marketplace.network.factories import joined_school
from tests.marketplace.profiles.factories import shared
from tests.marketplace.schools.factories import TrustFactory

CONTACT = "Staff room, Tuesdays"


def entries(column: str) -> Sequence[tuple[object, ...]]:
    query = sa.text(f"SELECT {column}, contact FROM expertise ORDER BY id")
    with db.engine.connect() as connection:
        return [tuple(row) for row in connection.execute(query)]


def test_an_address_is_shown_to_nobody_else_by_going_back(database_url: str) -> None:
    with running(database_url) as app, app.app_context():
        upgrade()
        with saved(app):
            jo = actor_for(joined_school(trust=TrustFactory()))
            for asked_by in AskedBy:
                shared(jo, asked_by=asked_by)
            shared(jo, contact="")
        downgrade(revision="0042")
        nobody = (False, "")
        assert entries("may_be_asked") == [(True, CONTACT), nobody, nobody, nobody, nobody]
        upgrade()
        assert entries("asked_by") == [("everyone", CONTACT), *[("nobody", "")] * 4]
