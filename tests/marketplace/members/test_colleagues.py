"""An administrator manages a school's people; a link chooses a password; nobody gets too far."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from itsdangerous import TimestampSigner

from marketplace.accounts.models import Person
from marketplace.accounts.roles import Role
from marketplace.application import Skillbank
from marketplace.schools.models import School
from tests.marketplace.accounts.factories import PersonFactory, staff
from tests.marketplace.browser import Browser
from tests.marketplace.factories import saved
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

    def add(self, browser: Browser, email: str = "jo@example.org", *roles: Role) -> Browser:
        given = [role.value for role in roles or (MEMBER,)]
        return browser.get(self.page()).submit("Add", name="Jo Bloggs", email=email, roles=given)

    def people(self) -> list[str]:
        browser = self.browser(self.operator).get(self.page())
        return [" ".join(item.get_text(" ").split()) for item in browser.page.select(".row-item")]


@pytest.fixture
def office(app: Skillbank) -> Office:
    return Office(app)


def link_on(browser: Browser) -> str:
    """The one-time link that the page shows."""
    shown = browser.page.select_one("#link").get_text().strip()
    assert shown.startswith("http://localhost/choose-password/")
    return shown.removeprefix("http://localhost")


def choose(browser: Browser, link: str, password: str = NEW) -> Browser:
    browser.get(link)
    return browser.submit("Set the password", new_password=password, repeat_password=password)


def test_a_new_colleague_chooses_a_password_with_a_link_that_works_once(office: Office) -> None:
    head = office.browser(office.head).get("/people")
    assert head.path == office.page()
    assert "People" in [item.text for item in head.page.select(".site-nav [aria-current]")]
    office.add(head, "Jo@Example.org", Role.COORDINATOR, Role.FINANCE)
    assert (head.status, head.heading) == (200, "A link for Jo Bloggs")
    link = link_on(head)
    assert link not in head.get(office.page()).answer.text
    assert "Jo Bloggs jo@example.org No password yet Coordinator, finance" in office.people()

    jo = office.browser().get(link)
    assert "Welcome, Jo Bloggs. You sign in as jo@example.org." in jo.text
    choose(jo, link)
    assert jo.flashes == ["Your password is set. Next time, sign in with jo@example.org."]
    assert jo.heading == "Hope Primary"
    assert office.browser().sign_in("jo@example.org", NEW).heading == "Hope Primary"
    again = office.browser().get(link)
    assert (again.status, again.heading) == (410, "This link has expired or has been used")
    assert "ask an administrator of your school for a new link" in again.text
    assert "Jo Bloggs jo@example.org Coordinator, finance" in office.people()


def test_a_link_ends_after_seven_days_and_cannot_be_made_up(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    link = link_on(office.add(office.browser(office.head)))
    assert office.browser().get(link[:-2] + "~~").status == 410
    for odd in ("nonsense", "9" * 5000, "a.b.c", "..", "%F0%9F%8E%93"):
        assert office.browser().get(f"/choose-password/{odd}").status == 410
    week = 7 * 24 * 60 * 60
    made = TimestampSigner("any").get_timestamp()
    for later, status in ((week - 60, 200), (week + 60, 410)):
        monkeypatch.setattr(TimestampSigner, "get_timestamp", lambda _, now=made + later: now)
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
    link = link_on(office.add(office.browser(office.head)))
    jo = office.browser().get(link)
    jo.submit("Set the password", new_password=first, repeat_password=second)
    assert (jo.status, message in jo.errors) == (422, True)
    assert choose(jo, link).heading == "Hope Primary"


def test_a_form_to_choose_a_password_that_has_expired_says_so(office: Office) -> None:
    link = link_on(office.add(office.browser(office.head)))
    values = {"new_password": [NEW], "repeat_password": [NEW]}
    jo = office.browser().post(link, values)
    assert (jo.status, jo.heading) == (400, "The page had expired")
    assert choose(jo, link).heading == "Hope Primary"


def test_the_form_sent_twice_adds_somebody_once(office: Office) -> None:
    head = office.browser(office.head).get(office.page())
    values = head.values("Add") | {"name": ["Jo"], "email": ["jo@example.org"], "roles": ["member"]}
    for _ in range(2):
        link = link_on(head.post(office.page(), values))
    assert len(office.people()) == 2
    assert choose(office.browser(), link).heading == "Hope Primary"


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
def test_a_bad_entry_adds_nobody_and_keeps_what_was_typed(
    office: Office, typed: dict[str, str | None], message: str
) -> None:
    right = {"name": "Jo Bloggs", "email": "jo@example.org", "roles": "finance"}
    head = office.browser(office.head).get(office.page()).submit("Add", **(right | typed))
    assert head.status == 422
    assert any(message in error for error in head.errors)
    kept = head.values("Add")
    for name, value in (right | typed).items():
        assert kept.get(name, [""]) == [(value or "").strip()]
    assert len(office.people()) == 1


def test_a_role_that_is_none_of_a_schools_is_refused(office: Office) -> None:
    head = office.browser(office.head).get(office.page())
    values = head.values("Add") | {"name": ["Jo"], "email": ["jo@example.org"]}
    head.post(office.page(), values | {"roles": ["operator"]})
    assert head.status == 422
    assert len(office.people()) == 1


def test_somebody_of_another_school_just_gets_the_roles_when_known(office: Office) -> None:
    jo = office.person((Role.FINANCE, office.other), email="jo@example.org")
    head = office.add(office.browser(office.head), "JO@example.org")
    assert head.status == 422
    assert "is the account of Jo Bloggs, who works at Ash School" in head.errors[0]
    assert len(office.people()) == 1
    head.submit("Add", known="y")
    assert head.flashes == [
        "Jo Bloggs now has these roles, and signs in with their existing password."
    ]
    browser = office.browser().sign_in(jo)
    assert "Ash School" in browser.text
    assert "Hope Primary" in browser.text


def test_an_invited_colleague_of_another_school_must_choose_a_password_first(
    office: Office,
) -> None:
    office.person((MEMBER, office.other), email="jo@example.org", password_hash=None)
    head = office.add(office.browser(office.head))
    assert "has been invited by Ash School and has not chosen a password yet" in head.errors[0]
    assert len(office.people()) == 1


def test_an_account_without_any_role_begins_anew(office: Office) -> None:
    jo = office.person(email="jo@example.org", name="Somebody Else")
    earlier = office.browser(jo)
    link = link_on(office.add(office.browser(office.head)))
    assert earlier.get("/home").path.startswith("/sign-in")
    assert office.browser().sign_in(jo).status == 422
    assert choose(office.browser(), link).heading == "Hope Primary"


def test_an_account_that_is_switched_off_stays_off(office: Office) -> None:
    jo = office.person((MEMBER, office.school), email="jo@example.org", active=False)
    head = office.add(office.browser(office.head))
    assert head.errors == ["The account of jo@example.org is switched off."]
    assert "is switched off" in head.get(office.page(jo)).text
    assert "Make a link" not in head.buttons


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
    assert theirs.get("/credits").status == 200
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
    head = office.browser(office.head).get(office.page(jo))
    values = head.values("Remove from the school")
    for _ in range(2):
        head.post(office.page(jo) + "/remove", values)
        assert head.flashes == ["Jo Bloggs has been removed from Hope Primary."]
    assert theirs.get("/home").path.startswith("/sign-in")
    assert theirs.sign_in(jo).heading == "No school to act for"
    assert head.get(office.page(jo)).status == 404
    assert len(office.people()) == 1


def test_a_forgotten_password_is_chosen_anew_and_ends_the_old_sessions(office: Office) -> None:
    jo = office.person((MEMBER, office.school))
    earlier = office.browser(jo)
    assert earlier.get("/home").status == 200
    link = link_on(office.browser(office.head).get(office.page(jo)).submit("Make a link"))
    assert office.browser().sign_in(jo).heading == "Hope Primary"
    assert choose(office.browser(), link).heading == "Hope Primary"
    assert office.browser().sign_in(jo).status == 422
    assert earlier.get("/home").path.startswith("/sign-in")


@pytest.mark.parametrize("place", ["school", "network"])
def test_an_administrator_cannot_open_an_account_that_leads_further(
    office: Office, place: str
) -> None:
    elsewhere = (MEMBER, office.other) if place == "school" else (Role.AUDITOR, None)
    jo = office.person((MEMBER, office.school), elsewhere)
    head = office.browser(office.head).get(office.page(jo))
    assert "Make a link" not in head.buttons
    helper = {
        "school": "also works at Ash School, and a link would open that too. The network’s"
        " operator (olu@example.org) can make one.",
        "network": "works for the network. A new link can only be made on the server",
    }[place]
    assert helper in head.text
    token = {"csrf_token": head.values("Sign out")["csrf_token"]}
    head.post(office.page(jo) + "/link", token)
    assert (head.status, head.page.select("#link")) == (422, [])
    assert helper in head.errors[0]
    operator = office.browser(office.operator).get(office.page(jo))
    assert ("Make a link" in operator.buttons) == (place == "school")
    operator.post(
        office.page(jo) + "/link", {"csrf_token": operator.values("Sign out")["csrf_token"]}
    )
    assert operator.status == (200 if place == "school" else 422)


def test_a_link_ends_when_the_person_begins_elsewhere(office: Office) -> None:
    """Else an administrator could keep one, and come into the next school with it."""
    jo = office.person((MEMBER, office.school), email="jo@example.org")
    link = link_on(office.browser(office.head).get(office.page(jo)).submit("Make a link"))
    operator = office.browser(office.operator).get(office.page(school=office.other))
    operator.submit("Add", name="Jo", email="jo@example.org", roles="member")
    operator.submit("Add", known="y")
    assert office.browser().get(link).status == 410


def test_the_last_administrator_stays(office: Office) -> None:
    office.person((ADMINISTRATOR, office.school), name="Invited", password_hash=None)
    for who in (office.head, office.operator):
        browser = office.browser(who).get(office.page(office.head))
        browser.submit("Save the roles", roles=["member"])
        assert browser.status == 422
        assert "This is the only administrator of Hope Primary" in browser.errors[0]
        browser.get(office.page(office.head)).submit("Remove from the school")
        assert browser.status == 422
        assert "This is the only administrator of Hope Primary" in browser.errors[0]
    office.person((ADMINISTRATOR, office.school))
    head = office.browser(office.head).get(office.page(office.head))
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
            browser = office.browser(who).get(office.page(whom, school))
            values = browser.values("Remove from the school")
            barrier.wait()
            path = office.page(whom, school) + "/remove"
            return browser.client.post(path, data=values).status_code

        with ThreadPoolExecutor(2) as pool:
            answers = sorted(pool.map(remove, pair, reversed(pair)))
        assert answers[0] == 302
        assert answers[1] in (401, 403, 404, 422)
        page = office.browser(office.operator).get(office.page(school=school))
        assert len(page.page.select(".row-item")) == 1


def test_an_operator_gives_a_new_school_its_first_administrator(office: Office) -> None:
    operator = office.browser(office.operator).get(f"/network/schools?q={office.other.urn}")
    operator.get(operator.page.select_one(".row-item a.btn")["href"])
    assert operator.path == office.page(school=office.other)
    assert "Nobody yet" in operator.text
    operator.submit("Add", name="First", email="first@example.org", roles="administrator")
    first = choose(office.browser(), link_on(operator))
    assert first.heading == "Ash School"
    assert "First first@example.org Administrator" in first.get("/people").text


def test_other_schools_and_those_outside_are_not_managed(office: Office) -> None:
    with saved(office.app):
        outside = joined_school(name="Closed School")
        jo = staff(office.other, MEMBER)
    head = office.browser(office.head)
    assert head.get(office.page(school=office.other)).status == 404
    assert head.get(office.page(jo, office.other)).status == 404
    assert head.get(office.page(jo)).status == 404
    with saved(office.app) as session:
        session.get_one(School, outside.urn).status = "closed"
    operator = office.browser(office.operator).get(office.page(school=outside))
    operator.submit("Add", name="Jo", email="new@example.org", roles="member")
    assert "is closed" in operator.errors[0]
    assert operator.get("/schools/999999/people").status == 404


def test_a_form_opened_for_another_place_does_nothing(office: Office) -> None:
    jo = office.person((MEMBER, office.school))
    head = office.browser(office.head).get(office.page(jo))
    for button, path in (("Remove from the school", "/remove"), ("Make a link", "/link")):
        values = head.get(office.page(jo)).values(button) | {"acting": ["network"]}
        head.post(office.page(jo) + path, values)
        assert (head.status, head.page.select("#link")) == (409, [])
    assert len(office.people()) == 2


def test_a_link_is_made_on_the_command_line(office: Office) -> None:
    runner = office.app.test_cli_runner()
    made = runner.invoke(args=["people", "link", "Olu@example.org"])
    assert made.exit_code == 0, made.output
    link = made.stdout.splitlines()[-1]
    assert choose(office.browser(), link).heading == "The network"
    unknown = runner.invoke(args=["people", "link", "who@example.org"])
    assert unknown.exit_code != 0
    assert "There is no account with the address who@example.org" in unknown.output


def test_a_link_begins_with_the_address_of_the_site(office: Office) -> None:
    head = office.browser(office.head).get(office.page())
    head.submit("Add", name="Jo", email="jo@example.org", roles="member")
    assert head.page.select_one("#link").get_text().strip().startswith("http://localhost/choose")
