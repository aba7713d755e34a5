"""One line a request, with the number that the person sees, and with nothing that was typed."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator

import pytest
from flask.testing import FlaskClient

from marketplace.accounts.roles import Role
from marketplace.application import Skillbank
from marketplace.logs import FIELDS, JsonFormatter, TextFormatter
from tests.marketplace.accounts.factories import actor_for
from tests.marketplace.browser import Browser
from tests.marketplace.factories import saved
from tests.marketplace.network.factories import joined_school
from tests.marketplace.web.edge import PAGE, client_with

MARKER = "quokka7f3a"


class Lines(logging.Handler):
    """Every line that is logged, in each form."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.json: list[str] = []
        self.text: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.json.append(JsonFormatter().format(record))
        self.text.append(TextFormatter().format(record))

    def requests(self) -> list[dict[str, object]]:
        return [line for line in map(json.loads, self.json) if line["message"] == "request"]


@pytest.fixture
def lines() -> Iterator[Lines]:
    handler, root = Lines(), logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    yield handler
    root.removeHandler(handler)
    root.setLevel(level)


def test_a_request_is_one_line_with_who_and_where(
    app: Skillbank, client: FlaskClient, lines: Lines
) -> None:
    with saved(app):
        actor = actor_for(joined_school())
    browser = Browser(client).be(actor).get("/listings/12345/ask?page=3")
    (line,) = lines.requests()
    assert line["level"] == "info"
    assert (
        line.items()
        >= {
            "method": "GET",
            "route": "/listings/<int:listing_id>/ask",
            "status": 404,
            "person": actor.person_id,
            "school": actor.urn,
            "address": "127.0.0.1",
            "request_id": browser.answer.headers["X-Request-ID"],
        }.items()
    )
    assert 0 < line["ms"] < 60_000


@pytest.mark.parametrize(
    ("proxies", "sent", "is_taken"),
    [
        (0, "of-a-proxy-1", False),
        (1, "of-a-proxy-1", True),
        (1, "short", False),
        (1, "x" * 41, False),
        (1, "a b c d e f g", False),
        (1, '"},{"level":"', False),
        (1, "", False),
    ],
)
def test_only_a_trusted_proxy_may_number_requests(
    proxies: int, sent: str, is_taken: bool, lines: Lines
) -> None:
    client = client_with(trusted_proxies=proxies)
    number = client.get(PAGE, headers={"X-Request-ID": sent}).headers["X-Request-ID"]
    assert (number == sent) is is_taken
    assert [line["request_id"] for line in lines.requests()] == [number]
    assert is_taken or (len(number) == 12 and number.isalnum())


def test_an_error_page_says_which_number_to_quote() -> None:
    browser = Browser(client_with())
    browser._stand_on(browser.client.post("/sign-in", headers={"Origin": "https://evil.example"}))
    assert f"quote the number {browser.answer.headers['X-Request-ID']}" in browser.text


def test_an_error_is_logged_without_its_message_and_address(lines: Lines) -> None:
    client = client_with()
    app = client.application

    def fail(token: str) -> str:
        raise ValueError(f"cannot read {token}")

    app.testing = False
    fail.access_rule = app.view_functions["pages.robots"].access_rule  # type: ignore[attr-defined]
    app.add_url_rule("/links/<token>", "links", fail)
    answer = client.get(f"/links/{MARKER}?q={MARKER}")
    assert answer.status_code == 500
    assert answer.headers["X-Request-ID"] in answer.text
    failure = next(line for line in map(json.loads, lines.json) if line["level"] == "error")
    assert failure["message"] == "failed: GET /links/<token>"
    assert failure["error"] == "builtins.ValueError"
    assert "test_request_log.py" in failure["stack"]
    assert failure["request_id"] == answer.headers["X-Request-ID"]
    assert MARKER not in "".join(lines.json + lines.text)


def test_nothing_that_is_typed_and_no_token_reaches_a_line(
    app: Skillbank, client: FlaskClient, lines: Lines
) -> None:
    """The marker goes into every field of every form, into addresses, and into headers."""
    with saved(app):
        school = joined_school()
        people = [
            actor_for(school, Role.COORDINATOR),
            actor_for(school, Role.ADMINISTRATOR),
            None,
        ]
    routes = [
        (rule, method)
        for rule in app.url_map.iter_rules()
        for method in sorted((rule.methods or set()) & {"GET", "POST"})
    ]
    forms = 0
    for who in people:
        browser = Browser(client)
        if who is not None:
            browser.be(who)
        for rule, method in routes:
            values = {
                name: 1 if "int" in type(rule._converters[name]).__name__.lower() else MARKER
                for name in rule.arguments
            }
            values = {
                name: 1 if type(rule._converters[name]).__name__ == "RowNumber" else value
                for name, value in values.items()
            }
            values |= {
                name: min(rule._converters[name].items)
                for name in rule.arguments
                if type(rule._converters[name]).__name__ == "AnyConverter"
            }
            with app.test_request_context():
                path = app.url_for(rule.endpoint, **values)
            if method == "GET":
                browser._stand_on(
                    client.get(f"{path}?q={MARKER}&next=/{MARKER}", headers=headers())
                )
                for form in browser.page.select("form[method=post]"):
                    forms += 1
                    names = [field["name"] for field in form.select("[name]")]
                    sent = {name: MARKER for name in names if name != "csrf_token"}
                    token = form.select_one("[name=csrf_token]")
                    sent["csrf_token"] = token["value"] if token else ""
                    action = form.get("action") or path
                    if "sign-out" not in action:
                        client.post(action, data=sent, headers=headers())
            elif "sign_out" not in rule.endpoint:
                client.post(path, data={"title": MARKER, "email": MARKER}, headers=headers())
    client.get(f"/{MARKER}")
    client.open(f"/{MARKER}", method=MARKER.upper())
    assert forms > 20
    assert len(lines.requests()) > 100
    everything = "\n".join(lines.json + lines.text).lower()
    assert MARKER not in everything


def headers() -> dict[str, str]:
    return {
        "Origin": "http://localhost",
        "User-Agent": MARKER,
        "Referer": f"http://localhost/{MARKER}",
        "X-Request-ID": MARKER,
        "X-Forwarded-For": MARKER,
    }


def test_a_line_outside_a_request_has_no_number() -> None:
    record = logging.LogRecord("jobs", logging.INFO, "", 0, "%s: %s", ("seal_book", "done"), None)
    line = json.loads(JsonFormatter().format(record))
    assert (line["message"], line["logger"]) == ("seal_book: done", "jobs")
    assert "request_id" not in line
    setattr(record, FIELDS, {"school": 100000, "person": None})
    assert TextFormatter().format(record).endswith("INFO seal_book: done school=100000")
