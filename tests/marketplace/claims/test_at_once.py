"""Two claims at the same instant, in real threads: one grant, one administrator, on both."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from ledger import Book
from marketplace.accounts.models import RoleGrant
from marketplace.accounts.roles import Role
from marketplace.application import Skillbank
from marketplace.claims.models import Claim
from marketplace.database import db
from marketplace.settings import Policy
from tests.marketplace.accounts.factories import PersonFactory
from tests.marketplace.browser import Browser
from tests.marketplace.claims.factories import claimed, emails_to, token_for, waiting_claim
from tests.marketplace.exchanges.test_at_once import Post, at_once
from tests.marketplace.factories import saved
from tests.marketplace.schools.factories import SchoolFactory

ROUNDS = 4


def confirming(app: Skillbank, token: str) -> Post:
    browser = Browser(app.test_client()).get(f"/claims/{token}")
    return browser, f"/claims/{token}", browser.values("Confirm my address")


def outcome(app: Skillbank, urn: int) -> tuple[int, int, list[str]]:
    """The school's credits, how many administrators it has, and what became of its claims."""
    with saved(app) as session:
        administrators = session.scalar(
            sa.select(sa.func.count())
            .select_from(RoleGrant)
            .where(RoleGrant.school_urn == urn, RoleGrant.role == Role.ADMINISTRATOR)
        )
        states = session.scalars(sa.select(Claim.state).where(Claim.school_urn == urn)).all()
        balance = Book(db.session()).balances()[f"school:{urn}"].posted
        return balance, administrators or 0, sorted(states)


@pytest.mark.parametrize("round_number", range(ROUNDS))
def test_two_colleagues_confirm_at_once_and_one_is_administrator(
    app: Skillbank, round_number: int
) -> None:
    with saved(app):
        school = SchoolFactory(website="http://www.hope.org.uk")
        emails = ("ann@hope.org.uk", "ben@hope.org.uk")
        tokens = [token_for(claimed(school, email).email) for email in emails]
    answers = at_once(*(confirming(app, token) for token in tokens))
    assert [answer.status_code for answer in answers] == [302, 302]
    assert outcome(app, school.urn) == (Policy().joining_grant, 1, ["accepted", "overtaken"])
    places = sorted(answer.location.split("/")[1] for answer in answers)
    assert places == ["choose-password", "find-your-school"]


def test_one_link_confirmed_twice_at_once_works_once(app: Skillbank) -> None:
    for number in range(ROUNDS):
        with saved(app):
            school = SchoolFactory(website=f"http://www.hope{number}.org.uk")
            token = token_for(claimed(school, f"ann@hope{number}.org.uk").email)
        answers = at_once(confirming(app, token), confirming(app, token))
        assert sorted(answer.status_code for answer in answers) == [302, 410]
        assert outcome(app, school.urn) == (Policy().joining_grant, 1, ["accepted"])


def test_the_operator_approves_while_another_address_is_confirmed(app: Skillbank) -> None:
    with saved(app):
        operator = PersonFactory(roles=[(Role.OPERATOR, None)])
    for number in range(ROUNDS):
        with saved(app):
            school = SchoolFactory(website=f"http://www.hope{number}.org.uk")
            slow = waiting_claim(school, f"slow{number}@gmail.com")
            token = token_for(claimed(school, f"ann@hope{number}.org.uk").email)
        page = f"/network/claims/{slow.id}"
        browser = Browser(app.test_client()).be(operator).get(page)
        values = browser.values("Approve the claim") | {"note": ["Asked."]}
        answers = at_once(confirming(app, token), (browser, f"{page}/approve", values))
        assert answers[0].status_code == 302
        assert answers[1].status_code in (302, 409)
        assert outcome(app, school.urn) == (Policy().joining_grant, 1, ["accepted", "overtaken"])


def test_one_claim_sent_twice_at_once_is_made_once(app: Skillbank) -> None:
    for number in range(ROUNDS):
        with saved(app):
            school = SchoolFactory()
        path = f"/find-your-school/{school.urn}/claim"
        browser, twin = (Browser(app.test_client()).get(path) for _ in range(2))
        email = f"x{number}@gmail.com"
        typed = {"name": ["Ann"], "job": ["Head"], "email": [email], "may_act": ["y"]}
        values = browser.values("Send me the link") | typed
        twice = values | {"csrf_token": twin.values("Send me the link")["csrf_token"]}
        answers = at_once((browser, path, values), (twin, path, twice))
        assert [answer.status_code for answer in answers] == [302, 302]
        with app.app_context():
            assert len(emails_to(email)) == 1
