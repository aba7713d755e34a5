"""What is held on a person: nothing is forgotten in the register, and the person can read it."""

from __future__ import annotations

import json

import pytest

from marketplace.accounts.roles import Role
from marketplace.application import Skillbank
from marketplace.database import db
from marketplace.exchanges.models import State
from marketplace.privacy.holdings import Holdings, Keep, get_holdings, personal_data
from tests.marketplace.accounts.factories import actor_for, staff
from tests.marketplace.exchanges.factories import brought_to
from tests.marketplace.factories import saved
from tests.marketplace.listings.factories import posted
from tests.marketplace.network.factories import joined_school

WITHOUT_FOREIGN_KEY = {"person.id", "outbox_event.actor_id"}
"""Columns with the number of a person that refer to no row."""
SECRETS = ("hash", "token", "secret", "password", "key")


def test_every_column_that_names_a_person_is_in_the_register(app: Skillbank) -> None:
    """A new table with a person in it needs a `Holding` in the ``init_app`` of its feature."""
    columns = {
        f"{table.name}.{column.name}"
        for table in db.metadata.tables.values()
        for column in table.columns
        if any(key.target_fullname == "person.id" for key in column.foreign_keys)
    }
    registered = [holding.column_name for holding in get_holdings(app)]
    assert columns | WITHOUT_FOREIGN_KEY == set(registered)
    assert len(registered) == len(set(registered))


def test_nothing_secret_is_shown(app: Skillbank) -> None:
    for holding in get_holdings(app):
        for column in holding.shown:
            assert not any(word in column.key for word in SECRETS), (holding.name, column.key)
        assert holding.about[0].islower(), holding.about
        if isinstance(holding.on_erasure, Keep):
            assert holding.on_erasure.because.endswith(".")


def test_a_person_reads_what_they_did_and_nothing_of_others(app: Skillbank) -> None:
    with saved(app) as session:
        ours = joined_school()
        actor, colleague = actor_for(ours), actor_for(ours)
        partner = actor_for(joined_school())
        posted(actor, title="Phonics coaching")
        posted(colleague, title="Not mine")
        exchange = brought_to(State.CONFIRMED, partner, actor)
        session.commit()
        data = json.loads(json.dumps(personal_data(session, actor.person_id)))
        assert data["number"] == actor.person_id
        assert data["account"][0]["name"] == actor.person_name
        assert set(data["account"][0]) == {"name", "email", "created_at", "listed_at"}
        assert [(row["school_urn"], row["role"]) for row in data["roles"]] == [
            (actor.urn, "coordinator")
        ]
        assert [row["title"] for row in data["listings"]] == ["Phonics coaching"]
        assert {row["exchange_id"] for row in data["steps of exchanges"]} == {exchange.id}
        assert {row["step"] for row in data["steps of exchanges"]} == {"propose", "confirm"}
        assert len(data["messages"]) >= 1
        assert next(row["type"] for row in data["events"]) == "listing.posted"
        everything = json.dumps(data)
        assert colleague.person_name not in everything.split('"')
        assert "argon2" not in everything


def test_a_person_without_anything_has_empty_lists(app: Skillbank) -> None:
    with saved(app) as session:
        person = staff(joined_school(), Role.MEMBER)
        data = personal_data(session, person.id)
        assert data["messages"] == data["listings"] == []


def test_two_holdings_need_two_names(app: Skillbank) -> None:
    holdings = Holdings()
    (first, *_) = get_holdings(app)
    holdings.add(first)
    with pytest.raises(ValueError, match="another holding"):
        holdings.add(first)
