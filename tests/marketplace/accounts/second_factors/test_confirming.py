"""Asking again who it is before people, money policy and security are changed."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa

from marketplace import clock
from marketplace.accounts.access import rule_of
from marketplace.accounts.models import Person, RoleGrant, SecurityEvent, SignIn
from marketplace.accounts.roles import Permission, Role
from marketplace.application import Skillbank
from marketplace.database import db
from marketplace.members.models import Invitation
from marketplace.schools.models import School
from tests.marketplace.accounts.factories import PASSWORD, PersonFactory, staff
from tests.marketplace.accounts.second_factors.factories import code_of, with_authenticator
from tests.marketplace.browser import Browser
from tests.marketplace.factories import saved
from tests.marketplace.network.factories import joined_school
from tests.marketplace.schools.factories import SchoolFactory

NOT_ABOUT_PEOPLE = {
    "audit.seal",
    "calendar.change_authority",
    "calendar.delete_of_authority",
    "experts.suggest",
    "experts.withdraw",
    "moderation.decide",
    "reviews.decide",
    "network.address_works",
    "network.failure_seen",
    "own_topics.bring_back",
    "own_topics.change",
    "own_topics.put_back",
    "own_topics.retire",
    "own_topics.take_out",
    "own_topics.tree",
    "own_words.take_away",
    "own_words.words",
    "support.enter",
    "tariff.change",
}
"""What an administrator or an operator sends that changes no people, money policy or security."""


@pytest.fixture
def school(app: Skillbank) -> School:
    with saved(app):
        return joined_school(name="Hope Primary")


@pytest.fixture
def head(app: Skillbank, school: School) -> Person:
    with saved(app):
        return staff(school, Role.ADMINISTRATOR)


def confirmed(app: Skillbank, ago: timedelta) -> None:
    """Every session was confirmed some time ago."""
    with saved(app) as session:
        session.execute(sa.update(SignIn).values(confirmed_at=clock.now() - ago))


def kinds(app: Skillbank) -> list[str]:
    with app.app_context():
        return list(db.session.scalars(sa.select(SecurityEvent.kind).order_by(SecurityEvent.id)))


def test_within_ten_minutes_nobody_is_asked(
    app: Skillbank, school: School, head: Person, browser: Browser
) -> None:
    browser.be(head).get(f"/schools/{school.urn}/people")
    confirmed(app, timedelta(minutes=9, seconds=50))
    browser.submit("Send the invitation", name="Jo", email="jo@example.org", roles=["member"])
    assert browser.status == 200
    assert "Confirm that it is you" not in browser.text


def test_later_the_password_is_asked_for_and_the_form_is_shown_again(
    app: Skillbank, school: School, head: Person, browser: Browser
) -> None:
    path = f"/schools/{school.urn}/people"
    browser.be(head).get(path)
    confirmed(app, timedelta(minutes=10, seconds=5))
    assert browser.get(path).heading == "People"  # looking needs no proof
    browser.submit(
        "Send the invitation", name="Jo Bloggs", email="jo@example.org", roles=["member"]
    )
    assert (browser.status, browser.heading) == (401, "Confirm that it is you")
    browser.submit("Confirm", password="wrong password")
    assert (browser.status, browser.errors) == (422, ["The password is wrong."])
    browser.submit("Confirm", password=PASSWORD)
    assert "Nothing has been sent yet" in browser.text
    browser.submit("Carry on")
    assert browser.path == path
    assert browser.values("Send the invitation")["name"] == ["Jo Bloggs"]
    with app.app_context():
        assert db.session.scalars(sa.select(Invitation.id)).all() == []
    browser.submit("Send the invitation")
    assert browser.status == 200
    with app.app_context():
        assert db.session.scalars(sa.select(Invitation.email)).all() == ["jo@example.org"]
    assert kinds(app) == ["second_factor_failed", "confirmed", "invited"]


def test_who_has_an_app_is_asked_for_a_code(
    app: Skillbank, school: School, head: Person, browser: Browser
) -> None:
    with saved(app):
        secret = with_authenticator(head)
        colleague = staff(school, Role.MEMBER)
    browser.be(head).get(f"/schools/{school.urn}/people/{colleague.id}/remove")
    confirmed(app, timedelta(hours=1))
    browser.submit("Remove from Hope Primary")
    assert (browser.status, browser.heading) == (401, "Confirm that it is you")
    code = code_of(secret)
    browser.submit("Confirm", code="wrong").submit("Confirm", code=code).submit("Carry on")
    with app.app_context():
        grants = sa.select(RoleGrant.role).where(RoleGrant.person_id == colleague.id)
        assert db.session.scalars(grants).all() == ["member"]
    browser.submit("Remove from Hope Primary")
    assert browser.flashes == [f"{colleague.name} has been removed from Hope Primary."]


def test_the_password_is_not_guessed_without_end(
    app: Skillbank, head: Person, browser: Browser
) -> None:
    browser.be(head).get("/confirm-it-is-you")
    for _ in range(5):
        assert browser.submit("Confirm", password="guess").status == 422
    assert browser.submit("Confirm", password=PASSWORD).status == 429
    assert browser.answer.headers["Retry-After"] == "1"


def test_it_asks_before_a_school_is_brought_in(app: Skillbank, browser: Browser) -> None:
    with saved(app):
        operator = PersonFactory(roles=[(Role.OPERATOR, None)])
        outside = SchoolFactory()
    browser.be(operator).get(f"/network/schools?q={outside.urn}")
    confirmed(app, timedelta(minutes=11))
    browser.submit("Bring it in")
    assert (browser.status, browser.heading) == (401, "Confirm that it is you")
    with saved(app) as session:
        assert session.get_one(School, outside.urn).joined_at is None


@pytest.mark.parametrize(
    "path", ["/account/authenticator", "/account/passkeys", "/account/recovery-codes"]
)
def test_it_asks_before_ones_own_factors_change(
    app: Skillbank, jo: Person, browser: Browser, path: str
) -> None:
    browser.be(jo).get(path)
    confirmed(app, timedelta(minutes=11))
    app.config["WTF_CSRF_ENABLED"] = False
    assert browser.post(path, {}).heading == "Confirm that it is you"
    assert browser.status == 401


def test_every_form_of_administrators_and_operators_asks_or_is_known_not_to(
    app: Skillbank,
) -> None:
    asks, does_not = set(), set()
    for route in app.url_map.iter_rules():
        rule = rule_of(app, route.endpoint)
        if rule is None or "POST" not in (route.methods or ()):
            continue
        if rule.permission in (Permission.MANAGE_MEMBERS, Permission.MANAGE_NETWORK):
            (asks if rule.recent else does_not).add(route.endpoint)
    assert {"members.people", "members.remove", "network.bring_in", "claims.approve"} <= asks
    assert does_not == NOT_ABOUT_PEOPLE


def test_who_may_not_do_it_is_not_asked(
    app: Skillbank, school: School, jo: Person, browser: Browser
) -> None:
    browser.be(jo)
    confirmed(app, timedelta(hours=1))
    app.config["WTF_CSRF_ENABLED"] = False
    assert browser.post(f"/schools/{school.urn}/people", {}).status == 403


def test_after_confirming_one_goes_on_where_one_was(
    app: Skillbank, jo: Person, browser: Browser
) -> None:
    browser.be(jo).get("/confirm-it-is-you?next=/search?q=maths").submit(
        "Confirm", password=PASSWORD
    )
    assert browser.path == "/search?q=maths"
    browser.get("/confirm-it-is-you?next=//elsewhere.example").submit("Confirm", password=PASSWORD)
    assert browser.path == "/home"
