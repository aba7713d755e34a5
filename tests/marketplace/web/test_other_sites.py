"""Other hosts are refused, and forms that another site sends."""

from __future__ import annotations

import pytest

from marketplace.application import Skillbank
from tests.marketplace.browser import Browser
from tests.marketplace.web.edge import FORM, PAGE, client_with

SITE = "https://skillbank.example"


@pytest.mark.parametrize(
    "host", ["skillbank.example", "SKILLBANK.example", "skillbank.example:8443"]
)
def test_the_sites_own_host_is_answered(host: str) -> None:
    client = client_with(production=True, url=SITE)
    assert client.get(PAGE, headers={"Host": host}).status_code == 200


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "skillbank.example.evil.example",
        "evil-skillbank.example",
        "www.skillbank.example",
        "skillbank.example@evil.example",
        "localhost",
        "127.0.0.1:8000",
        "skillbank.example:99999999",
        "sk\u00efllbank.example",
        "a b",
        "",
    ],
)
def test_another_host_is_told_where_the_site_is(host: str) -> None:
    browser = Browser(client_with(production=True, url=SITE))
    for path in ("/", PAGE, "/nothing-here", "/static/mark.svg"):
        browser._stand_on(browser.client.get(path, headers={"Host": host}))
        assert (browser.status, browser.heading) == (400, "This is not the address of Skillbank")
        assert f"Skillbank is at {SITE}. Open it there." in browser.text
        assert host == "" or host not in browser.answer.text


def test_a_load_balancer_may_ask_by_any_host(app: Skillbank) -> None:
    assert app.test_client().get("/healthz", headers={"Host": "10.0.0.1"}).status_code == 200


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1:5000", "[::1]:5000", "trial.example"])
def test_a_trial_answers_on_this_machine_too(host: str) -> None:
    client = client_with(url="http://trial.example")
    assert client.get(PAGE, headers={"Host": host}).status_code == 200
    assert client.get(PAGE, headers={"Host": "evil.example"}).status_code == 400


def test_a_forwarded_host_is_never_read() -> None:
    client = client_with(production=True, url=SITE, trusted_proxies=1)
    headers = {"Host": "skillbank.example", "X-Forwarded-Host": "evil.example"}
    assert client.get(PAGE, headers=headers).status_code == 200
    headers = {"Host": "evil.example", "X-Forwarded-Host": "skillbank.example"}
    assert client.get(PAGE, headers=headers).status_code == 400


OURS = {"Sec-Fetch-Site": "same-origin"}


@pytest.mark.parametrize(
    ("headers", "refused"),
    [
        (OURS, False),
        # A proxy that ends HTTPS and says nothing of it: the origin is the site's all the same.
        ({"Origin": SITE}, False),
        ({"Origin": SITE.upper()}, False),
        (OURS | {"Origin": "http://10.0.0.1"}, False),
        ({"Sec-Fetch-Site": "none"}, False),
        ({"Origin": "null"}, False),
        ({}, False),
        ({"Referer": "https://evil.example/"}, False),
        ({"Sec-Fetch-Site": "cross-site"}, True),
        ({"Sec-Fetch-Site": "cross-site", "Origin": SITE}, True),
        ({"Sec-Fetch-Site": "same-site"}, True),
        ({"Origin": "https://evil.example"}, True),
        ({"Origin": "https://skillbank.example.evil.example"}, True),
        ({"Origin": "https://skillbank.example:8443"}, True),
        ({"Origin": "<script>"}, True),
    ],
)
@pytest.mark.parametrize("path", [FORM, "/listings/new", "/nothing-here"])
def test_a_form_of_another_site_is_refused(
    headers: dict[str, str], refused: bool, path: str
) -> None:
    client = client_with(production=True, url=SITE)
    headers = {"Host": "skillbank.example"} | headers
    browser = Browser(client)
    browser._stand_on(client.post(path, headers=headers, data={"title": "evil words"}))
    assert (browser.heading == "This was sent from another site") is refused
    assert (browser.status == 403) is refused
    assert not refused or "evil words" not in browser.answer.text


def test_whoever_links_to_a_page_may_do_so() -> None:
    client = client_with()
    assert client.get(PAGE, headers={"Sec-Fetch-Site": "cross-site"}).status_code == 200


@pytest.mark.parametrize("headers", [{}, {"Origin": "null"}, {"Sec-Fetch-Site": "none"}])
def test_a_form_of_an_unknown_origin_is_not_kept(headers: dict[str, str]) -> None:
    """A page without an origin can be another site's: what it holds is shown to nobody."""
    browser = Browser(client_with())
    browser._stand_on(
        browser.client.post("/listings/new", headers=headers, data={"title": "evil words"})
    )
    assert (browser.status, browser.heading) == (401, "Sign in")
    assert "Your session has ended. Sign in, then fill in the form again." in browser.text
    assert browser.values("Sign in")["resume"] == [""]


def test_a_form_of_our_own_is_kept() -> None:
    browser = Browser(client_with()).post("/listings/new", {"title": ["Kept words"]})
    assert (browser.status, browser.heading) == (401, "Sign in")
    assert "We have kept what you typed" in browser.text
    assert browser.values("Sign in")["resume"] != [""]
