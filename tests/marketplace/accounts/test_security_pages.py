"""The security log's pages: in words, and each reader sees what is theirs."""

from __future__ import annotations

import pytest

from marketplace.accounts import security_queries
from marketplace.accounts.models import Person
from marketplace.accounts.notices import NOTICES, tell_person
from marketplace.accounts.roles import Role
from marketplace.accounts.security_log import SecurityKind, record_security
from marketplace.accounts.security_words import WORDS, event_words
from marketplace.application import Skillbank
from tests.marketplace.accounts.factories import PersonFactory, staff
from tests.marketplace.browser import Browser
from tests.marketplace.factories import saved
from tests.marketplace.letters import emails_to
from tests.marketplace.network.factories import joined_school


class School:
    """A school with an administrator and a member, another school, and an operator."""

    def __init__(self, app: Skillbank) -> None:
        self.app = app
        with saved(app):
            self.school = joined_school(name="Hope Primary")
            self.other = joined_school(name="Ash School")
            self.head = staff(self.school, Role.ADMINISTRATOR, name="Head")
            self.jo = staff(self.school, Role.MEMBER, name="Jo Bloggs", email="jo@example.org")
            self.sam = staff(self.other, Role.MEMBER, name="Sam Smith", email="sam@example.org")
            self.operator = PersonFactory(roles=[(Role.OPERATOR, None)], name="Olu")

    def browser(self, person: Person) -> Browser:
        return Browser(self.app.test_client()).be(person)

    def record(self, kind: SecurityKind, **values: object) -> None:
        with saved(self.app) as session:
            record_security(session, kind, **values)


@pytest.fixture
def school(app: Skillbank) -> School:
    return School(app)


def lines(browser: Browser) -> list[str]:
    return [
        " ".join(row.get_text(" ").split()) for row in browser.page.select(".security-log tbody tr")
    ]


def test_every_kind_has_words() -> None:
    assert set(WORDS) == set(SecurityKind)
    assert len(set(WORDS.values())) == len(WORDS)


def test_details_are_in_words() -> None:
    assert event_words("signed_in", {"method": "passkey"}) == "Signed in (with a passkey)"
    assert event_words("sessions_ended", {"number": 1}).endswith("(one browser)")
    assert event_words("roles_changed", {"roles": "finance"}).endswith("(now: finance)")
    assert event_words("of_a_later_version", {}) == "of a later version"


def test_a_person_sees_their_own_account(school: School) -> None:
    school.record(SecurityKind.SIGN_IN_FAILED, person_id=school.jo.id)
    school.record(
        SecurityKind.ROLES_CHANGED,
        person_id=school.jo.id,
        actor_id=school.head.id,
        school_urn=school.school.urn,
        roles="finance",
    )
    school.record(SecurityKind.SIGNED_IN, person_id=school.sam.id, actor_id=school.sam.id)
    browser = school.browser(school.jo).get("/account/security")
    assert [line.split(" ", 4)[-1] for line in lines(browser)] == [
        "Roles were changed (now: finance), by Head Hope Primary",
        "A wrong password was tried",
    ]


def test_an_administrator_sees_the_school_and_its_people(school: School) -> None:
    urn, other = school.school.urn, school.other.urn
    with saved(school.app) as session:
        both = staff(school.school, Role.MEMBER, name="Both")
        record_security(session, SecurityKind.SIGNED_OUT, person_id=both.id, actor_id=both.id)
        record_security(session, SecurityKind.ROLES_CHANGED, person_id=both.id, school_urn=other)
    school.record(SecurityKind.SIGNED_IN, person_id=school.sam.id, actor_id=school.sam.id)
    school.record(SecurityKind.SUPPORT_BEGAN, actor_id=school.operator.id, school_urn=urn)
    browser = school.browser(school.head).get(f"/schools/{urn}/security")
    shown = " | ".join(lines(browser))
    assert "Both Signed out" in shown
    assert "The operator began to read the school’s pages, by Olu" in shown
    assert "Roles were changed" not in shown
    assert "Sam Smith" not in shown


def test_the_operator_looks_by_kind_person_and_school(school: School) -> None:
    school.record(SecurityKind.SIGN_IN_FAILED, person_id=school.jo.id)
    school.record(SecurityKind.SIGN_IN_FAILED)
    school.record(SecurityKind.SIGN_IN_FAILED, person_id=school.sam.id)
    school.record(SecurityKind.EXPORTED, actor_id=school.sam.id, school_urn=school.other.urn)
    browser = school.browser(school.operator).get("/network/security")
    assert len(lines(browser)) == 4
    assert any("An unknown address" in line for line in lines(browser))
    for question, number in (
        ("kind=sign_in_failed", 3),
        ("kind=nonsense", 0),
        ("person=JO@example.org", 1),
        (f"urn={school.other.urn}", 1),
        (f"kind=sign_in_failed&urn={school.other.urn}", 0),
        ("person=nobody@example.org", 0),
        ("urn=x", 0),
    ):
        assert len(lines(browser.get(f"/network/security?{question}"))) == number, question
    assert "A URN has six digits" in browser.text
    assert (
        "No account has this e-mail address"
        in browser.get("/network/security?person=nobody@example.org").text
    )


def test_pages_follow_one_another(school: School, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(security_queries.own_events.__kwdefaults__, "limit", 2)
    for number in range(5):
        school.record(SecurityKind.SESSIONS_ENDED, person_id=school.jo.id, number=number + 2)
    browser, numbers = school.browser(school.jo).get("/account/security"), []
    while True:
        numbers += [line.split("(")[1].split()[0] for line in lines(browser)]
        more = browser.page.select_one("nav.pager a")
        if more is None:
            break
        browser.get(more["href"])
    assert numbers == ["6", "5", "4", "3", "2"]


def test_a_refused_page_is_a_line_of_the_log(school: School) -> None:
    member = school.browser(school.jo)
    assert member.get("/listings/new").status == 403
    own = lines(member.get("/account/security"))
    assert len(own) == 1
    assert "A page was refused: the role does not allow it (listings.new)" in own[0]


def test_downloads_are_lines_of_the_log(school: School) -> None:
    with saved(school.app):
        finance = staff(school.school, Role.FINANCE, name="Fay")
    school.browser(finance).get("/credits/statement.csv")
    school.browser(school.operator).get("/credits/book/accounts/network:issuance/statement.csv")
    shown = lines(school.browser(school.operator).get("/network/security?kind=exported"))
    assert len(shown) == 2
    assert "Data was downloaded (network:issuance)" in shown[0]
    assert "Fay" in shown[1]
    assert "Hope Primary" in shown[1]


@pytest.mark.parametrize("kind", NOTICES)
def test_each_notice_says_what_happened_and_what_to_do(school: School, kind: SecurityKind) -> None:
    with saved(school.app) as session:
        tell_person(session, school.jo.id, kind)
    [email] = emails_to(school.app, "jo@example.org")
    assert email.subject == NOTICES[kind].subject
    for text in (email.text or "", email.html or ""):
        assert "Hello Jo Bloggs" in text
        assert "http://localhost/forgotten-password" in text
        assert "http://localhost/account/security" in text


def test_nobody_tells_an_account_that_is_switched_off(school: School) -> None:
    with saved(school.app) as session:
        session.get_one(Person, school.jo.id).active = False
        tell_person(session, school.jo.id, SecurityKind.PASSWORD_CHANGED)
    assert emails_to(school.app, "jo@example.org") == []
