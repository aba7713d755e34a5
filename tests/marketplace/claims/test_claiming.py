"""A head claims her school: through the pages, with the e-mails."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient

from marketplace import clock
from marketplace.accounts.models import Person, RoleGrant, SecurityEvent, TrustGrant
from marketplace.accounts.roles import Role
from marketplace.accounts.second_factors.factors import has_factor
from marketplace.accounts.second_factors.models import RecoveryCode
from marketplace.accounts.single_sign_on.models import Identity
from marketplace.application import Skillbank
from marketplace.claims.models import Claim, ClaimState
from marketplace.claims.service import MOST_OF_ADDRESS, MOST_OF_NETWORK_ADDRESS
from marketplace.credits.accounts import find_account
from marketplace.mail.models import Email
from marketplace.outbox.models import OutboxEvent
from marketplace.schools.models import School
from marketplace.settings import Policy
from marketplace.web.tokens import hash_token
from tests.marketplace.accounts.factories import PASSWORD, PersonFactory, staff
from tests.marketplace.accounts.second_factors.factories import (
    with_authenticator,
    with_recovery_codes,
)
from tests.marketplace.browser import Browser
from tests.marketplace.claims.factories import (
    claimed,
    emails_to,
    link_in,
    token_for,
    waiting_claim,
)
from tests.marketplace.factories import saved
from tests.marketplace.network.factories import joined_school
from tests.marketplace.schools.factories import SchoolFactory, TrustFactory

HEAD = "head@hope.salford.sch.uk"


@pytest.fixture
def hope(app: Skillbank) -> int:
    """The number of a school with a website, which is not in yet."""
    with saved(app):
        school = SchoolFactory(name="Hope Primary", website="http://www.hope.salford.sch.uk")
        return school.urn


def claim(browser: Browser, urn: int, address: str, **typed: str | list[str] | None) -> Browser:
    browser.get(f"/find-your-school/{urn}/claim")
    values = {"name": "Ada Head", "job": "Head teacher", "email": address, "may_act": "y"}
    return browser.submit("Send me the link", **{**values, **typed})


def link_to(app: Skillbank, email: str, page: str = "claims", template: str = "claim_link") -> str:
    with app.app_context():
        return link_in(emails_to(email, template)[-1], page)


def state_of(app: Skillbank, email: str) -> list[str]:
    with app.app_context(), saved(app) as session:
        return list(
            session.scalars(sa.select(Claim.state).where(Claim.email == email).order_by(Claim.id))
        )


def test_a_head_claims_her_school_with_its_own_domain(
    app: Skillbank, client: FlaskClient, hope: int
) -> None:
    browser = claim(Browser(client), hope, HEAD.upper(), roles=["coordinator"])
    assert (browser.status, browser.path) == (200, f"/find-your-school/{hope}/sent")
    assert browser.flashes == [f"We have sent an e-mail to {HEAD}."]
    browser.get(link_to(app, HEAD)).submit("Confirm my address")
    assert browser.heading == "Choose a password"
    assert browser.flashes == ["Hope Primary takes part now, and you are its administrator."]
    browser.submit("Set the password", new_password=PASSWORD, repeat_password=PASSWORD)
    assert browser.get("/home").heading == "Hope Primary"
    with saved(app) as session:
        school = session.get_one(School, hope)
        assert school.joined_at is not None
        account = find_account(session, hope)
        assert account is not None
        assert account.posted == Policy().joining_grant
        person = session.scalars(sa.select(Person).where(Person.email == HEAD)).one()
        roles = session.scalars(sa.select(RoleGrant.role).where(RoleGrant.person_id == person.id))
        assert (person.name, set(roles)) == ("Ada Head", {"administrator", "coordinator"})
        (row,) = session.scalars(sa.select(Claim))
        assert (row.state, row.person_id, row.token_hash) == ("accepted", person.id, None)
        kinds = session.scalars(sa.select(SecurityEvent.kind).order_by(SecurityEvent.id)).all()
        of_claims = [kind for kind in kinds if kind.startswith("claim_")]
        assert of_claims == ["claim_made", "claim_confirmed"]
        assert {"school_joined", "roles_changed"} <= set(kinds)
        types = session.scalars(sa.select(OutboxEvent.type).order_by(OutboxEvent.id)).all()
        assert [name for name in types if not name.startswith("mail.")] == [
            "claim.made",
            "school.joined",
            "member.roles_changed",
            "claim.confirmed",
        ]


def test_opening_the_link_does_nothing_and_the_button_works_once(
    app: Skillbank, client: FlaskClient, hope: int
) -> None:
    """Scanners of mail open every link that they see."""
    claim(Browser(client), hope, HEAD)
    link = link_to(app, HEAD)
    for _ in range(3):
        assert client.get(link).status_code == 200
        assert client.head(link).status_code == 200
    assert state_of(app, HEAD) == ["sent"]
    Browser(client).get(link).submit("Confirm my address")
    browser = Browser(client).get(link)
    assert (browser.status, browser.heading) == (410, "This link has expired or has been used")


def test_a_link_lasts_a_day(
    app: Skillbank, client: FlaskClient, hope: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    claim(Browser(client), hope, HEAD)
    link = link_to(app, HEAD)
    now = clock.now()
    monkeypatch.setattr(clock, "now", lambda: now + timedelta(hours=23, minutes=59))
    browser = Browser(client).get(link)
    assert browser.status == 200
    monkeypatch.setattr(clock, "now", lambda: now + timedelta(hours=24, seconds=1))
    assert browser.submit("Confirm my address").status == 410
    assert state_of(app, HEAD) == ["sent"]


def test_a_new_link_ends_the_one_before(app: Skillbank, client: FlaskClient, hope: int) -> None:
    claim(Browser(client), hope, HEAD)
    first = link_to(app, HEAD)
    claim(Browser(client), hope, HEAD)
    assert state_of(app, HEAD) == ["replaced", "sent"]
    assert client.get(first).status_code == 410
    assert client.get(link_to(app, HEAD)).status_code == 200


def test_the_table_has_no_link(app: Skillbank, hope: int) -> None:
    with saved(app) as session:
        row = claimed(session.get_one(School, hope), HEAD)
        token = token_for(HEAD)
        assert row.token_hash == hash_token(token)
        assert token not in str(vars(row))


@pytest.mark.parametrize("email", ["head@gmail.com", "head@other.salford.sch.uk"])
def test_any_other_address_waits_for_the_operator(
    app: Skillbank, client: FlaskClient, hope: int, email: str
) -> None:
    browser = claim(Browser(client), hope, email)
    browser.get(link_to(app, email)).submit("Confirm my address")
    assert browser.path == f"/find-your-school/{hope}"
    assert "The network’s operator now telephones the school" in browser.flashes[0]
    assert state_of(app, email) == ["waiting"]
    with saved(app) as session:
        assert session.get_one(School, hope).joined_at is None
        assert session.scalar(sa.select(sa.func.count()).select_from(Person)) == 0


def test_the_answer_is_the_same_whether_or_not_the_address_has_an_account(
    app: Skillbank, hope: int
) -> None:
    with saved(app):
        staff(joined_school(), Role.FINANCE, email="known@hope.salford.sch.uk")
        PersonFactory(email="off@hope.salford.sch.uk", active=False)
    pages = []
    for name in ("known", "off", "none"):
        email = f"{name}@hope.salford.sch.uk"
        browser = claim(Browser(app.test_client()), hope, email)
        pages.append((browser.status, browser.text.replace(email, "")))
        with app.app_context():
            assert [mail.template for mail in emails_to(email)] == ["claim_link"]
    assert pages[0] == pages[1] == pages[2]


def test_who_has_an_account_gets_the_role_and_keeps_the_password(
    app: Skillbank, client: FlaskClient, hope: int
) -> None:
    with saved(app):
        staff(joined_school(name="Other School"), Role.MEMBER, email=HEAD, name="Ada")
    browser = claim(Browser(client), hope, HEAD)
    browser.get(link_to(app, HEAD)).submit("Confirm my address")
    assert browser.path == "/sign-in"
    browser.submit("Sign in", email=HEAD, password=PASSWORD)
    memberships = [option.get_text() for option in browser.page.select("#membership option")]
    assert memberships == ["Hope Primary", "Other School"]
    with app.app_context():
        (accepted,) = emails_to(HEAD, "claim_accepted")
        assert "choose-password" not in (accepted.text or "")


def test_a_former_password_does_not_open_the_new_role(
    app: Skillbank, client: FlaskClient, hope: int
) -> None:
    with saved(app):
        PersonFactory(email=HEAD, name="Former Colleague")
    browser = claim(Browser(client), hope, HEAD)
    browser.get(link_to(app, HEAD)).submit("Confirm my address")
    assert browser.heading == "Choose a password"
    other = Browser(app.test_client()).sign_in(HEAD)
    assert other.errors == ["The e-mail address or the password is wrong."]


def test_nothing_of_the_last_holder_of_an_address_opens_the_account(
    app: Skillbank, client: FlaskClient, hope: int
) -> None:
    """An address such as head@ goes on to the next head."""
    with saved(app) as session:
        person = PersonFactory(email=HEAD, name="Last Head")
        with_authenticator(person)
        with_recovery_codes(person)
        session.add(
            Identity(
                person_id=person.id,
                provider="google",
                issuer="https://accounts.google.com",
                subject="1",
                email=HEAD,
                connected_at=clock.now(),
            )
        )
    last = Browser(app.test_client()).be(person)
    browser = claim(Browser(client), hope, HEAD)
    browser.get(link_to(app, HEAD)).submit("Confirm my address")
    assert last.get("/home").path.startswith("/sign-in")
    with saved(app) as session:
        row = session.get_one(Person, person.id)
        assert (row.name, row.password_hash) == ("Ada Head", None)
        assert not has_factor(session, person.id)
        for table in (Identity, RecoveryCode):
            assert session.scalar(sa.select(sa.func.count()).select_from(table)) == 0


def test_an_account_that_is_switched_off_is_not_switched_on(
    app: Skillbank, client: FlaskClient, hope: int
) -> None:
    with saved(app):
        PersonFactory(email=HEAD, active=False)
    browser = claim(Browser(client), hope, HEAD)
    browser.get(link_to(app, HEAD)).submit("Confirm my address")
    assert browser.status == 422
    assert "is switched off" in browser.errors[0]
    assert state_of(app, HEAD) == ["sent"]
    with saved(app) as session:
        assert session.get_one(School, hope).joined_at is None


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        ({"name": " "}, "Your name: write something here."),
        ({"email": "head"}, "is not an e-mail address"),
        ({"email": "höad@hope.salford.sch.uk"}, "letters that our mail server cannot use"),
        ({"may_act": None}, "Say that you work at this school and may act for it."),
        ({"roles": ["operator"]}, "not"),
        ({"name": "A\u202eB"}, "delete what cannot be shown"),
    ],
)
def test_a_wrong_entry_says_what_to_do_and_keeps_what_was_typed(
    app: Skillbank, client: FlaskClient, hope: int, typed: dict[str, str], message: str
) -> None:
    browser = claim(Browser(client), hope, HEAD, **typed)
    assert browser.status == 422
    assert message in " ".join(browser.errors)
    assert browser.page.find(id="job")["value"] == "Head teacher"
    with saved(app) as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(Claim)) == 0
        assert session.scalar(sa.select(sa.func.count()).select_from(Email)) == 0


def test_the_same_form_twice_makes_one_claim(
    app: Skillbank, client: FlaskClient, hope: int
) -> None:
    browser = Browser(client).get(f"/find-your-school/{hope}/claim")
    values = browser.values("Send me the link") | {
        "name": ["Ada"],
        "job": ["Head"],
        "email": [HEAD],
        "may_act": ["y"],
    }
    path = f"/find-your-school/{hope}/claim"
    for _ in range(2):
        assert browser.post(path, values).status == 200
    assert state_of(app, HEAD) == ["sent"]
    assert browser.post(path, values | {"job": ["Bursar"]}).status == 409
    assert state_of(app, HEAD) == ["sent"]


def test_a_claim_needs_the_token_against_forged_posts(client: FlaskClient, hope: int) -> None:
    browser = Browser(client).get(f"/find-your-school/{hope}/claim")
    values = browser.values("Send me the link") | {"name": ["A"], "job": ["B"], "email": [HEAD]}
    del values["csrf_token"]
    assert browser.post(f"/find-your-school/{hope}/claim", values).status >= 400


def test_one_address_and_one_network_claim_so_often_a_day(
    app: Skillbank, hope: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(MOST_OF_ADDRESS):
        with saved(app):
            claimed(SchoolFactory(), HEAD)
        assert number + 1 == len(state_of(app, HEAD))
    browser = claim(Browser(app.test_client()), hope, HEAD)
    assert browser.status == 429
    assert (
        "3 claims and requests with this e-mail address in the last 24 hours" in browser.errors[0]
    )
    assert browser.page.find(id="email")["value"] == HEAD
    with saved(app):
        for number in range(MOST_OF_NETWORK_ADDRESS):
            claimed(SchoolFactory(), f"x{number}@gmail.com", network_address="127.0.0.1")
    browser = claim(Browser(app.test_client()), hope, "someone@hope.salford.sch.uk")
    assert browser.status == 429
    assert "10 claims and requests from your network" in browser.errors[0]
    tomorrow = clock.now() + timedelta(hours=25)
    monkeypatch.setattr(clock, "now", lambda: tomorrow)
    assert claim(Browser(app.test_client()), hope, HEAD).status == 200


@pytest.mark.parametrize("status", ["closed", "proposed"])
def test_a_school_that_is_not_open_cannot_be_claimed(
    app: Skillbank, client: FlaskClient, status: str
) -> None:
    with saved(app):
        now = SchoolFactory(name="New Academy")
        middle = SchoolFactory(name="Middle", status="closed", successor_urn=now.urn)
        school = SchoolFactory(
            status=status, successor_urn=middle.urn if status == "closed" else None
        )
    browser = Browser(client).get(f"/find-your-school/{school.urn}/claim")
    assert browser.status == 422
    page = browser.get(f"/find-your-school/{school.urn}")
    assert page.status == 200
    assert not page.page.select(f'a[href="/find-your-school/{school.urn}/claim"]')
    links = [link["href"] for link in page.page.select("main a.btn")]
    assert links == ([f"/find-your-school/{now.urn}"] if status == "closed" else [])


def test_a_school_closes_before_the_link_is_used(
    app: Skillbank, client: FlaskClient, hope: int
) -> None:
    browser = claim(Browser(client), hope, HEAD)
    browser.get(link_to(app, HEAD))
    with saved(app) as session:
        session.get_one(School, hope).status = "closed"
    browser.submit("Confirm my address")
    assert browser.status == 422
    assert browser.errors == ["Hope Primary has closed."]
    assert state_of(app, HEAD) == ["sent"]


def test_a_school_without_an_administrator_can_be_claimed_although_it_is_in(
    app: Skillbank, client: FlaskClient
) -> None:
    """The operator has brought it in, and nobody has been added yet."""
    with saved(app):
        school = joined_school(name="Brought In", website="http://in.salford.sch.uk")
    browser = claim(Browser(client), school.urn, "head@in.salford.sch.uk")
    browser.get(link_to(app, "head@in.salford.sch.uk")).submit("Confirm my address")
    assert browser.heading == "Choose a password"
    with saved(app) as session:
        account = find_account(session, school.urn)
        assert account is not None
        assert account.posted == Policy().joining_grant


def test_a_school_with_people_and_no_administrator_is_the_operators_to_decide(
    app: Skillbank, client: FlaskClient
) -> None:
    """The people there, and their credits, were somebody's responsibility once."""
    with saved(app):
        school = joined_school(website="http://in.salford.sch.uk")
        staff(school, Role.COORDINATOR)
    browser = claim(Browser(client), school.urn, "head@in.salford.sch.uk")
    browser.get(link_to(app, "head@in.salford.sch.uk")).submit("Confirm my address")
    assert state_of(app, "head@in.salford.sch.uk") == ["waiting"]
    assert "some of its people are here already" in browser.text


def test_a_trusts_administrator_sees_to_its_schools(app: Skillbank, client: FlaskClient) -> None:
    with saved(app) as session:
        school = joined_school(trust=TrustFactory())
        person = PersonFactory(email="trust@example.org")
        session.add(
            TrustGrant(
                person_id=person.id,
                trust_id=school.trust_id,
                role=Role.TRUST_ADMINISTRATOR,
                granted_at=clock.now(),
            )
        )
    assert claim_is_refused(Browser(client), school.urn)
    path = f"/find-your-school/{school.urn}/ask"
    Browser(client).get(path).submit("Ask to be added", name="Jo", job="Head", email=HEAD)
    with app.app_context():
        assert len(emails_to("trust@example.org", "claim_asked")) == 1


def test_who_comes_second_is_told(app: Skillbank, client: FlaskClient, hope: int) -> None:
    browser = claim(Browser(client), hope, "late@hope.salford.sch.uk")
    with saved(app) as session:
        school = session.get_one(School, hope)
        waiting_claim(school, "slow@gmail.com", name="Slow")
        claimed(school, HEAD)
    assert "Someone has claimed this school" in browser.get(f"/find-your-school/{hope}").text
    first = Browser(app.test_client()).get(link_to(app, HEAD))
    first.submit("Confirm my address")
    assert state_of(app, "slow@gmail.com") == [ClaimState.OVERTAKEN]
    with app.app_context():
        (told,) = emails_to("slow@gmail.com", "claim_overtaken")
        assert f"/find-your-school/{hope}/ask" in (told.text or "")
    browser.get(link_to(app, "late@hope.salford.sch.uk")).submit("Confirm my address")
    assert browser.path == f"/find-your-school/{hope}"
    assert "a colleague was first" in browser.flashes[0]
    assert state_of(app, "late@hope.salford.sch.uk") == [ClaimState.OVERTAKEN]
    assert claim_is_refused(Browser(app.test_client()), hope)


def claim_is_refused(browser: Browser, urn: int) -> bool:
    return browser.get(f"/find-your-school/{urn}/claim").status == 422
