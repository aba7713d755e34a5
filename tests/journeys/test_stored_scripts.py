"""A script in every text that can be stored, shown by every page in a real browser: none runs."""

from __future__ import annotations

from collections.abc import Iterator
from threading import Thread
from typing import Any
from urllib.parse import urlsplit

import playwright.sync_api as playwright
import pytest
import sqlalchemy as sa
from werkzeug.serving import make_server

from marketplace.accounts.models import Person
from marketplace.application import Skillbank
from marketplace.database import db
from marketplace.mail.models import Email
from marketplace.schools.models import School
from tests.journeys.conftest import WholeAnswers
from tests.marketplace.conftest import app, made_url, shared_apps
from tests.marketplace.factories import saved
from tests.marketplace.test_access import World
from tests.marketplace.test_access import world as world
from tests.security.forms import (
    SMALL_NUMBERS,
    ShownForm,
    all_forms,
    browser_of,
    contents,
    filled,
    pages,
)

__all__ = ["app", "made_url", "shared_apps", "world"]

pytestmark = pytest.mark.browser

MARK = "data-injected"
SCRIPT = f"\"'><b {MARK}><img src=/probe onerror=hit()><script>hit()</script>"
WRITERS = ("member", "coordinator", "administrator", "operator", "nobody")
READERS = ("coordinator", "administrator", "operator", "nobody")
STORED_IN = {
    ("listing", "title"),
    ("listing", "description"),
    ("message", "body"),
    ("exchange", "details"),
    ("person", "name"),
    ("school", "name"),
    ("email", "html"),
}
"""Where it has to have arrived, so that the test is about something."""


@pytest.fixture
def origin(app: Skillbank) -> Iterator[str]:
    """The application, served from a thread."""
    server = make_server("127.0.0.1", 0, WholeAnswers(app), threaded=True)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


NOT_ANY_TEXT = SMALL_NUMBERS | {"code", "more_topics"}
"""Texts of which only some are taken."""
RATES = ("hour_", "half_day_", "day_")
"""The beginnings of the names of rates of the tariff."""


def hostile(form: ShownForm) -> dict[str, list[str]]:
    """The form with the script in each of its texts, whatever stood there."""
    values = filled(form, lambda _: SCRIPT)
    for name in form.texts:
        if name not in NOT_ANY_TEXT and not name.startswith(RATES):
            field = form.fields[name]
            longest = field.get("maxlength") or field.get("data-most") or 5000
            values[name] = [SCRIPT[: int(longest)]]
    return values


def store_everywhere(app: Skillbank, world: World) -> int:
    """Send every form with the script in its texts; return how many were taken."""
    taken = 0
    for who in WRITERS:
        browser = browser_of(app, world, who)
        for form in all_forms(app, world, who):
            if not form.texts:
                continue
            taken += browser.client.post(form.action, data=hostile(form)).status_code == 302
    with saved(app) as session:
        session.execute(sa.update(School).values(name=SCRIPT))
        session.execute(sa.update(Person).values(name=SCRIPT))
    return taken


def columns_with_script(app: Skillbank) -> set[tuple[str, str]]:
    """The columns in which the script, or what was left of it, is stored."""
    with saved(app) as session:
        tables = contents(session)
        inspector = sa.inspect(session.connection())
        names = {name: [c["name"] for c in inspector.get_columns(name)] for name in tables}
    return {
        (table, names[table][place])
        for table, rows in tables.items()
        for row in rows
        for place, value in enumerate(row)
        if "onerror=hit()" in str(value)
    }


@pytest.mark.parametrize("made_url", ["sqlite"], indirect=True)
def test_no_stored_text_runs_a_script(
    app: Skillbank, world: World, chromium: Any, origin: str
) -> None:
    assert store_everywhere(app, world) >= 8
    assert columns_with_script(app) >= STORED_IN
    looked, faults = 0, []
    for who in READERS:
        browser = browser_of(app, world, who)
        context = chromium.new_context(base_url=origin)
        context.add_init_script("window.hits = 0; window.hit = () => { window.hits += 1; };")
        cookie = browser.client.get_cookie("skillbank")
        if cookie is not None:
            context.add_cookies([{"name": "skillbank", "value": cookie.value, "url": origin}])
        page = context.new_page()
        asked: list[str] = []
        page.on("request", lambda request, asked=asked: asked.append(request.url))
        page.on("dialog", lambda dialog, asked=asked: asked.append(f"dialog {dialog.message}"))
        for shown in pages(app, world, who):
            answer = opened(page, shown.path)
            if answer is None:
                continue
            # A link is used up, or what a page was about is settled.
            assert answer.status in (200, 404, 410), (shown.path, answer.status)
            looked += 1
            injected = page.evaluate(f"document.querySelectorAll('[{MARK}]').length + window.hits")
            if injected:
                faults.append((who, shown.path))
        context.close()
        elsewhere = [url for url in asked if not url.startswith((origin, "data:"))]
        assert elsewhere == []
        assert not [url for url in asked if urlsplit(url).path.endswith("/probe")]
    assert faults == []
    assert looked >= 80
    look_at_emails(app, chromium)


def opened(page: Any, path: str) -> Any:
    """The answer of a page that has been opened; None for a file, which a browser would save."""
    try:
        answer = page.goto(path)
    except playwright.Error as error:
        if "Download is starting" not in str(error):
            raise
        return None
    return answer if answer.headers["content-type"].startswith("text/html") else None


def look_at_emails(app: Skillbank, chromium: Any) -> None:
    """The HTML of every e-mail, in a browser without the policy of our pages."""
    with app.app_context():
        htmls = [html for html in db.session.scalars(sa.select(Email.html)) if html]
    assert any("onerror=hit()" in html for html in htmls)
    page = chromium.new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    for html in htmls:
        page.set_content(html)
        assert page.locator(f"[{MARK}]").count() == 0
    page.close()
    assert asked == []
