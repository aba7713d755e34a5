"""The ledger's text for a person: written, read, and shown with school and roles as they were."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marketplace.accounts.ledger_actor import LedgerActor, in_order, read_ledger_actor
from marketplace.accounts.models import Person
from marketplace.accounts.roles import Role
from marketplace.application import Skillbank
from marketplace.credits.chart import actor_names
from marketplace.schools.models import School
from tests.marketplace.accounts.factories import actor_for
from tests.marketplace.factories import saved
from tests.marketplace.network.factories import joined_school

numbers = st.integers(1, 999_999_999)


@given(numbers, st.none() | numbers, st.sets(st.sampled_from(Role), min_size=1))
def test_what_is_written_is_read(person_id: int, urn: int | None, roles: set[Role]) -> None:
    person = LedgerActor(person_id, urn, in_order(roles))
    assert read_ledger_actor(str(person)) == person
    assert len(str(person)) <= 200  # the ledger takes no more


@pytest.mark.parametrize(
    "text",
    ["", "person:0", "person:1 at school:2", "person:1 at network as king", "xperson:1", "alembic"],
)
def test_other_texts_name_no_person(text: str) -> None:
    assert read_ledger_actor(text) is None


def test_a_person_of_before_roles_were_recorded_is_read() -> None:
    assert read_ledger_actor("person:12") == LedgerActor(12)


def test_people_read_the_name_with_the_school_and_the_role_of_that_time(app: Skillbank) -> None:
    with saved(app) as session:
        actor = actor_for(joined_school())
        text = str(LedgerActor(actor.person_id, actor.urn, (Role.COORDINATOR, Role.FINANCE)))
        of_network = str(LedgerActor(actor.person_id, None, (Role.OPERATOR,)))
        before = f"person:{actor.person_id}"
        names = actor_names(session, [text, of_network, before, "command:seal", ""])
        name = session.get_one(Person, actor.person_id).name
        school = session.get_one(School, actor.urn).name
    assert names == {
        text: f"{name}, coordinator, finance at {school}",
        of_network: f"{name}, operator at the network",
        before: name,
        "command:seal": "The command “seal”",
        "": "Not named",
    }
