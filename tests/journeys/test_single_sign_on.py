"""Signing in with an account elsewhere in a real browser, at a provider on this machine."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from threading import Thread
from typing import Any
from urllib.parse import quote, urlsplit

import oidc_provider_mock
import pytest
import requests
import sqlalchemy as sa
from werkzeug.serving import make_server
from werkzeug.wrappers import Response

from marketplace import create_app
from marketplace.accounts.models import Person, SignIn
from marketplace.accounts.roles import Role
from marketplace.clock import now
from marketplace.database import db
from marketplace.setting_groups import SingleSignOnSettings
from marketplace.setting_groups import Site as SiteSettings
from marketplace.settings import Settings
from tests.databases import ENGINES, Databases
from tests.journeys.conftest import Site, WholeAnswers
from tests.marketplace.accounts.factories import PASSWORD, staff
from tests.marketplace.conftest import disconnect, make_tables
from tests.marketplace.factories import saved
from tests.marketplace.network.factories import joined_school

pytestmark = pytest.mark.browser

HOPE_ID = SingleSignOnSettings(
    other_client_id="skillbank", other_client_secret="a secret", other_label="Hope ID"
)


@pytest.fixture(scope="module")
def issuer() -> Iterator[str]:
    """The address of a provider that signs in whoever its form is filled in for."""
    with oidc_provider_mock.run_server_in_thread() as server:
        yield f"http://localhost:{server.server_port}"


@pytest.fixture(scope="module", params=ENGINES)
def here(request: pytest.FixtureRequest, databases: Databases, issuer: str) -> Iterator[Site]:
    """The application with that provider, which knows where it is served."""
    with databases.fresh(request.param, make_tables) as url:
        server = make_server("127.0.0.1", 0, Response(), threaded=True)
        origin = f"http://localhost:{server.server_port}"
        app = create_app(
            Settings(
                database_url=url,
                secret_key="for tests only",
                production=False,
                site=SiteSettings(url=origin),
                single_sign_on=replace(HOPE_ID, other_issuer=issuer),
            )
        )
        server.app = WholeAnswers(app)
        thread = Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield Site(app, origin, request.param)
        server.shutdown()
        thread.join()
        server.server_close()
        assert disconnect(app) == 0


@pytest.fixture
def page(chromium: Any, here: Site, issuer: str) -> Iterator[Any]:
    """A window; at the end our pages have asked nobody but ourselves and the provider."""
    context = chromium.new_context(base_url=here.origin)
    page = context.new_page()
    page.set_default_timeout(10_000)
    asked: list[tuple[str, str]] = []
    page.on("request", lambda request: asked.append((page.url, request.url)))
    context.route(lambda url: urlsplit(url).hostname != "localhost", lambda route: route.abort())
    yield page
    context.close()
    from_our_pages = {address for shown, address in asked if shown.startswith(here.origin)}
    assert [url for url in from_our_pages if not url.startswith((here.origin, issuer))] == []
    assert any(url.startswith(issuer) for url in from_our_pages)


def known_to_provider(issuer: str, subject: str, **claims: object) -> None:
    answer = requests.put(f"{issuer}/users/{quote(subject)}", json=claims, timeout=10)
    assert answer.status_code == 204


def sign_in_at_provider(page: Any, issuer: str, subject: str) -> None:
    """Fill in the provider's own form, and come back."""
    assert page.url.startswith(issuer)
    page.locator("input[name=sub]").fill(subject)
    with page.expect_navigation(url=lambda url: not url.startswith(issuer)):
        page.locator("button[type=submit], input[type=submit]").first.click()


def heading(page: Any) -> str:
    return page.get_by_role("heading", level=1).inner_text()


def press(page: Any, role: str, name: str) -> None:
    with page.expect_navigation():
        page.get_by_role(role, name=name, exact=True).click()


def coordinator(here: Site, email: str) -> Person:
    with saved(here.app):
        return staff(joined_school(name="Hope Primary"), Role.COORDINATOR, name="Jo", email=email)


def test_a_person_connects_an_account_elsewhere_and_signs_in_with_it(
    here: Site, page: Any, issuer: str
) -> None:
    jo = coordinator(here, "jo@hope.example")
    known_to_provider(issuer, "jo-private", email="jo@home.example")
    page.goto("/sign-in")
    page.get_by_label("E-mail address").fill(jo.email)
    page.get_by_label("Password").fill(PASSWORD)
    with page.expect_navigation():
        page.get_by_role("main").get_by_role("button", name="Sign in", exact=True).click()
    with saved(here.app) as session:
        session.execute(sa.update(SignIn).values(confirmed_at=now() - timedelta(minutes=11)))
    page.goto("/account/sign-in-with")
    press(page, "link", "Connect Hope ID")
    assert heading(page) == "Confirm that it is you"
    page.get_by_label("Password").fill(PASSWORD)
    with page.expect_navigation(url=lambda url: url.startswith(issuer)):
        page.get_by_role("main").get_by_role("button").first.click()
    sign_in_at_provider(page, issuer, "jo-private")
    assert "From now on you can sign in with Hope ID." in page.inner_text("body")

    press(page, "button", "Sign out")
    page.goto("/sign-in?next=/messages")
    press(page, "link", "Sign in with Hope ID")
    sign_in_at_provider(page, issuer, "jo-private")
    assert urlsplit(page.url).path == "/messages"
    with here.app.app_context():
        methods = db.session.scalars(sa.select(SignIn.method).order_by(SignIn.id)).all()
    assert methods == ["password", "single_sign_on"]


def test_an_address_that_the_provider_does_not_verify_opens_nothing(
    here: Site, page: Any, issuer: str
) -> None:
    coordinator(here, "al@hope.example")
    known_to_provider(issuer, "thief", email="al@hope.example", email_verified=False)
    page.goto("/sign-in")
    press(page, "link", "Sign in with Hope ID")
    sign_in_at_provider(page, issuer, "thief")
    assert heading(page) == "This account at Hope ID is not connected yet"
    page.goto("/home")
    assert urlsplit(page.url).path == "/sign-in"
