"""Two sites in a real browser: one cannot put a filled form before a person of the other."""

from __future__ import annotations

from collections.abc import Iterator
from threading import Thread
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import expect
from werkzeug.serving import make_server

from marketplace.accounts.roles import Role
from tests.journeys.conftest import Site
from tests.marketplace.accounts.factories import PASSWORD, staff
from tests.marketplace.factories import saved
from tests.marketplace.network.factories import joined_school

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

pytestmark = pytest.mark.browser

ATTACK = """<!doctype html><title>Win a prize</title>
<form method="post" action="{action}">
<input name="name" value="Eve"><input name="email" value="eve@attacker.example">
<input name="roles" value="administrator"><button>Win</button>
</form>
<script>document.forms[0].submit()</script>"""
WITHOUT_REFERRER = ATTACK.replace("<title>", '<meta name="referrer" content="no-referrer"><title>')
"""Then the browser sends ``Origin: null``."""
SANDBOXED = """<!doctype html><title>Win a prize</title>
<iframe sandbox="allow-scripts allow-forms allow-top-navigation" srcdoc='{attack}'></iframe>"""


class Attacker:
    """Another site, which serves whatever page it is given."""

    page = ""

    def __call__(self, _: WSGIEnvironment, start_response: StartResponse) -> list[bytes]:
        start_response("200 OK", [("Content-Type", "text/html; charset=utf-8")])
        return [self.page.encode()]


@pytest.fixture
def attacker() -> Iterator[tuple[Attacker, str]]:
    """The other site, and its address: another host than that of the site under attack."""
    application = Attacker()
    server = make_server("localhost", 0, application, threaded=True)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield application, f"http://localhost:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def sign_in(page: Any, email: str) -> None:
    page.get_by_label("E-mail address").fill(email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("main").get_by_role("button", name="Sign in", exact=True).click()


@pytest.mark.parametrize("signed_in", [True, False])
@pytest.mark.parametrize("attack", ["plain", "without referrer", "sandboxed"])
def test_a_form_of_another_site_is_refused_and_kept_nowhere(
    chromium: Any, site: Site, attacker: tuple[Attacker, str], attack: str, signed_in: bool
) -> None:
    with saved(site.app):
        school = joined_school()
        email = staff(school, Role.ADMINISTRATOR).email
        urn = school.urn
    application, address = attacker
    action = f"{site.origin}/schools/{urn}/people"
    form = (WITHOUT_REFERRER if attack == "without referrer" else ATTACK).format(action=action)
    application.page = form
    if attack == "sandboxed":
        form = form.replace("<form ", '<form target="_top" ')
        application.page = SANDBOXED.format(attack=form)
    context = chromium.new_context()
    try:
        page = context.new_page()
        page.set_default_timeout(10_000)
        if signed_in:
            page.goto(f"{site.origin}/sign-in")
            sign_in(page, email)
        page.goto(address)
        page.wait_for_url(action)
        expect(page.get_by_role("heading", level=1)).to_have_text("This was sent from another site")
        assert "attacker.example" not in page.content()
        page.goto(f"{site.origin}/home")
        if not signed_in:
            sign_in(page, email)
        page.goto(action)
        expect(page.get_by_label("E-mail address")).to_have_value("")
        assert "attacker.example" not in page.content()
        page.wait_for_load_state("networkidle")
    finally:
        context.close()


def test_a_form_of_our_own_outlives_the_session_in_a_browser(chromium: Any, site: Site) -> None:
    with saved(site.app):
        email = staff(joined_school(), Role.COORDINATOR).email
    context = chromium.new_context(base_url=site.origin)
    try:
        page = context.new_page()
        page.set_default_timeout(10_000)
        page.goto("/sign-in")
        sign_in(page, email)
        page.goto("/listings/new")
        page.get_by_label("Title").fill("Kept title")
        context.clear_cookies()
        page.get_by_role("button", name="Post it").click()
        expect(page.get_by_text("We have kept what you typed")).to_be_visible()
        sign_in(page, email)
        page.get_by_role("button", name="Carry on").click()
        expect(page.get_by_label("Title")).to_have_value("Kept title")
        page.wait_for_load_state("networkidle")
    finally:
        context.close()
