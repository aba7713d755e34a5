"""Invitations by e-mail: single use, with an end, taken back, sent again; and who may give what."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
import sqlalchemy as sa

from marketplace import clock
from marketplace.accounts.holders import roles_held
from marketplace.accounts.models import Person, RoleGrant, SecurityEvent
from marketplace.accounts.roles import Role
from marketplace.application import Skillbank
from marketplace.database import db
from marketplace.limits import DAY, LIMITS, Limit, Writing
from marketplace.mail.models import FailingAddress
from marketplace.mail.service import mark_failing
from marketplace.members.models import Invitation
from marketplace.schools.models import School, Trust
from tests.marketplace.accounts.factories import PersonFactory, staff
from tests.marketplace.browser import Browser
from tests.marketplace.factories import saved
from tests.marketplace.letters import emails_to, link_in, newest_link
from tests.marketplace.network.factories import joined_school

NEW = "four quiet green lamps"
JO = "jo@example.org"


class Office:
    """A school with an administrator, and another school of the network."""

    def __init__(self, app: Skillbank) -> None:
        self.app = app
        with saved(app):
            self.school = joined_school(name="Hope Primary")
            self.other = joined_school(name="Ash School")
            self.head = staff(self.school, Role.ADMINISTRATOR, name="Head")
            self.operator = PersonFactory(roles=[(Role.OPERATOR, None)], name="Olu")
        self.page = f"/schools/{self.school.urn}/people"

    def browser(self, who: Person | None = None) -> Browser:
        browser = Browser(self.app.test_client())
        return browser.be(who) if who else browser

    def invite(self, email: str = JO, roles: str | list[str] = "member", **typed: str) -> Browser:
        head = self.browser(self.head).get(self.page)
        values = {"name": "Jo Bloggs", "email": email, "roles": roles} | typed
        return head.submit("Send the invitation", **values)

    def link(self) -> str:
        self.invite()
        return newest_link(self.app, JO)

    def accept(self, link: str, **typed: str) -> Browser:
        values = {"name": "Jo Bloggs", "new_password": NEW, "repeat_password": NEW} | typed
        return self.browser().get(link).submit("Join Hope Primary", **values)

    def later(self, **time: float) -> None:
        """Let every invitation have been sent some time ago."""
        ago = timedelta(**time)
        with saved(self.app) as session:
            for invitation in session.scalars(sa.select(Invitation)):
                invitation.created_at -= ago
                invitation.sent_at -= ago
                invitation.expires_at -= ago

    def roles(self, email: str = JO) -> set[tuple[str, int | None]]:
        with self.app.app_context():
            return set(
                db.session.execute(
                    sa.select(RoleGrant.role, RoleGrant.school_urn)
                    .join(Person)
                    .where(Person.email == email)
                )
            )


@pytest.fixture
def office(app: Skillbank) -> Office:
    return Office(app)


def test_an_invited_colleague_joins_with_a_link_that_works_once(office: Office) -> None:
    head = office.invite("Jo@Example.org", ["coordinator", "administrator"])
    assert head.flashes == [
        "The invitation is on its way to jo@example.org. It is open for 7 days."
    ]
    assert "Jo Bloggs jo@example.org Coordinator, administrator" in head.text
    [email] = emails_to(office.app, JO)
    assert email.subject == "Head invites you to Hope Primary on Skillbank"
    assert "posts offers and requests, agrees and confirms exchanges" in (email.text or "")
    link = link_in(email)
    assert link not in head.answer.text
    assert office.roles() == set()
    jo = office.browser().get(link)
    assert jo.heading == "Join Hope Primary"
    assert "Head invites you" in jo.text
    assert jo.values("Join Hope Primary")["name"] == ["Jo Bloggs"]
    jo = office.accept(link)
    assert jo.flashes == ["Welcome. Next time, sign in with jo@example.org."]
    assert jo.heading == "Hope Primary"
    urn = office.school.urn
    assert office.roles() == {("coordinator", urn), ("administrator", urn)}
    assert office.browser().sign_in(JO, NEW).heading == "Hope Primary"
    again = office.browser().get(link)
    assert (again.status, again.heading) == (410, "This invitation has ended")
    assert "Jo Bloggs jo@example.org Coordinator, administrator" in head.get(office.page).text


def test_looking_at_an_invitation_does_not_use_it(office: Office) -> None:
    """Programs that check e-mails for viruses open every link."""
    link = office.link()
    for _ in range(3):
        assert office.browser().get(link).status == 200
    assert office.accept(link).heading == "Hope Primary"


@pytest.mark.parametrize(("hours", "status"), [(7 * 24 - 1, 200), (7 * 24 + 1, 410)])
def test_an_invitation_ends_after_a_week(office: Office, hours: int, status: int) -> None:
    link = office.link()
    office.later(hours=hours)
    assert office.browser().get(link).status == status
    shown = office.browser(office.head).get(office.page).text
    assert ("Expired" in shown) == (status == 410)


def test_an_invitation_that_is_sent_again_has_a_new_link_and_a_new_week(office: Office) -> None:
    first = office.link()
    office.later(days=8)
    head = office.browser(office.head).get(office.page).submit("Send again")
    assert head.flashes == ["A new link is on its way to jo@example.org; the old one has ended."]
    second = newest_link(office.app, JO)
    assert office.browser().get(first).status == 410
    assert office.accept(second).heading == "Hope Primary"


def test_a_second_invitation_ends_the_first(office: Office) -> None:
    first = office.link()
    office.later(minutes=2)
    office.invite(roles=["finance"])
    second = newest_link(office.app, JO)
    assert first != second
    assert office.browser().get(first).status == 410
    office.accept(second)
    assert office.roles() == {("finance", office.school.urn)}


def test_a_button_pressed_twice_sends_one_invitation(office: Office) -> None:
    link = office.link()
    office.invite()
    assert [link_in(email) for email in emails_to(office.app, JO)] == [link]


def test_an_invitation_that_is_taken_back_no_longer_works(office: Office) -> None:
    link = office.link()
    page = office.browser(office.head).get(office.page)
    open_before = office.browser().get(link)
    page.submit("Take back")
    assert page.flashes == ["The invitation to jo@example.org has been taken back."]
    assert office.browser().get(link).status == 410
    open_before.submit("Join Hope Primary", new_password=NEW, repeat_password=NEW)
    assert open_before.status == 410
    assert office.roles() == set()
    assert "Take back" not in page.get(office.page).buttons


def test_an_account_elsewhere_is_not_told_and_accepts_with_its_own_sign_in(
    office: Office,
) -> None:
    """Neither the name nor the school of the account is shown to who types its address."""
    with saved(office.app):
        jo = staff(office.other, Role.FINANCE, name="Secret Name", email=JO)
    head = office.invite()
    assert "The invitation is on its way" in head.flashes[0]
    assert "Secret Name" not in head.text
    link = newest_link(office.app, JO)
    visitor = office.browser().get(link)
    assert "jo@example.org has an account already. Sign in with it to accept." in visitor.text
    assert "Join Hope Primary" not in visitor.buttons
    head.get(link)
    assert "sign out first" in head.text
    theirs = office.browser(jo).get(link).submit("Join Hope Primary")
    assert theirs.flashes == ["You now work with Hope Primary on Skillbank."]
    assert office.roles() == {("finance", office.other.urn), ("member", office.school.urn)}


def test_another_persons_session_cannot_accept(office: Office) -> None:
    with saved(office.app):
        staff(office.other, Role.MEMBER, email=JO)
    link = office.link()
    head = office.browser(office.head).get(link)
    head.post(link, {"csrf_token": head.values("Sign out")["csrf_token"]})
    assert head.status == 403
    assert office.roles() == {("member", office.other.urn)}


def test_a_colleague_is_not_invited_again(office: Office) -> None:
    with saved(office.app):
        staff(office.school, Role.MEMBER, name="Jo Bloggs", email=JO)
    head = office.invite()
    assert head.status == 422
    assert "Jo Bloggs works here already" in head.errors[0]
    assert emails_to(office.app, JO) == []


def test_an_account_that_is_switched_off_cannot_accept(office: Office) -> None:
    with saved(office.app):
        PersonFactory(email=JO, active=False)
    jo = office.accept(office.link())
    assert jo.status == 422
    assert "is switched off" in jo.errors[0]


def test_a_closed_school_takes_nobody(office: Office) -> None:
    link = office.link()
    with saved(office.app) as session:
        session.get_one(School, office.school.urn).status = "closed"
    assert office.accept(link).status == 422
    assert office.roles() == set()


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        ({"email": "nonsense"}, "“nonsense” is not an e-mail address"),
        ({"email": ""}, "Write the e-mail address."),
        ({"name": " "}, "Name: write something here."),
        ({"name": "x" * 101}, "Name: use at most 100 characters."),
        ({"roles": None}, "Roles: tick at least one."),
    ],
)
def test_a_bad_entry_invites_nobody_and_keeps_what_was_typed(
    office: Office, typed: dict[str, str | None], message: str
) -> None:
    right = {"name": "Jo Bloggs", "email": JO, "roles": "finance"}
    head = office.browser(office.head).get(office.page)
    head.submit("Send the invitation", **(right | typed))
    assert head.status == 422
    assert any(message in error for error in head.errors)
    shown = head.values("Send the invitation")
    for name, value in (right | typed).items():
        assert shown.get(name, [""]) == [(value or "").strip()]
    assert emails_to(office.app, JO) == []


@pytest.mark.parametrize("role", ["operator", "trust_administrator", "trust_finance"])
def test_a_role_that_the_school_cannot_give_is_refused(office: Office, role: str) -> None:
    head = office.browser(office.head).get(office.page)
    values = head.values("Send the invitation") | {"name": ["Jo"], "email": [JO], "roles": [role]}
    assert head.post(office.page, values).status == 422
    assert emails_to(office.app, JO) == []


def test_a_school_sends_so_many_a_day(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(LIMITS, Writing.INVITATIONS, (Limit("school", 2, DAY),))
    for number in range(2):
        office.invite(f"{number}@example.org")
    head = office.invite("third@example.org")
    assert (head.status, emails_to(office.app, "third@example.org")) == (429, [])
    assert "limit of 2 invitations within a day" in head.errors[0]
    office.later(days=1)
    assert "on its way" in office.invite("third@example.org").flashes[0]


def test_two_presses_at_once_accept_once(office: Office) -> None:
    link = office.link()
    pages = [office.browser().get(link) for _ in range(2)]
    barrier = Barrier(2)

    def press(page: Browser) -> int:
        values = page.values("Join Hope Primary") | {
            "new_password": [NEW],
            "repeat_password": [NEW],
        }
        barrier.wait()
        return page.client.post(link, data=values).status_code

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(press, pages)) == [302, 410]
    assert office.roles() == {("member", office.school.urn)}


def test_what_happens_to_invitations_is_in_the_security_log(office: Office) -> None:
    office.accept(office.link())
    with office.app.app_context():
        events = db.session.scalars(sa.select(SecurityEvent).order_by(SecurityEvent.id)).all()
    assert [event.kind for event in events] == ["invited", "invitation_accepted", "signed_in"]
    assert JO not in repr([event.details for event in events])


def test_an_operator_invites_the_first_administrator_of_a_school(office: Office) -> None:
    operator = office.browser(office.operator).get(f"/schools/{office.other.urn}/people")
    assert "Nobody yet" in operator.text
    operator.submit("Send the invitation", name="First", email=JO, roles="administrator")
    first = office.browser().get(newest_link(office.app, JO))
    first.submit("Join Ash School", name="First", new_password=NEW, repeat_password=NEW)
    assert first.heading == "Ash School"
    assert "First jo@example.org Administrator" in first.get("/people").text


@pytest.fixture
def trust(office: Office) -> list[School]:
    """Three schools of a trust, of which one takes part later, and one of another."""
    with saved(office.app) as session:
        ours, theirs = Trust(name="Hope Trust", code="1"), Trust(name="Ash Trust", code="2")
        session.add_all([ours, theirs])
        session.flush()
        session.get_one(School, office.school.urn).trust_id = ours.id
        session.get_one(School, office.other.urn).trust_id = theirs.id
        second = joined_school(name="Second School")
        session.get_one(School, second.urn).trust_id = ours.id
        return [office.school, second, office.other]


def test_a_trusts_administrator_sees_to_all_its_schools(
    office: Office, trust: list[School]
) -> None:
    operator = office.browser(office.operator).get(office.page)
    operator.submit("Send the invitation", name="Tru", email=JO, roles="trust_administrator")
    assert "every school of the trust" in (emails_to(office.app, JO)[0].text or "")
    office.accept(newest_link(office.app, JO))
    tru = office.browser().sign_in(JO, NEW)
    first, second, other = (f"/schools/{school.urn}/people" for school in trust)
    assert tru.get(first).status == 200
    tru.get("/home").submit("Switch", membership=f"school:{trust[1].urn}")
    assert tru.heading == "Second School"
    tru.get(second).submit("Send the invitation", name="New", email="n@e.org", roles="member")
    assert "on its way to n@e.org" in tru.flashes[0]
    assert tru.get(other).status == 404
    assert "trust administrator" in tru.get("/home").text


def test_one_administrator_of_a_trust_names_another_and_removes_them(
    office: Office, trust: list[School]
) -> None:
    operator = office.browser(office.operator).get(office.page)
    operator.submit("Send the invitation", name="Tru", email=JO, roles="trust_administrator")
    tru = office.accept(newest_link(office.app, JO))
    tru.get(office.page)
    tru.submit("Send the invitation", name="Two", email="two@e.org", roles="trust_administrator")
    two = office.accept(newest_link(office.app, "two@e.org"), name="Two")
    assert two.heading == "Hope Primary"
    assert office.browser(office.head).get(office.page).text.count("Remove Two") == 0
    assert tru.get(office.page).text.count("Remove Two") == 1
    with office.app.app_context():
        person_id = db.session.scalar(sa.select(Person.id).where(Person.email == "two@e.org"))
    path = f"/schools/{office.school.urn}/trust-administrators/{person_id}/remove"
    assert office.browser(office.head).get(path).status == 403
    tru.get(path).submit("Remove from the trust")
    assert tru.flashes == ["Two no longer administers the trust."]
    assert two.get("/home").path.startswith("/sign-in")
    assert two.sign_in("two@e.org", NEW).heading == "No school to act for"
    assert tru.get(path).status == 404


def test_a_trusts_administrator_names_its_finance_staff_and_removes_them(
    office: Office, trust: list[School]
) -> None:
    operator = office.browser(office.operator).get(office.page)
    operator.submit("Send the invitation", name="Tru", email=JO, roles="trust_administrator")
    tru = office.accept(newest_link(office.app, JO))
    fay = {"name": "Fay", "email": "fay@e.org", "roles": "trust_finance"}
    tru.get(office.page).submit("Send the invitation", **fay)
    assert "reads the credits" in (emails_to(office.app, "fay@e.org")[0].text or "")
    director = office.accept(newest_link(office.app, "fay@e.org"), name="Fay")
    with office.app.app_context():
        fay_id = db.session.scalars(sa.select(Person.id).where(Person.email == "fay@e.org")).one()
        assert roles_held(db.session(), fay_id) == {
            school.urn: {Role.TRUST_FINANCE} for school in trust[:2]
        }
    tru.get(office.page).submit("Send the invitation", **fay)
    assert tru.errors == ["Fay has this role for the trust already."]
    path = f"/schools/{office.school.urn}/trust-finance/{fay_id}/remove"
    assert office.browser(office.head).get(path).status == 403
    assert tru.get(path.replace("finance", "administrators")).status == 404
    tru.get(path).submit("Remove from the trust")
    assert tru.flashes == ["Fay no longer reads the trust’s credits."]
    assert director.get("/home").path.startswith("/sign-in")
    assert tru.get(path).status == 404
    assert tru.get(office.page).text.count("Remove Jo Bloggs as trust") == 1


def test_a_school_with_an_administrator_of_its_trust_may_lose_its_own(
    office: Office, trust: list[School]
) -> None:
    head = office.browser(office.head).get(f"{office.page}/{office.head.id}/remove")
    head.submit("Remove from Hope Primary")
    assert "only administrator" in head.errors[0]
    operator = office.browser(office.operator).get(office.page)
    operator.submit("Send the invitation", name="Tru", email=JO, roles="trust_administrator")
    office.accept(newest_link(office.app, JO))
    head.get(f"{office.page}/{office.head.id}/remove").submit("Remove from Hope Primary")
    assert head.flashes == ["Head has been removed from Hope Primary."]


def test_many_are_shown_before_they_are_invited(office: Office) -> None:
    head = office.browser(office.head).get(office.page + "/invite")
    lines = "Name;E-mail;Roles\nJo Bloggs;jo@example.org;coordinator, finance\nAl;al@example.org;"
    head.submit("Check the list", colleagues=lines)
    assert head.status == 200
    assert "2 Jo Bloggs jo@example.org Coordinator, finance" in head.text
    assert "3 Al al@example.org Member" in head.text
    assert emails_to(office.app, JO) == []
    head.submit("Send 2 invitations")
    assert head.flashes == ["2 invitations are on their way."]
    for address, roles in ((JO, "coordinator finance"), ("al@example.org", "member")):
        assert len(emails_to(office.app, address)) == 1
        with office.app.app_context():
            query = sa.select(Invitation.roles).where(Invitation.email == address)
            assert db.session.scalar(query) == roles


def test_a_list_with_a_mistake_sends_nothing(office: Office) -> None:
    with saved(office.app):
        staff(office.school, Role.MEMBER, name="Al", email="al@example.org")
    head = office.browser(office.head).get(office.page + "/invite")
    head.submit("Check the list", colleagues="Jo,jo@example.org,boss\nAl,al@example.org,member")
    assert "“boss” is not a role" in head.text
    assert "Check the list" in head.buttons
    head.submit("Check the list", colleagues="Jo,jo@example.org,\nAl,al@example.org,member")
    head.submit("Send 2 invitations")
    assert head.status == 422
    assert "Line 2 (al@example.org): Al works here already" in head.errors[0]
    assert emails_to(office.app, JO) == []


def test_an_invitation_is_of_the_instant_it_was_sent(office: Office) -> None:
    office.invite()
    with office.app.app_context():
        invitation = db.session.scalars(sa.select(Invitation)).one()
        assert clock.now() - invitation.sent_at < timedelta(minutes=1)
        assert invitation.expires_at - invitation.sent_at == timedelta(days=7)


def test_an_accepted_invitation_shows_that_the_address_takes_email(office: Office) -> None:
    link = office.link()
    with saved(office.app) as session:
        mark_failing(session, JO, "It was full.")
    office.accept(link)
    with office.app.app_context():
        assert db.session.scalars(sa.select(FailingAddress)).all() == []
