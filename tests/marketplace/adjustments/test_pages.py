"""The pages of adjustments: proposed on a school's page, decided by another, read by the school."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from ledger import Book
from marketplace.accounts.roles import Role
from marketplace.adjustments.models import Adjustment
from marketplace.application import Skillbank
from marketplace.database import db
from marketplace.schools.models import School
from marketplace.settings import Policy
from tests.marketplace.accounts.factories import actor_for, staff
from tests.marketplace.adjustments.factories import EVIDENCE, approved, proposed
from tests.marketplace.browser import Browser
from tests.marketplace.factories import saved
from tests.marketplace.network.factories import auditor, joined_school, operator
from tests.marketplace.network.test_succession import pay

GRANT = Policy().joining_grant
TEXTS = {
    "reason": "They hosted the summer school.",
    "evidence": EVIDENCE,
    "evidence_source": "E-mail of 3 June",
}


@pytest.fixture
def first(app: Skillbank, client: FlaskClient) -> Browser:
    """The operator who proposes."""
    with saved(app):
        person = operator()
    return Browser(client).be(person)


@pytest.fixture
def second(app: Skillbank) -> Browser:
    """The operator who decides."""
    with saved(app):
        person = operator()
    return Browser(app.test_client()).be(person)


@pytest.fixture
def school(app: Skillbank) -> School:
    with saved(app):
        return joined_school(name="Hope Primary")


def row_of(browser: Browser, label: str) -> list[str]:
    """The cells of the figure ``label``."""
    head = next(cell for cell in browser.page.select("tbody th") if cell.get_text() == label)
    return [cell.get_text() for cell in head.find_next_siblings("td")]


def test_a_grant_from_the_schools_page_to_its_statement(
    app: Skillbank, first: Browser, second: Browser, school: School
) -> None:
    with saved(app):
        bursar = staff(school, Role.FINANCE)
        head = staff(school, Role.ADMINISTRATOR)
        stranger = staff(joined_school(), Role.FINANCE)
    first.get(f"/network/schools/{school.urn}")
    first.get(f"/network/schools/{school.urn}/adjust")
    links = [link.get_text(strip=True) for link in first.page.select("main .row-title")]
    assert links == [
        "Give credits",
        "Write off a debt",
        "Change its limits",
        "Pause it",
        "Let it leave",
    ]
    first.get(f"/network/schools/{school.urn}/adjust/grant")
    assert first.heading == "Give credits to Hope Primary"
    first.submit("Propose it", minutes="lots", **TEXTS)
    assert first.errors == ["Credits: write hours as a number, like 1.5, 2 or 1:20."]
    first.submit("Propose it", minutes="1:20")
    assert first.flashes == ["Proposed. It happens once another operator approves it."]
    assert row_of(first, "Balance") == ["10 credits", "11 h 20 min"]
    assert "Withdraw it" in first.buttons
    assert "Approve: do it now" not in first.buttons
    path = first.path

    second.get("/home")
    assert "Grant: Hope Primary" in second.text
    second.get("/network/adjustments")
    badge = second.page.select_one('a[href="/network/adjustments"] .nav-badge')
    assert badge is not None
    assert badge.get_text() == "1 waiting"
    second.get(path).submit("Approve: do it now")
    assert second.flashes == ["Approved, and done."]
    assert row_of(second, "Balance") == ["10 credits", "11 h 20 min"]
    (number,) = [link.get_text() for link in second.page.select(".timeline a")]
    second.get(f"/credits/transactions/{number}")
    assert second.page.select_one(f'main a[href="{path}"]')

    own = Browser(app.test_client()).be(bursar).get(f"/credits/transactions/{number}")
    assert own.page.select_one('main a[href^="/adjustments/"]')
    for reader in (bursar, head):
        own = Browser(app.test_client()).be(reader).get("/adjustments")
        assert "1 h 20 min, newly issued" in own.text
        own.get(own.page.select_one("tbody a")["href"])
        assert "They hosted the summer school." in own.text
        assert row_of(own, "Balance") == ["10 credits", "11 h 20 min"]
        assert EVIDENCE not in own.text
        assert "E-mail of 3 June" not in own.text
    other = Browser(app.test_client()).be(stranger)
    assert "adjusted nothing" in other.get("/adjustments").text
    assert other.get(own.path).status == 404


def test_a_school_reads_only_what_was_done(
    app: Skillbank, client: FlaskClient, school: School
) -> None:
    with saved(app):
        head = staff(school, Role.ADMINISTRATOR)
        waiting = proposed(urn=school.urn).id
        pause = proposed(kind="freeze", urn=school.urn, urgent=True).id
    browser = Browser(client).be(head)
    assert browser.get(f"/adjustments/{waiting}").status == 404
    assert browser.get(f"/adjustments/{pause}").status == 200
    assert browser.get("/adjustments").page.select("tbody tr").__len__() == 1


def test_the_approver_is_shown_what_has_changed(
    app: Skillbank, first: Browser, second: Browser, school: School
) -> None:
    with saved(app):
        number = proposed(urn=school.urn).id
        other = joined_school()
    path = f"/network/adjustments/{number}"
    values = second.get(path).values("Approve: do it now")
    with saved(app) as session:
        pay(session, f"school:{school.urn}", f"school:{other.urn}", 60)
    second.post(f"{path}/approve", values)
    assert second.status == 409
    assert "Something has changed since this page was shown" in second.errors[0]
    assert row_of(second, "Balance") == ["10 credits", "9 credits", "10½ credits"]
    second.submit("Approve: do it now")
    assert second.status == 422
    assert "Tick the box if you approve it all the same" in second.errors[0]
    second.submit("Approve: do it now", despite_changes="y", remark="It is still right.")
    assert second.flashes == ["Approved, and done."]
    assert "It is still right." in second.text
    # The same button again: it was done once.
    second.post(f"{path}/approve", values)
    assert second.status == 409
    assert "approved this already" in second.text
    with saved(app) as session:
        assert Book(session).balance(f"school:{school.urn}") == GRANT + 30


def test_it_is_refused_with_a_reason_or_withdrawn(
    app: Skillbank, first: Browser, second: Browser, school: School
) -> None:
    path = f"/network/schools/{school.urn}/adjust/write-off"
    first.get(path).submit("Propose it", minutes="1", **TEXTS)
    assert first.errors == ["Hope Primary owes nothing."]
    assert EVIDENCE in first.text
    first.get(f"/network/schools/{school.urn}/adjust/limit")
    first.submit("Propose it", credit_limit="0", **TEXTS)
    assert row_of(first, "Credit limit") == ["10 credits", "0 credits"]
    page = first.path
    second.get(f"{page}/refuse").submit("Refuse it", reason="")
    assert second.status == 422
    second.submit("Refuse it", reason="Nobody has asked the school.")
    assert "Nobody has asked the school." in first.get(page).text
    assert "What it would have changed" in first.text
    first.get(f"/network/schools/{school.urn}/adjust/leaving")
    assert "What will happen" in first.text
    first.submit("Propose it", credits_to="school", heir="", **TEXTS)
    assert first.errors == ["The register has no school with this URN."]
    first.submit("Propose it", credits_to="network")
    second.get(f"{first.path}/refuse")
    first.submit("Withdraw it", remark="They stay.")
    assert first.flashes == ["Withdrawn."]
    assert second.submit("Refuse it", reason="No.").status == 409
    assert "has withdrawn it" in second.text
    assert second.get(f"{first.path}/refuse").path == first.path


def test_a_school_is_paused_at_once_and_confirmed(
    app: Skillbank, first: Browser, second: Browser, school: School
) -> None:
    with saved(app):
        head = staff(school, Role.ADMINISTRATOR)
    first.get(f"/network/schools/{school.urn}/adjust/freeze")
    first.submit("Propose it", at_once="y", **TEXTS)
    assert "It is undone unless another operator confirms it" in first.flashes[0]
    own = Browser(app.test_client()).be(head).get("/home")
    assert "Hope Primary is paused by the network’s operator: They hosted" in own.text
    second.get(first.path).submit("Confirm")
    assert second.flashes == ["Approved, and done."]
    assert "Paused since" in second.get(f"/network/schools/{school.urn}").text
    second.get(f"/network/schools/{school.urn}/adjust")
    assert "Let it go on" in second.text
    assert second.get(f"/network/schools/{school.urn}/adjust/nothing").status == 404


def test_adjustments_are_found_by_kind_school_and_person(
    app: Skillbank, second: Browser, school: School
) -> None:
    with saved(app):
        one = operator()
        grant = approved(proposed(urn=school.urn))
        limit = proposed(one, "limit", school.urn)
        other = proposed()
        numbers = {"grant": grant.id, "limit": limit.id, "other": other.id}
        decider = grant.decided_by_id

    def shown(query: str) -> list[int]:
        second.get(f"/network/adjustments{query}")
        return [int(link.get_text().partition(":")[0]) for link in second.page.select("tbody th a")]

    assert shown("") == [numbers["other"], numbers["limit"], numbers["grant"]]
    assert shown("?kind=limit") == [numbers["limit"]]
    assert shown(f"?school={school.urn}") == [numbers["limit"], numbers["grant"]]
    assert shown("?school=hope") == [numbers["limit"], numbers["grant"]]
    assert shown(f"?person={one.person_id}") == [numbers["limit"]]
    assert shown(f"?person={decider}") == [numbers["grant"]]
    assert shown("?person=x&kind=nothing") == [
        numbers["other"],
        numbers["limit"],
        numbers["grant"],
    ]
    assert shown("?school=nowhere") == []
    assert "No adjustment fits" in second.text


def test_an_auditor_reads_all_and_decides_where_there_is_one_operator(
    app: Skillbank, first: Browser, school: School
) -> None:
    with saved(app):
        reader = auditor()
    first.get(f"/network/schools/{school.urn}/adjust/grant")
    first.submit("Propose it", minutes="1", **TEXTS)
    assert first.flashes == [
        "Proposed. It happens once an auditor or another operator approves it."
    ]
    browser = Browser(app.test_client()).be(reader)
    assert EVIDENCE in browser.get(first.path).text
    assert browser.get("/home").page.find("a", href=first.path)
    browser.get(first.path).submit("Approve: do it now")
    assert browser.flashes == ["Approved, and done."]
    first.get(f"/network/schools/{school.urn}/adjust/grant")
    first.submit("Propose it", minutes="1", **TEXTS)
    with saved(app):
        operator()
    browser.get(first.path)
    assert "There are several operators" in browser.text
    assert "Approve: do it now" not in browser.buttons
    assert not browser.get("/home").page.find("a", href=first.path)


def test_one_form_sent_twice_proposes_once(app: Skillbank, first: Browser, school: School) -> None:
    path = f"/network/schools/{school.urn}/adjust/grant"
    values = first.get(path).values("Propose it") | {
        "minutes": ["1"],
        **{name: [text] for name, text in TEXTS.items()},
    }
    for _ in range(2):
        assert first.post(path, values).status == 200
    with saved(app):
        assert db.session.query(Adjustment).count() == 1
    first.get(path).submit("Propose it", minutes="2", **TEXTS)
    assert first.status == 409
    assert "Decide about that one first" in first.errors[0]


def test_a_paused_school_still_reads_its_adjustments(
    app: Skillbank, client: FlaskClient, school: School
) -> None:
    with saved(app):
        head = actor_for(school, Role.ADMINISTRATOR)
        approved(proposed(kind="freeze", urn=school.urn))
    assert "The school is paused" in Browser(client).be(head).get("/adjustments").text
