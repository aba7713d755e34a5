"""Being listed: only who agreed is named to other schools, and it can be taken back."""

from __future__ import annotations

import sqlalchemy as sa
from flask.testing import FlaskClient

from marketplace.accounts.models import Person
from marketplace.accounts.roles import Role
from marketplace.application import Skillbank
from marketplace.help.queries import ListedPerson, listed_people
from marketplace.help.service import set_listed
from marketplace.outbox.models import OutboxEvent
from tests.marketplace.accounts.factories import PersonFactory, actor_for, staff
from tests.marketplace.browser import Browser
from tests.marketplace.factories import saved
from tests.marketplace.network.factories import joined_school


def test_a_person_is_listed_from_when_they_agree_until_they_take_it_back(
    app: Skillbank, client: FlaskClient
) -> None:
    with saved(app) as session:
        school = joined_school()
        actor, reader = actor_for(school, Role.FINANCE), actor_for(joined_school())
        session.get_one(Person, actor.person_id).name = "Ada Bursar"
        staff(school, Role.MEMBER, name="Silent Sam")
    mine, theirs = Browser(client), Browser(app.test_client()).be(reader)
    page = f"/schools/{school.urn}"
    assert "Ada Bursar" not in theirs.get(page).text
    assert "People to turn to" not in theirs.text
    mine.be(actor).get("/account/consent").submit("Save", listed="y")
    assert mine.flashes == [
        "Saved. Other schools now see your name and role on your school’s page."
    ]
    assert "You agreed on" in mine.text
    assert "Ada Bursar , finance" in theirs.get(page).text
    assert "Silent Sam" not in theirs.text
    mine.get("/account/consent").submit("Save", listed=None)
    assert "You are not listed." in mine.text
    assert "Ada Bursar" not in theirs.get(page).text


def test_the_public_sees_nobody(app: Skillbank, client: FlaskClient) -> None:
    with saved(app) as session:
        school = joined_school()
        set_listed(session, actor_for(school), True)
    answer = client.get(f"/schools/{school.urn}")
    assert (answer.status_code, answer.location[:8]) == (302, "/sign-in")


def test_the_list_has_names_with_roles_in_order(app: Skillbank) -> None:
    with saved(app) as session:
        school, other = joined_school(), joined_school()
        people = [
            PersonFactory(name="Zoe", roles=[(Role.FINANCE, school), (Role.MEMBER, school)]),
            PersonFactory(name="ada", roles=[(Role.ADMINISTRATOR, school), (Role.MEMBER, other)]),
            PersonFactory(name="Off", active=False, roles=[(Role.MEMBER, school)]),
        ]
        for person in people:
            person.listed_at = person.created_at
        session.flush()
        assert listed_people(session, school.urn) == [
            ListedPerson("ada", "administrator"),
            ListedPerson("Zoe", "member, finance"),
        ]
        school.status = "closed"
        session.flush()
        assert listed_people(session, school.urn) == []


def test_agreeing_twice_keeps_the_first_instant_and_is_told_once(app: Skillbank) -> None:
    with saved(app) as session:
        actor = actor_for(joined_school())
        first = set_listed(session, actor, True).listed_at
        assert set_listed(session, actor, True).listed_at == first
        assert set_listed(session, actor, False).listed_at is None
        events = session.scalars(
            sa.select(OutboxEvent).where(OutboxEvent.type == "person.consent_changed")
        ).all()
        assert [event.data for event in events] == [{"person_id": actor.person_id}] * 2
