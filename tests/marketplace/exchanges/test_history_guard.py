"""The history of exchanges: the database lets nobody change or delete a step."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from marketplace.application import Skillbank
from marketplace.exchanges.history_guard import FIXED
from marketplace.exchanges.models import ExchangeEvent, State
from tests.marketplace.accounts.factories import actor_for
from tests.marketplace.exchanges.factories import brought_to
from tests.marketplace.factories import saved
from tests.marketplace.network.factories import joined_school


@pytest.fixture
def event_id(app: Skillbank) -> int:
    with saved(app) as session:
        us, them = actor_for(joined_school()), actor_for(joined_school())
        exchange = brought_to(State.AGREED, us, them)
        return session.scalars(
            sa.select(ExchangeEvent.id).where(ExchangeEvent.exchange_id == exchange.id)
        ).first()


def test_every_column_but_the_text_is_fixed() -> None:
    assert {*FIXED, "text"} == set(ExchangeEvent.__table__.columns.keys())


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE exchange_event SET text = 'We never said so.' WHERE id = :id",
        "UPDATE exchange_event SET step = 'decline' WHERE id = :id",
        "UPDATE exchange_event SET person_id = person_id + 1 WHERE id = :id",
        "UPDATE exchange_event SET minutes = NULL, text = '' WHERE id = :id",
        "UPDATE exchange_event SET minutes = 1, text = '' WHERE id = :id",
        "UPDATE exchange_event SET at = '2020-01-01 00:00:00', text = '' WHERE id = :id",
        "DELETE FROM exchange_event WHERE id = :id",
    ],
)
def test_a_step_is_never_changed(app: Skillbank, event_id: int, statement: str) -> None:
    with saved(app) as session:
        with pytest.raises(sa.exc.DBAPIError, match="is never changed"):
            session.execute(sa.text(statement), {"id": event_id})
        session.rollback()


def test_a_text_can_be_removed(app: Skillbank, event_id: int) -> None:
    with saved(app) as session:
        event = session.get_one(ExchangeEvent, event_id)
        assert event.text
        event.text = ""
    with saved(app) as session:
        assert session.get_one(ExchangeEvent, event_id).text == ""
