"""The operator's queue of claims."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient

from marketplace.accounts.models import SecurityEvent
from marketplace.accounts.roles import Role
from marketplace.application import Skillbank
from marketplace.claims.models import Claim
from marketplace.outbox.models import OutboxEvent
from marketplace.schools.models import School
from tests.marketplace.accounts.factories import PASSWORD, PersonFactory, staff
from tests.marketplace.browser import Browser
from tests.marketplace.claims.factories import claimed, emails_to, link_in, waiting_claim
from tests.marketplace.factories import saved
from tests.marketplace.network.factories import joined_school
from tests.marketplace.schools.factories import SchoolFactory, TrustFactory


@pytest.fixture
def operator(app: Skillbank) -> Browser:
    """The operator's browser."""
    with saved(app):
        person = PersonFactory(name="Olive", roles=[(Role.OPERATOR, None)])
    return Browser(app.test_client()).be(person)


def points(browser: Browser, heading: str) -> list[str]:
    title = next(item for item in browser.page.select("h2") if item.get_text() == heading)
    return [item.get_text() for item in title.find_next_sibling().select("li")]


def test_a_claim_is_approved(app: Skillbank, operator: Browser, client: FlaskClient) -> None:
    with saved(app):
        school = SchoolFactory(name="Hope Primary")
        waiting_claim(school, "ada@gmail.com", name="Ada Head")
        claimed(SchoolFactory(), "unconfirmed@gmail.com")
    operator.get("/home")
    assert "Ada Head claims the school" in operator.text
    operator.get("/network/claims")
    assert [row.get_text() for row in operator.page.select(".row-title")] == ["Hope Primary"]
    assert "1" in operator.page.select_one(".site-nav [aria-current] .nav-badge").get_text()
    operator.get(operator.page.select_one(".row-link")["href"])
    operator.submit("Approve the claim")
    assert operator.status == 422
    operator.submit("Approve the claim", note="Spoke to the office.")
    assert operator.flashes == ["Approved. Ada Head has been told by e-mail how to sign in."]
    assert operator.heading == "Claims"
    assert not operator.page.select(".row-title")
    with app.app_context():
        link = link_in(emails_to("ada@gmail.com", "claim_accepted")[-1], "choose-password")
    browser = Browser(client).get(link)
    browser.submit("Set the password", new_password=PASSWORD, repeat_password=PASSWORD)
    assert browser.get("/home").heading == "Hope Primary"
    operator.get("/network/claims?show=decided")
    operator.get(operator.page.select_one(".row-link")["href"])
    assert "Spoke to the office." in operator.text
    assert "by Olive" in operator.text
    with saved(app) as session:
        kinds = session.scalars(sa.select(SecurityEvent.kind)).all()
        assert "claim_approved" in kinds
        types = session.scalars(sa.select(OutboxEvent.type)).all()
        assert {"claim.waiting", "claim.approved", "school.joined"} <= set(types)


def test_a_claim_is_refused_with_a_reason(app: Skillbank, operator: Browser) -> None:
    with saved(app):
        claim = waiting_claim(SchoolFactory(name="Hope Primary"), "ada@gmail.com")
    operator.get(f"/network/claims/{claim.id}")
    operator.submit("Refuse the claim", reason="The school does not know you.")
    assert operator.status == 200
    with saved(app) as session:
        row = session.get_one(Claim, claim.id)
        assert (row.state, row.reason) == ("refused", "The school does not know you.")
        assert session.get_one(School, claim.school_urn).joined_at is None
        (email,) = emails_to("ada@gmail.com", "claim_refused")
        assert "The school does not know you." in (email.text or "")
        assert "claim_refused" in session.scalars(sa.select(SecurityEvent.kind)).all()


def test_of_two_decisions_the_second_is_told(app: Skillbank, operator: Browser) -> None:
    with saved(app):
        claim = waiting_claim(SchoolFactory(), "ada@gmail.com")
    page = f"/network/claims/{claim.id}"
    operator.get(page)
    refusal = operator.values("Refuse the claim") | {"reason": ["No."]}
    approval = operator.values("Approve the claim") | {"note": ["Yes."]}
    assert operator.post(f"{page}/approve", approval).status == 200
    assert operator.post(f"{page}/approve", approval).status == 200
    answer = operator.post(f"{page}/refuse", refusal)
    assert answer.status == 409
    assert answer.errors == ["This claim has been decided already: approved."]


def test_what_speaks_for_and_against_a_claim(app: Skillbank, operator: Browser) -> None:
    with saved(app):
        trust = TrustFactory(name="Good Trust")
        site = "http://www.good-trust.org.uk"
        school = SchoolFactory(name="Hope Primary", trust=trust, website=f"{site}/hope")
        sister = joined_school(name="Sister School", trust=trust, website=f"{site}/sister")
        staff(sister, Role.ADMINISTRATOR, name="Sue Sister", email="sue@good-trust.org.uk")
        claim = waiting_claim(school, "ada@good-trust.org.uk", name="Ada")
        waiting_claim(school, "eve@gmail.com", name="Eve")
        stranger = waiting_claim(
            SchoolFactory(name="Far", website="http://far.sch.uk"), "eve@gmail.com"
        )
    operator.get(f"/network/claims/{claim.id}")
    assert points(operator, "What speaks for it") == [
        "The person reads e-mails to ada@good-trust.org.uk: the link was opened there.",
        "The address is at the domain of the school’s website, good-trust.org.uk.",
    ]
    assert points(operator, "What speaks against it") == [
        "good-trust.org.uk is also the domain of Sister School: the person may work at any of"
        " them.",
        "Eve (eve@gmail.com) also claims this school.",
    ]
    assert "Sue Sister, Sister School" in operator.text
    operator.get(f"/network/claims/{stranger.id}")
    against = points(operator, "What speaks against it")
    assert against[0] == "Anybody can have an address at gmail.com."
    assert against[-1] == "The same address has claimed another school: see below."


@pytest.mark.parametrize(
    ("site", "email", "message"),
    [
        (None, "ada@hope.org.uk", "The register has no website for the school"),
        ("http://hope.org.uk", "ada@hope.com", "The address is at hope.com, the school’s website"),
        ("http://hope.org.uk", "19ada@hope.org.uk", "The address may be a pupil’s"),
        ("http://salford.gov.uk", "a@salford.gov.uk", "That domain is a host’s or a council’s"),
    ],
)
def test_what_the_domain_says(
    app: Skillbank, operator: Browser, site: str | None, email: str, message: str
) -> None:
    with saved(app):
        claim = waiting_claim(SchoolFactory(website=site), email)
    operator.get(f"/network/claims/{claim.id}")
    assert message in " ".join(points(operator, "What speaks against it"))


def test_a_claim_for_a_school_that_is_taken_by_now_is_not_approved(
    app: Skillbank, operator: Browser
) -> None:
    with saved(app):
        school = SchoolFactory(name="Hope Primary")
        claim = waiting_claim(school, "ada@gmail.com")
    operator.get(f"/network/claims/{claim.id}")
    with saved(app) as session:
        staff(session.get_one(School, school.urn), Role.ADMINISTRATOR)
    operator.submit("Approve the claim", note="Fine.")
    assert operator.status == 409
    assert "has an administrator by now. Refuse this claim." in operator.errors[0]
