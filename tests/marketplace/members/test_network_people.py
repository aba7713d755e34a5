"""An operator manages who works for the network."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from marketplace.accounts.models import Person, RoleGrant
from marketplace.accounts.roles import Role
from marketplace.application import Skillbank
from marketplace.database import db
from tests.marketplace.accounts.factories import PersonFactory, staff
from tests.marketplace.browser import Browser
from tests.marketplace.factories import saved
from tests.marketplace.letters import emails_to, newest_link
from tests.marketplace.network.factories import joined_school

NEW = "four quiet green lamps"
PAGE = "/network/people"


@pytest.fixture
def olu(app: Skillbank) -> Person:
    with saved(app):
        return PersonFactory(roles=[(Role.OPERATOR, None)], name="Olu", email="olu@example.org")


def roles_of(app: Skillbank, email: str) -> set[tuple[str, int | None]]:
    with app.app_context():
        query = sa.select(RoleGrant.role, RoleGrant.school_urn).join(Person)
        return {tuple(row) for row in db.session.execute(query.where(Person.email == email))}


def invite(app: Skillbank, olu: Person, email: str, role: str) -> Browser:
    browser = Browser(app.test_client()).be(olu).get(PAGE)
    return browser.submit("Send the invitation", name="Aud", email=email, roles=role)


def test_an_auditor_is_invited_and_joins(app: Skillbank, olu: Person) -> None:
    browser = invite(app, olu, "aud@example.org", "auditor")
    assert browser.flashes == ["The invitation is on its way to aud@example.org."]
    assert "Aud aud@example.org Auditor" in browser.text
    [email] = emails_to(app, "aud@example.org")
    assert email.subject == "Olu invites you to the network’s staff on Skillbank"
    assert "reads the whole network’s ledger" in (email.text or "")
    theirs = Browser(app.test_client()).get(newest_link(app, "aud@example.org"))
    assert theirs.heading == "Join the network’s staff"
    theirs.submit("Join the network’s staff", new_password=NEW, repeat_password=NEW)
    assert theirs.status == 200
    assert roles_of(app, "aud@example.org") == {("auditor", None)}
    assert "Aud aud@example.org Auditor" in browser.get(PAGE).text


def test_a_role_at_a_school_is_not_given_here(app: Skillbank, olu: Person) -> None:
    browser = Browser(app.test_client()).be(olu).get(PAGE)
    values = browser.values("Send the invitation") | {
        "name": ["Jo"],
        "email": ["jo@example.org"],
        "roles": ["administrator"],
    }
    assert browser.post(PAGE, values).status == 422
    assert emails_to(app, "jo@example.org") == []


def test_who_works_for_the_network_is_not_invited_again(app: Skillbank, olu: Person) -> None:
    browser = invite(app, olu, "olu@example.org", "auditor")
    assert browser.status == 422
    assert "Olu works for the network already" in browser.errors[0]


def test_an_invitation_is_sent_again_and_taken_back(app: Skillbank, olu: Person) -> None:
    browser = invite(app, olu, "aud@example.org", "auditor")
    link = newest_link(app, "aud@example.org")
    browser.submit("Take back")
    assert browser.flashes == ["The invitation to aud@example.org has been taken back."]
    assert Browser(app.test_client()).get(link).status == 410


def test_an_administrator_of_a_school_cannot_change_the_networks_invitations(
    app: Skillbank, olu: Person
) -> None:
    invite(app, olu, "aud@example.org", "auditor")
    with saved(app):
        school = joined_school()
        head = staff(school, Role.ADMINISTRATOR)
    browser = Browser(app.test_client()).be(head).get("/people")
    token = {"csrf_token": browser.values("Sign out")["csrf_token"]}
    with app.app_context():
        number = db.session.scalar(sa.text("SELECT id FROM invitation"))
    for verb in ("resend", "revoke"):
        assert browser.post(f"/network/invitations/{number}/{verb}", token).status == 403
        assert (
            browser.post(f"/schools/{school.urn}/invitations/{number}/{verb}", token).status == 404
        )


def test_removing_ends_everything_at_once_and_keeps_roles_at_schools(
    app: Skillbank, olu: Person
) -> None:
    with saved(app):
        school = joined_school()
        aud = PersonFactory(
            roles=[(Role.AUDITOR, None), (Role.MEMBER, school)], name="Aud", email="aud@example.org"
        )
    theirs = Browser(app.test_client()).be(aud)
    assert theirs.get("/home").path == "/home"
    browser = Browser(app.test_client()).be(olu).get(f"{PAGE}/{aud.id}/remove")
    assert browser.heading == "Remove Aud from the staff of the network?"
    browser.submit("Remove Aud")
    assert browser.flashes == ["Aud no longer works for the network."]
    assert theirs.get("/home").path.startswith("/sign-in")
    assert roles_of(app, "aud@example.org") == {("member", school.urn)}


def test_the_last_operator_stays(app: Skillbank, olu: Person) -> None:
    browser = Browser(app.test_client()).be(olu).get(f"{PAGE}/{olu.id}/remove")
    browser.submit("Leave")
    assert browser.errors == ["This is the only operator. Invite another one first."]
    with saved(app):
        PersonFactory(roles=[(Role.OPERATOR, None)])
    browser.submit("Leave")
    assert browser.flashes == ["Olu no longer works for the network."]
    assert roles_of(app, "olu@example.org") == set()
