"""What every answer tells the browser, on HTTP and on HTTPS."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from marketplace.accounts import one_time_links
from marketplace.accounts.one_time_links import Purpose
from marketplace.accounts.roles import Role
from marketplace.application import Skillbank
from tests.marketplace.accounts.factories import actor_for, staff
from tests.marketplace.browser import Browser
from tests.marketplace.factories import saved
from tests.marketplace.network.factories import joined_school
from tests.marketplace.test_query_counts import counting
from tests.marketplace.web.edge import FORM, PAGE, client_with

ALWAYS = {
    "Content-Security-Policy": "default-src 'self'; img-src 'self' data:; object-src 'none';"
    " base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
HSTS = "Strict-Transport-Security"


@pytest.mark.parametrize("path", [PAGE, FORM, "/nothing-here", "/static/mark.svg"])
def test_every_answer_keeps_the_browser_strict(path: str) -> None:
    with client_with().get(path) as answer:
        assert {name: answer.headers.get(name) for name in ALWAYS} == ALWAYS
        policy = answer.headers["Permissions-Policy"].split(", ")
        assert {"camera=()", "geolocation=()", "microphone=()", "payment=()"} <= set(policy)
        assert HSTS not in answer.headers


def test_only_https_is_told_to_stay() -> None:
    client = client_with(trusted_proxies=1)
    for scheme, header in (("https", "max-age=31536000; includeSubDomains"), ("http", None)):
        answer = client.get(PAGE, headers={"X-Forwarded-Proto": scheme})
        assert answer.headers.get(HSTS) == header
    answer = client_with().get(PAGE, headers={"X-Forwarded-Proto": "https"})
    assert HSTS not in answer.headers


def test_what_the_next_person_must_not_see_is_stored_nowhere(
    app: Skillbank, client: FlaskClient
) -> None:
    with saved(app) as session:
        school = joined_school()
        token = one_time_links.make(session, Purpose.PASSWORD_RESET, staff(school, Role.MEMBER).id)
        link = f"/choose-password/{token}"
        actor = actor_for(school)
    for path in (link, "/choose-password/expired", "/nothing-here"):
        assert client.get(path).headers["Cache-Control"] == "no-store", path
    assert client.post(FORM).headers["Cache-Control"] == "no-store"
    assert "no-store" not in client.get(PAGE).headers.get("Cache-Control", "")
    browser = Browser(client).be(actor)
    assert browser.get("/home").answer.headers["Cache-Control"] == "no-store"


def test_a_style_sheet_may_be_cached_and_needs_no_database(
    app: Skillbank, client: FlaskClient
) -> None:
    with saved(app):
        browser = Browser(client).be(actor_for(joined_school()))
    with counting(app) as statements, browser.client.get("/static/css/base.css") as answer:
        assert answer.status_code == 200
        assert "no-store" not in answer.headers["Cache-Control"]
    assert statements == []


def test_a_page_that_depends_on_who_asks_says_so(app: Skillbank, client: FlaskClient) -> None:
    for path in ("/", "/sign-in"):
        assert "Cookie" in client.get(path).headers["Vary"]
