"""Roles that need a second factor: without one a person reaches nothing but to set it up."""

from __future__ import annotations

from dataclasses import replace

import pytest

from marketplace.accounts.access import rule_of
from marketplace.accounts.models import Person
from marketplace.accounts.roles import NETWORK_ROLES, TRUST_ROLES, Role
from marketplace.application import Skillbank
from marketplace.setting_groups import SignInSettings
from tests.marketplace.accounts.factories import PASSWORD, PersonFactory
from tests.marketplace.accounts.second_factors.factories import code_of, with_authenticator
from tests.marketplace.browser import Browser
from tests.marketplace.factories import saved
from tests.marketplace.network.factories import joined_school
from tests.marketplace.schools.factories import TrustFactory
from tests.marketplace.statements.factories import director_of
from tests.marketplace.test_access import EXPECTED, World, path_of, world

__all__ = ["world"]

SET_UP = "/account/second-factor"
OPEN = {
    "accounts.account",
    "accounts.address",
    "accounts.confirm",
    "accounts.confirm_with_passkey",
    "accounts.end_others",
    "accounts.end_session",
    "accounts.forget_device",
    "accounts.name",
    "accounts.own_data",
    "accounts.own_emails",
    "accounts.own_passkeys",
    "accounts.own_security",
    "accounts.password",
    "accounts.recovery_codes_page",
    "accounts.remove_authenticator",
    "accounts.remove_passkey",
    "accounts.second_factor",
    "accounts.set_up_authenticator",
    "accounts.sign_out",
    "accounts.signed_in",
}
"""What a person can reach who has yet to set up a factor, besides what is public."""


def person_with(app: Skillbank, role: Role) -> Person:
    with saved(app):
        if role in TRUST_ROLES:
            trust = TrustFactory()
            joined_school(trust=trust)
            return director_of(trust.id, role)
        return PersonFactory(roles=[(role, None if role in NETWORK_ROLES else joined_school())])


@pytest.mark.parametrize("role", sorted(Role))
def test_who_holds_a_strict_role_is_led_to_set_one_up(
    app: Skillbank, browser: Browser, role: Role
) -> None:
    browser.sign_in(person_with(app, role))
    strict = role in (Role.FINANCE, Role.TRUST_FINANCE, Role.OPERATOR, Role.AUDITOR)
    assert browser.path == (SET_UP if strict else "/home")
    assert ("Your role needs a second factor" in browser.text) == strict
    assert bool(browser.page.select(".site-nav li")) == (not strict)


@pytest.mark.parametrize("role", sorted(Role))
def test_which_roles_is_a_setting(app: Skillbank, browser: Browser, role: Role) -> None:
    settings = app.extensions["skillbank.settings"]
    app.extensions["skillbank.settings"] = replace(
        settings, sign_in=SignInSettings(second_factor_roles=("administrator",))
    )
    browser.sign_in(person_with(app, role))
    start = "/trust/credits" if role is Role.TRUST_FINANCE else "/home"
    assert browser.path == (SET_UP if role is Role.ADMINISTRATOR else start)


def test_one_strict_role_anywhere_counts(app: Skillbank, browser: Browser) -> None:
    with saved(app):
        person = PersonFactory(
            roles=[(Role.MEMBER, joined_school()), (Role.FINANCE, joined_school())]
        )
    assert browser.sign_in(person).path == SET_UP


def test_every_other_route_leads_to_setting_it_up(app: Skillbank, world: World) -> None:
    operator = world.people["operator"]
    assert operator is not None
    client = app.test_client()
    Browser(client).get("/sign-in").post(
        "/sign-in", {"email": [email_of(app, operator.person_id)], "password": [PASSWORD]}
    )
    reached = set()
    for endpoint, method, whose in EXPECTED:
        rule = rule_of(app, endpoint)
        if endpoint == "accounts.sign_out" or rule is None or not rule.signed_in:
            continue
        answer = client.open(path_of(app, endpoint, world, whose), method=method)
        if (answer.status_code, answer.headers.get("Location")) != (302, SET_UP):
            reached.add(endpoint)
    assert reached == OPEN - {"accounts.sign_out"}
    assert client.post("/sign-out").location == "/"


def email_of(app: Skillbank, person_id: int) -> str:
    with saved(app) as session:
        return session.get_one(Person, person_id).email


def test_the_second_step_opens_everything(app: Skillbank, browser: Browser) -> None:
    person = person_with(app, Role.FINANCE)
    with saved(app):
        secret = with_authenticator(person)
    browser.sign_in(person).submit("Go on", code=code_of(secret))
    assert browser.get("/credits").path == "/credits"
    assert browser.page.select(".site-nav li")
