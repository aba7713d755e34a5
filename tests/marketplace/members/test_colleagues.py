"""An administrator manages a school's people; a link chooses a password; nobody gets too far."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from flask.testing import FlaskClient

from marketplace import clock
from marketplace.accounts.models import Person
from marketplace.accounts.roles import Role
from marketplace.application import Skillbank
from marketplace.schools.models import School
from tests.marketplace.accounts.factories import PersonFactory, staff
from tests.marketplace.browser import Browser
from tests.marketplace.factories import saved
from tests.marketplace.letters import emails_to, newest_link
from tests.marketplace.network.factories import joined_school

NEW = "four quiet green lamps"
ADMINISTRATOR, MEMBER = Role.ADMINISTRATOR, Role.MEMBER


class Office:
    """A school with an administrator, and another school of the network."""

    def __init__(self, app: Skillbank) -> None:
        self.app = app
        with saved(app):
            self.school = joined_school(name="Hope Primary")
            self.other = joined_school(name="Ash School")
            self.head = staff(self.school, ADMINISTRATOR, name="Head", email="head@example.org")
            self.operator = PersonFactory(
                roles=[(Role.OPERATOR, None)], name="Olu", email="olu@example.org"
            )

    def person(self, *roles: tuple[Role, School | None], **facts: object) -> Person:
        with saved(self.app):
            return PersonFactory(roles=roles, **({"name": "Jo Bloggs"} | facts))

    def browser(self, who: Person | None = None) -> Browser:
        browser = Browser(self.app.test_client())
        return browser.be(who) if who else browser

    def page(self, person: Person | None = None, school: School | None = None) -> str:
        path = f"/schools/{(school or self.school).urn}/people"
        return f"{path}/{person.id}" if person else path

    def link(self, email: str = "jo@example.org") -> str:
        """A link that an administrator has sent to a colleague without a password."""
        with saved(self.app):
            jo = staff(
                self.school,
                Role.MEMBER,
                Role.COORDINATOR,
                name="Jo Bloggs",
                email=email,
                password_hash=None,
            )
        return self.send_link(jo)

    def send_link(self, person: Person) -> str:
        """The link that the head sends to ``person``."""
        head = self.browser(self.head).get(self.page(person)).submit("Send the e-mail")
        assert head.flashes == [f"An e-mail is on its way to {person.email}."]
        return newest_link(self.app, person.email)

    def people(self) -> list[str]:
        browser = self.browser(self.operator).get(self.page())
        return [" ".join(item.get_text(" ").split()) for item in browser.page.select(".row-item")]


@pytest.fixture
def office(app: Skillbank) -> Office:
    return Office(app)


def choose(browser: Browser, link: str, password: str = NEW) -> Browser:
    browser.get(link)
    return browser.submit("Set the password", new_password=password, repeat_password=password)


def test_a_colleague_without_a_password_chooses_one_with_a_link_that_works_once(
    office: Office,
) -> None:
    head = office.browser(office.head).get("/people")
    assert head.path == office.page()
    assert "People" in [item.text for item in head.page.select(".site-nav [aria-current]")]
    link = office.link()
    assert "Jo Bloggs jo@example.org No password yet Member, coordinator" in office.people()
    jo = office.browser().get(link)
    assert "Welcome, Jo Bloggs. You sign in as jo@example.org." in jo.text
    choose(jo, link)
    assert jo.flashes == ["Your password is set. Next time, sign in with jo@example.org."]
    assert jo.heading == "Hope Primary"
    assert office.browser().sign_in("jo@example.org", NEW).heading == "Hope Primary"
    again = office.browser().get(link)
    assert (again.status, again.heading) == (410, "This link has expired or has been used")
    assert "Send another link" in again.text
    assert "Jo Bloggs jo@example.org Member, coordinator" in office.people()


def test_an_administrator_never_sees_the_link(office: Office) -> None:
    with saved(office.app):
        jo = staff(office.school, MEMBER, email="jo@example.org")
    head = office.browser(office.head).get(office.page(jo)).submit("Send the e-mail")
    assert newest_link(office.app, "jo@example.org") not in head.answer.text


def test_a_link_ends_after_seven_days_and_cannot_be_made_up(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    link = office.link()
    assert office.browser().get(link[:-2] + "~~").status == 410
    for odd in ("nonsense", "9" * 5000, "a.b.c", "..", "%F0%9F%8E%93"):
        assert office.browser().get(f"/choose-password/{odd}").status == 410
    week, minute, made = timedelta(days=7), timedelta(minutes=1), clock.now()
    for later, status in ((week - minute, 200), (week + minute, 410)):
        monkeypatch.setattr(clock, "now", lambda now=made + later: now)
        assert office.browser().get(link).status == status


@pytest.mark.parametrize(
    ("first", "second", "message"),
    [
        ("short", "short", "The password must have 12 to 256 characters."),
        ("", "", "Write a password."),
        (NEW, NEW + "!", "The two passwords are not the same."),
    ],
)
def test_a_bad_password_is_explained_and_the_link_stays_good(
    office: Office, first: str, second: str, message: str
) -> None:
    link = office.link()
    jo = office.browser().get(link)
    jo.submit("Set the password", new_password=first, repeat_password=second)
    assert (jo.status, message in jo.errors) == (422, True)
    assert choose(jo, link).heading == "Hope Primary"


def test_a_form_to_choose_a_password_that_has_expired_says_so(office: Office) -> None:
    link = office.link()
    values = {"new_password": [NEW], "repeat_password": [NEW]}
    jo = office.browser().post(link, values)
    assert (jo.status, jo.heading) == (400, "The page had expired")
    assert choose(jo, link).heading == "Hope Primary"


def test_roles_are_changed_and_count_at_once(office: Office) -> None:
    jo = office.person((MEMBER, office.school), email="jo@example.org")
    theirs = office.browser(jo)
    assert theirs.get("/credits").status == 403
    head = office.browser(office.head).get(office.page(jo))
    assert head.values("Save the roles")["roles"] == ["member"]
    values = head.values("Save the roles") | {"roles": ["finance", "coordinator"]}
    for said in ("The roles of Jo Bloggs have been changed.", "Nothing has changed."):
        assert head.post(office.page(jo), values).flashes == [said]
    assert "Jo Bloggs jo@example.org Coordinator, finance" in office.people()
    assert theirs.sign_in(jo).get("/credits").status == 200
    head.get(office.page(jo)).submit("Save the roles", roles=None)
    assert (head.status, head.errors) == (422, ["Roles: tick at least one."])


def test_roles_that_somebody_else_has_changed_are_not_overwritten(office: Office) -> None:
    jo = office.person((MEMBER, office.school), email="jo@example.org")
    slow = office.browser(office.head).get(office.page(jo))
    office.browser(office.operator).get(office.page(jo)).submit("Save the roles", roles="finance")
    slow.submit("Save the roles", roles=["member", "coordinator"])
    assert slow.status == 409
    assert "Someone else has changed these roles" in slow.errors[0]
    assert "Jo Bloggs jo@example.org Finance" in office.people()


def test_who_is_removed_is_out_at_once(office: Office) -> None:
    jo = office.person((MEMBER, office.school), (Role.FINANCE, office.school))
    theirs = office.browser(jo)
    assert theirs.get("/home").heading == "Hope Primary"
    head = office.browser(office.head).get(office.page(jo) + "/remove")
    assert head.heading == "Remove Jo Bloggs?"
    values = head.values("Remove from Hope Primary")
    head.post(office.page(jo) + "/remove", values)
    assert head.flashes == ["Jo Bloggs has been removed from Hope Primary."]
    head.post(office.page(jo) + "/remove", values)
    assert head.flashes == ["This person has no role at Hope Primary."]
    assert theirs.get("/home").path.startswith("/sign-in")
    assert theirs.sign_in(jo).heading == "No school to act for"
    assert head.get(office.page(jo)).status == 404
    assert len(office.people()) == 1


def test_a_forgotten_password_is_chosen_anew_and_ends_the_old_sessions(office: Office) -> None:
    jo = office.person((MEMBER, office.school))
    earlier = office.browser(jo)
    assert earlier.get("/home").status == 200
    link = office.send_link(jo)
    assert office.browser().sign_in(jo).heading == "Hope Primary"
    assert choose(office.browser(), link).heading == "Hope Primary"
    assert office.browser().sign_in(jo).status == 422
    assert earlier.get("/home").path.startswith("/sign-in")


def test_nobody_learns_a_name_by_removing_who_was_never_there(
    app: Skillbank, client: FlaskClient
) -> None:
    with saved(app):
        school, elsewhere = joined_school(), joined_school()
        head = staff(school, Role.ADMINISTRATOR)
        stranger = staff(elsewhere, Role.MEMBER, name="Edith Unknown")
    browser = Browser(client).be(head).get(f"/schools/{school.urn}/people")
    token = browser.page.find("input", {"name": "csrf_token"})["value"]
    path = f"/schools/{school.urn}/people/{stranger.id}/remove"
    browser.post(path, {"csrf_token": [token]})
    assert browser.flashes == [f"This person has no role at {school.name}."]
    assert "Edith" not in browser.text


def test_the_last_administrator_stays(office: Office) -> None:
    office.person((ADMINISTRATOR, office.school), name="Invited", password_hash=None)
    for who in (office.head, office.operator):
        browser = office.browser(who).get(office.page(office.head))
        assert browser.page.find("a", string="Remove from the school…") is None
        assert "the only administrator of Hope Primary" in browser.text
        browser.submit("Save the roles", roles=["member"])
        assert browser.status == 422
        assert "This is the only administrator of Hope Primary" in browser.errors[0]
        browser.get(office.page(office.head) + "/remove").submit("Remove from Hope Primary")
        assert browser.status == 422
        assert "This is the only administrator of Hope Primary" in browser.errors[0]
    office.person((ADMINISTRATOR, office.school))
    head = office.browser(office.head).get(office.page(office.head))
    assert head.page.find("a", string="Remove from the school…") is not None
    head.submit("Save the roles", roles=["member"])
    assert (head.status, head.path) == (200, "/home")
    assert head.get(office.page()).status == 403


def test_two_administrators_removing_each_other_leave_one(office: Office) -> None:
    for number in range(5):
        with saved(office.app):
            school = joined_school()
            pair = [staff(school, ADMINISTRATOR, email=f"{number}.{n}@x.org") for n in (1, 2)]
        barrier = Barrier(2)

        def remove(
            who: Person, whom: Person, school: School = school, barrier: Barrier = barrier
        ) -> int:
            browser = office.browser(who).get(office.page(whom, school) + "/remove")
            values = browser.values(f"Remove from {school.name}")
            barrier.wait()
            path = office.page(whom, school) + "/remove"
            return browser.client.post(path, data=values).status_code

        with ThreadPoolExecutor(2) as pool:
            answers = sorted(pool.map(remove, pair, reversed(pair)))
        assert answers[0] == 302
        assert answers[1] in (401, 403, 404, 422)
        page = office.browser(office.operator).get(office.page(school=school))
        assert len(page.page.select(".row-item")) == 1


def test_other_schools_and_those_outside_are_not_managed(office: Office) -> None:
    with saved(office.app):
        jo = staff(office.other, MEMBER)
    head = office.browser(office.head)
    assert head.get(office.page(school=office.other)).status == 404
    assert head.get(office.page(jo, office.other)).status == 404
    assert head.get(office.page(jo)).status == 404
    operator = office.browser(office.operator)
    assert operator.get("/schools/999999/people").status == 404


def test_a_form_opened_for_another_place_does_nothing(office: Office) -> None:
    jo = office.person((MEMBER, office.school), email="jo@example.org")
    head = office.browser(office.head).get(office.page(jo) + "/remove")
    values = head.values("Remove from Hope Primary") | {"acting": ["network"]}
    assert head.post(office.page(jo) + "/remove", values).status == 409
    values = head.get(office.page(jo)).values("Send the e-mail") | {"acting": ["network"]}
    head.post(office.page(jo) + "/reset", values)
    assert "You have switched to another school" in head.flashes[0]
    assert len(office.people()) == 2
    assert emails_to(office.app, "jo@example.org") == []


def test_no_link_for_an_account_that_is_switched_off(office: Office) -> None:
    jo = office.person((MEMBER, office.school), active=False)
    head = office.browser(office.head).get(office.page(jo))
    assert "is switched off" in head.text
    assert "Send the e-mail" not in head.buttons


def test_a_link_is_made_on_the_command_line(office: Office) -> None:
    runner = office.app.test_cli_runner()
    made = runner.invoke(args=["people", "link", "Olu@example.org"])
    assert made.exit_code == 0, made.output
    link = made.stdout.splitlines()[-1]
    assert link.startswith("http://localhost/choose-password/")
    assert choose(office.browser(), link).heading == "Second factor"  # an operator needs one
    unknown = runner.invoke(args=["people", "link", "who@example.org"])
    assert unknown.exit_code != 0
    assert "There is no account with the address who@example.org" in unknown.output
