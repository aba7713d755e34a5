"""Forged forms, cookies, roles and fields: nothing of them is believed."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from itsdangerous import URLSafeTimedSerializer

from marketplace.accounts.access import PUBLIC, rule_of
from marketplace.accounts.roles import Role
from marketplace.application import Skillbank
from marketplace.database import db
from tests.marketplace.accounts.factories import actor_for
from tests.marketplace.browser import Browser
from tests.marketplace.factories import saved
from tests.marketplace.network.factories import joined_school
from tests.marketplace.test_access import EXPECTED, World, path_of
from tests.marketplace.test_access import world as world
from tests.security.forms import all_forms, browser_of, contents, filled, pages

LEFT_ALONE = {"security_event", "sign_in", "throttle", "health_check"}
"""What a refused request may write: that it was refused."""
NUMBER, TEXT = 1_987_654_321, "an attacker wrote this"
SENDERS = ("member", "coordinator", "administrator", "operator", "nobody")
WITHOUT_TOKEN = {"notifications.unsubscribe", "saved_searches.unsubscribe"}
"""What mail programs send by themselves, from no page at all; its address has a secret."""


@contextmanager
def tokens_wanted(app: Skillbank) -> Iterator[None]:
    """With the token against forged posts, which the world of the access table goes without."""
    app.config["WTF_CSRF_ENABLED"] = True
    try:
        yield
    finally:
        app.config["WTF_CSRF_ENABLED"] = False


def kept(app: Skillbank) -> dict[str, set[tuple[object, ...]]]:
    """Every row that no refused request may change."""
    with saved(app) as session:
        tables = contents(session)
    return {name: rows for name, rows in tables.items() if name not in LEFT_ALONE}


def test_every_form_needs_its_own_token(app: Skillbank, world: World) -> None:
    """Without a token, with a made-up one, and with that of another session."""
    before, faults, tried = kept(app), [], 0
    with tokens_wanted(app):
        stranger = browser_of(app, world, "stranger").get("/listings/new")
        foreign = stranger.page.find("input", {"name": "csrf_token"})["value"]
        for who in ("coordinator", "administrator", "operator", "nobody"):
            forms = all_forms(app, world, who)
            browser = browser_of(app, world, who).get("/help")
            for form in forms:
                if form.endpoint in WITHOUT_TOKEN:
                    continue
                for token in (None, "made up", foreign):
                    values = filled(form, lambda name: f"Some {name}")
                    values.pop("csrf_token", None)
                    if token is not None:
                        values["csrf_token"] = [token]
                    status = browser.client.post(form.action, data=values).status_code
                    tried += 1
                    if not 400 <= status < 500:
                        faults.append((who, form.action, token, status))
    assert faults == []
    assert tried >= 60
    assert kept(app) == before


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site", "Origin": "http://other.localhost"},
    ],
    ids=["origin", "cross-site", "same-site"],
)
def test_no_form_of_another_site_is_taken(
    app: Skillbank, world: World, headers: dict[str, str]
) -> None:
    """Whichever route it goes to, and even with the right token."""
    before, tried = kept(app), 0
    browser = browser_of(app, world, "administrator")
    for endpoint, method, whose in EXPECTED:
        if method != "POST":
            continue
        path = path_of(app, endpoint, world, whose)
        answer = browser.client.post(path, data={"name": "x"}, headers=headers)
        assert answer.status_code == 403, endpoint
        tried += 1
    assert tried >= 50
    assert kept(app) == before


def test_only_what_has_a_secret_of_its_own_goes_without_a_token(app: Skillbank) -> None:
    csrf = app.extensions["csrf"]
    exempt = {name.rpartition(".")[2] for name in csrf._exempt_views}
    assert exempt == {endpoint.rpartition(".")[2] for endpoint in WITHOUT_TOKEN}
    assert csrf._exempt_blueprints == set()


def test_no_field_that_is_not_asked_for_is_taken(app: Skillbank, world: World) -> None:
    """Every form with a value for every column there is, under its name, beside its own fields."""
    columns = {column.name for table in db.metadata.sorted_tables for column in table.columns}
    faults, sent = [], 0
    for who in SENDERS:
        browser = browser_of(app, world, who)
        for form in all_forms(app, world, who):
            extra = {
                name: [str(NUMBER) if name.endswith(("id", "urn", "minutes")) else TEXT]
                for name in columns - set(form.fields)
            }
            values = extra | filled(form, lambda name: f"Some {name}")
            status = browser.client.post(form.action, data=values).status_code
            sent += 1
            if status >= 500:
                faults.append((who, form.action, status))
    assert faults == []
    assert sent >= 40
    with saved(app) as session:
        for name, rows in contents(session).items():
            for row in rows:
                assert not any(str(NUMBER) in str(value) or TEXT in str(value) for value in row), (
                    name
                )


def test_nobody_makes_themselves_more_than_they_are(app: Skillbank, world: World) -> None:
    """Roles for the network or a trust, sent where roles of a school are asked for."""
    before = kept(app)["role_grant"]
    for who in ("member", "coordinator", "finance", "administrator", "stranger"):
        browser = browser_of(app, world, who)
        for form in all_forms(app, world, who):
            if "roles" not in form.fields:
                continue
            for role in ("operator", "auditor", "trust_administrator", "owner", "' OR 1=1 --"):
                values = filled(form, lambda name: f"Some {name}") | {"roles": [role]}
                status = browser.client.post(form.action, data=values).status_code
                assert status in (403, 404, 409, 422), (form.action, role)
        urn = world.things["theirs"]["urn"]
        for key in ("network", f"school:{urn}", "support:1", "", "x" * 500):
            browser.client.post("/acting", data={"membership": key})
            assert browser.get("/network/schools").status == 403
    assert kept(app)["role_grant"] == before


def test_a_forged_cookie_is_nobody(app: Skillbank) -> None:
    with saved(app):
        jo = actor_for(joined_school(), Role.ADMINISTRATOR)
    browser = Browser(app.test_client()).be(jo)
    assert browser.get("/home").path == "/home"
    cookie = browser.client.get_cookie("skillbank")
    assert cookie is not None
    content = {"_user_id": str(jo.person_id), "_fresh": True, "acting": "network"}
    forged = [
        URLSafeTimedSerializer(
            key,
            salt="cookie-session",
            signer_kwargs={"key_derivation": "hmac", "digest_method": method},
        ).dumps(content)
        for key in ("secret", "", "for tests")
        for method in (hashlib.sha1, hashlib.sha256)
    ]
    head, _, signature = cookie.value.rpartition(".")
    forged += [f"{head}.{signature[::-1]}", head, f"{head}.", cookie.value[:-2], "x" * 4000, "..."]
    for value in forged:
        thief = Browser(app.test_client())
        thief.client.set_cookie("skillbank", value)
        assert thief.get("/home").path.startswith("/sign-in"), value[:40]


def test_what_the_cookie_says_of_the_school_is_only_a_wish(app: Skillbank, world: World) -> None:
    """Even whoever could sign cookies acts only where they hold a role."""
    for key in ("network", f"school:{world.things['theirs']['urn']}", "support:1"):
        browser = browser_of(app, world, "member")
        with browser.client.session_transaction() as session:
            session["acting"] = key
        assert browser.get("/network/schools").status == 403
        path = f"/schools/{world.things['theirs']['urn']}/people"
        assert browser.get(path).status in (403, 404)


def test_every_page_of_the_signed_in_is_closed_to_others(app: Skillbank, world: World) -> None:
    for page in pages(app, world, "administrator"):
        if rule_of(app, page.endpoint) is not PUBLIC:
            browser = Browser(app.test_client()).get(page.path)
            assert browser.path.startswith("/sign-in"), page.path
