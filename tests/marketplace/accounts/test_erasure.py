"""A person is erased: nothing says who they were, and the books stay whole."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient

from ledger import Book
from marketplace.accounts.actor import Actor
from marketplace.accounts.erasure import FORMER_STAFF, erase_person
from marketplace.accounts.models import (
    OneTimeLink,
    Person,
    RoleGrant,
    SignIn,
    TrustGrant,
)
from marketplace.accounts.one_time_links import Purpose, make
from marketplace.accounts.queries import administrators_of
from marketplace.accounts.roles import Role
from marketplace.accounts.service import authenticate, normalise_email
from marketplace.accounts.sessions import Method, begin
from marketplace.application import Skillbank
from marketplace.errors import NotAllowed, NotFound, Refusal
from marketplace.exchanges.models import Exchange, State
from marketplace.exchanges.service import cancel
from marketplace.mail.models import Email
from marketplace.mail.service import queue_email
from marketplace.outbox.models import OutboxEvent
from marketplace.schools.models import Trust
from tests.marketplace.accounts.factories import PASSWORD, PersonFactory, actor_for, staff
from tests.marketplace.browser import Browser
from tests.marketplace.exchanges.factories import brought_to
from tests.marketplace.factories import saved
from tests.marketplace.listings.factories import posted
from tests.marketplace.network.factories import joined_school
from tests.marketplace.schools.factories import SchoolFactory


def as_actor(person: Person, *roles: Role) -> Actor:
    return Actor(person.id, person.name, frozenset(roles))


def test_whoever_asks_to_be_erased_is_nobody_after(app: Skillbank) -> None:
    with saved(app) as session:
        school = joined_school()
        actor = actor_for(school)
        address = session.get_one(Person, actor.person_id).email
        session.get_one(Person, actor.person_id).listed_at = school.joined_at
        erase_person(session, actor, actor.person_id)
        session.commit()
        person = session.get_one(Person, actor.person_id)
        assert (person.name, person.email) == (
            FORMER_STAFF,
            f"erased-{person.id}@erased.invalid",
        )
        assert (person.password_hash, person.active, person.listed_at) == (None, False, None)
        assert authenticate(session, address, PASSWORD) is None
        assert authenticate(session, person.email, PASSWORD) is None
        with pytest.raises(Refusal):
            normalise_email(person.email)
        grants = sa.select(sa.func.count()).where(RoleGrant.person_id == person.id)
        assert session.scalar(grants) == 0
        event = session.scalars(sa.select(OutboxEvent).order_by(OutboxEvent.id.desc())).first()
        assert (event.type, event.data, event.school_urns, event.actor_id) == (
            "person.erased",
            {"person_id": person.id},
            [school.urn],
            person.id,
        )


def test_erasing_twice_changes_nothing(app: Skillbank) -> None:
    with saved(app) as session:
        actor = actor_for(joined_school())
        erase_person(session, actor, actor.person_id)
        session.commit()
        first = session.get_one(Person, actor.person_id).erased_at
        events = session.scalar(sa.select(sa.func.count()).select_from(OutboxEvent))
        erase_person(session, actor, actor.person_id)
        assert session.get_one(Person, actor.person_id).erased_at == first
        assert session.scalar(sa.select(sa.func.count()).select_from(OutboxEvent)) == events


def test_the_database_lets_no_erased_account_be_used_again(app: Skillbank) -> None:
    with saved(app) as session:
        actor = actor_for(joined_school())
        erase_person(session, actor, actor.person_id)
        session.commit()
        person = session.get_one(Person, actor.person_id)
        person.active = True
        with pytest.raises(sa.exc.IntegrityError):
            session.flush()
        session.rollback()


def test_an_operator_erases_others_and_nobody_else_does(app: Skillbank) -> None:
    with saved(app) as session:
        school = joined_school()
        other = staff(school, Role.MEMBER)
        head = actor_for(school, Role.ADMINISTRATOR)
        with pytest.raises(NotAllowed):
            erase_person(session, head, other.id)
        operator = as_actor(PersonFactory(roles=[(Role.OPERATOR, None)]), Role.OPERATOR)
        with pytest.raises(NotFound):
            erase_person(session, operator, 999_999)
        assert erase_person(session, operator, other.id).name == FORMER_STAFF


def test_the_only_administrator_makes_another_one_first(app: Skillbank) -> None:
    with saved(app) as session:
        school = joined_school(name="Hope Primary")
        head = actor_for(school, Role.ADMINISTRATOR)
        staff(school, Role.ADMINISTRATOR, password_hash=None)  # has never signed in
        staff(joined_school(), Role.ADMINISTRATOR)
        with pytest.raises(Refusal, match=r"only administrator of Hope Primary\. Invite another"):
            erase_person(session, head, head.person_id)
        staff(school, Role.ADMINISTRATOR)
        assert erase_person(session, head, head.person_id).name == FORMER_STAFF


def test_an_administrator_without_a_password_counts_once_signed_in(app: Skillbank) -> None:
    with saved(app) as session:
        school = joined_school()
        head = actor_for(school, Role.ADMINISTRATOR)
        deputy = staff(school, Role.ADMINISTRATOR, password_hash=None)
        assert administrators_of(session, school.urn) == {head.person_id}
        with app.test_request_context(method="POST"):
            begin(session, deputy, method=Method.SINGLE_SIGN_ON)
        assert administrators_of(session, school.urn) == {head.person_id, deputy.id}
        assert erase_person(session, head, head.person_id).name == FORMER_STAFF


def test_the_administrator_of_a_trust_counts_for_each_of_its_schools(app: Skillbank) -> None:
    with saved(app) as session:
        trust = Trust(name="Beech Trust", code="4242")
        session.add(trust)
        session.flush()
        school = joined_school(name="Hope Primary", trust=trust)
        SchoolFactory(trust=trust)  # does not take part
        head = actor_for(school, Role.ADMINISTRATOR)
        people = [PersonFactory(), PersonFactory()]
        for person in people:
            session.add(
                TrustGrant(
                    person_id=person.id,
                    trust_id=trust.id,
                    role=Role.TRUST_ADMINISTRATOR,
                    granted_at=person.created_at,
                )
            )
        session.flush()
        assert erase_person(session, head, head.person_id).name == FORMER_STAFF
        first, last = (as_actor(person) for person in people)
        assert erase_person(session, first, first.person_id).name == FORMER_STAFF
        with pytest.raises(Refusal, match="only administrator of Hope Primary"):
            erase_person(session, last, last.person_id)


def test_what_is_held_on_the_person_alone_goes(app: Skillbank, client: FlaskClient) -> None:
    with saved(app) as session:
        school = joined_school()
        actor = actor_for(school)
        colleague = staff(school, Role.MEMBER)
        person = session.get_one(Person, actor.person_id)
        make(session, Purpose.PASSWORD_RESET, person.id, maker_id=colleague.id)
        make(session, Purpose.PASSWORD_RESET, colleague.id, maker_id=person.id)
        queue_email(session, template="test", to=person.email, person_id=person.id)
        queue_email(session, template="test", to=colleague.email, person_id=colleague.id)
    browser = Browser(client).be(actor).get("/home")
    assert browser.status == 200
    with saved(app) as session:
        erase_person(session, actor, actor.person_id)
    assert browser.get("/home").path.startswith("/sign-in")
    with saved(app) as session:
        for model in (SignIn, OneTimeLink):
            rows = sa.select(sa.func.count()).where(model.person_id == actor.person_id)
            assert session.scalar(rows) == 0, model
        assert set(session.scalars(sa.select(Email.person_id))) == {colleague.id}
        others_link = session.scalars(sa.select(OneTimeLink)).one()
        assert (others_link.person_id, others_link.maker_id) == (colleague.id, None)


def test_the_administrator_of_a_closed_school_may_go(app: Skillbank) -> None:
    with saved(app) as session:
        school = joined_school()
        head = actor_for(school, Role.ADMINISTRATOR)
        school.status = "closed"
        session.flush()
        assert erase_person(session, head, head.person_id).name == FORMER_STAFF


def test_the_only_operator_makes_another_one_first(app: Skillbank) -> None:
    with saved(app) as session:
        operator = as_actor(PersonFactory(roles=[(Role.OPERATOR, None)]), Role.OPERATOR)
        with pytest.raises(Refusal, match="only operator of the network"):
            erase_person(session, operator, operator.person_id)
        PersonFactory(roles=[(Role.OPERATOR, None)])
        assert erase_person(session, operator, operator.person_id).name == FORMER_STAFF


def everything_in_the_ledger(session: sa.orm.Session) -> str:
    """Every text and number of every table of the ledger."""
    tables = [
        name
        for name in sa.inspect(session.connection()).get_table_names()
        if name.startswith("ledger_")
    ]
    assert len(tables) > 5
    rows = [
        repr(tuple(row))
        for name in tables
        for row in session.execute(sa.text(f"SELECT * FROM {name}"))
    ]
    assert len(rows) > 20
    return "\n".join(rows)


def test_no_name_and_no_typed_reason_gets_into_the_ledger(app: Skillbank) -> None:
    """What is in the ledger stays for ever, so people are in it by number only."""
    with saved(app) as session:
        schools = [joined_school(), joined_school()]
        us, them = (actor_for(school) for school in schools)
        for number, actor in enumerate((us, them)):
            session.get_one(Person, actor.person_id).name = f"Zebedee {number}"
        us, them = (
            Actor(a.person_id, f"Zebedee {n}", a.roles, a.urn, a.school_name)
            for n, a in enumerate((us, them))
        )
        for state in State:
            brought_to(state, us, them)
        agreed = brought_to(State.AGREED, us, them)
        cancel(session, us, agreed, "Zebedee is ill, said Dougal.", version=agreed.version)
        session.commit()
        texts = everything_in_the_ledger(session)
        emails = session.scalars(sa.select(Person.email)).all()
        assert f"person:{us.person_id}" in texts
        for word in ("Zebedee", "Dougal", *emails):
            assert word not in texts, word


def test_after_an_erasure_the_book_is_sound_and_the_pages_name_nobody(
    app: Skillbank, client: FlaskClient
) -> None:
    with saved(app) as session:
        ours = joined_school()
        leaver, colleague = actor_for(ours), actor_for(ours)
        partner = actor_for(joined_school())
        name = session.get_one(Person, leaver.person_id).name = "Zebedee Spring"
        listing_id = posted(leaver).id
        exchange = brought_to(State.CONFIRMED, partner, leaver)
        brought_to(State.AGREED, leaver, partner)
        numbers = (exchange.id, exchange.enquiry_id, exchange.transaction_id)
        session.commit()
        erase_person(session, leaver, leaver.person_id)
        session.commit()
        assert Book(session).verify(thorough=True).sound
        assert session.get_one(Exchange, numbers[0]).state == State.CONFIRMED
    with saved(app):
        auditor = PersonFactory(roles=[(Role.AUDITOR, None)])
    paths = [
        f"/exchanges/{numbers[0]}",
        f"/messages/{numbers[1]}",
        "/messages",
        f"/listings/{listing_id}",
        "/home",
    ]
    money = f"/credits/transactions/{numbers[2]}"
    for who, seen in ((colleague, [*paths, money]), (partner, [*paths[:3], money])):
        for path in seen:
            text = Browser(client).be(who).get(path).text
            assert client.get(path).status_code == 200
            assert name not in text, path
            assert f"person:{leaver.person_id}" not in text, path
    for path in [*paths[:2], money]:
        assert FORMER_STAFF in Browser(client).be(partner).get(path).text, path
    journal = Browser(client).be(auditor).get("/credits/book/journal?include=everything").text
    assert FORMER_STAFF in journal
    assert name not in journal


def test_an_entry_says_by_name_who_made_it(app: Skillbank, client: FlaskClient) -> None:
    with saved(app) as session:
        us, them = actor_for(joined_school()), actor_for(joined_school())
        session.get_one(Person, us.person_id).name = "Ada Bursar"
        number = brought_to(State.CONFIRMED, them, us).transaction_id
    browser = Browser(client).be(us).get(f"/credits/transactions/{number}")
    assert "By Ada Bursar" in browser.text
    assert "person:" not in browser.text


@pytest.fixture
def erase_on_the_server(app: Skillbank) -> Callable[..., tuple[int, str]]:
    def invoke(*arguments: str) -> tuple[int, str]:
        result = app.test_cli_runner().invoke(args=["people", "erase", *arguments])
        return result.exit_code, result.output

    return invoke


def test_the_command_erases_by_address(
    app: Skillbank, erase_on_the_server: Callable[..., tuple[int, str]]
) -> None:
    with saved(app):
        school = joined_school()
        person_id = staff(school, Role.MEMBER, email="ada@example.org").id
        staff(school, Role.ADMINISTRATOR, email="head@example.org")
    code, output = erase_on_the_server("Ada@example.org", "--reason", "left", "--yes")
    assert (code, "ada@example.org has been erased" in output) == (0, True)
    with saved(app) as session:
        assert session.get_one(Person, person_id).name == FORMER_STAFF
    code, output = erase_on_the_server("ada@example.org", "--yes")
    assert (code, output) == (1, "Error: There is no account with the address ada@example.org.\n")
    code, output = erase_on_the_server("head@example.org", "--yes")
    assert code == 1
    assert "only administrator" in output
    code, output = erase_on_the_server("head@example.org")
    assert code == 1
    assert "Erase this person for ever?" in output
