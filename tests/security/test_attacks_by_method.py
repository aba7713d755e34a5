"""Every route with every method, and every answer with what it must say of itself."""

from __future__ import annotations

from marketplace.application import Skillbank
from tests.marketplace.test_access import EXPECTED, World, path_of
from tests.marketplace.test_access import world as world
from tests.security.forms import browser_of, pages
from tests.security.test_attacks_by_forgery import kept

METHODS = ("GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "TRACE", "OPTIONS", "CONNECT", "MOVE")
WITH_CHARSET = ("text/", "application/xml", "+xml")
FILES = (
    "/.git/config",
    "/.git/HEAD",
    "/.env",
    "/wsgi.py",
    "/requirements.txt",
    "/instance/secret-key",
    "/instance/skillbank.sqlite3",
    "/static",
    "/static/",
    "/static/js/",
    "/static/../wsgi.py",
    "/static/%2e%2e/wsgi.py",
    "/static/..%2f..%2fwsgi.py",
    "/static/js/....//....//wsgi.py",
    "/static//etc/passwd",
    "/help/..%2fservice.py",
    "/help/../../service",
    "/templates/layouts/page.html",
)
QUERIES = ("?_method=DELETE&method=put", "?name=x&roles=operator&really=1&idempotency_key=x")


def test_only_the_methods_of_a_route_are_answered(app: Skillbank, world: World) -> None:
    before, tried = kept(app), 0
    browser = browser_of(app, world, "administrator")
    methods_of: dict[str, set[str]] = {}
    for rule in app.url_map.iter_rules():
        methods_of.setdefault(rule.rule, set()).update(rule.methods or ())
    for endpoint in {endpoint for endpoint, _, _ in EXPECTED}:
        rule = next(app.url_map.iter_rules(endpoint))
        path = path_of(app, endpoint, world, "theirs")
        for method in set(METHODS) - methods_of[rule.rule]:
            answer = browser.client.open(path, method=method, data={"name": "x"})
            assert answer.status_code == 405, (method, path)
            tried += 1
        answer = browser.client.options(path)
        if answer.status_code == 200:
            assert set(answer.allow) == methods_of[rule.rule], path
    assert tried >= 400
    assert kept(app) == before


def test_what_is_opened_changes_nothing(app: Skillbank, world: World) -> None:
    """Nor does a page that is opened with a form in its address, or with another method's name."""
    before, tried = kept(app), 0
    headers = {"X-HTTP-Method-Override": "DELETE", "X-Method-Override": "POST"}
    for who in ("coordinator", "administrator", "operator"):
        browser = browser_of(app, world, who)
        for page in pages(app, world, who):
            for query in QUERIES:
                answer = browser.client.get(page.path + query, headers=headers)
                assert answer.status_code < 500, page.path
                tried += 1
                answer.close()
            assert browser.client.head(page.path).data == b""
    assert tried >= 100
    assert kept(app) == before


def test_every_answer_says_what_it_is(app: Skillbank, world: World) -> None:
    for who in ("coordinator", "operator", "nobody"):
        browser = browser_of(app, world, who)
        paths = [page.path for page in pages(app, world, who)]
        for path in [*paths, "/nowhere", "/static/js/passkeys.js", "/favicon.ico"]:
            answer = browser.client.get(path)
            kind = answer.headers["Content-Type"]
            assert answer.headers["X-Content-Type-Options"] == "nosniff"
            assert not kind.startswith(WITH_CHARSET) or "charset=utf-8" in kind, (path, kind)
            if kind.startswith("text/html"):
                assert answer.text.lstrip().lower().startswith("<!doctype html>"), path
            answer.close()


def test_no_file_of_the_checkout_is_served(app: Skillbank) -> None:
    for path in FILES:
        answer = app.test_client().get(path)
        assert answer.status_code in (301, 308, 404), path
        assert b"[core]" not in answer.data
        assert b"create_app" not in answer.data
