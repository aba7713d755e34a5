"""The name and the origin by which passkeys know the site."""

from __future__ import annotations

from dataclasses import replace

import pytest

from marketplace.accounts.second_factors.passkeys import RelyingParty, relying_party
from marketplace.application import Skillbank
from marketplace.setting_groups import Site
from tests.marketplace.browser import Browser


@pytest.mark.parametrize(
    ("url", "production", "host", "expected"),
    [
        (
            "https://skillbank.example",
            True,
            "elsewhere.example",
            RelyingParty("skillbank.example", "https://skillbank.example"),
        ),
        (
            "https://skillbank.example:8443",
            True,
            "skillbank.example:8443",
            RelyingParty("skillbank.example", "https://skillbank.example:8443"),
        ),
        ("https://192.0.2.7", True, "localhost:8000", None),
        ("https://[2001:db8::7]", True, "[2001:db8::7]", None),
        ("", False, "localhost:8000", RelyingParty("localhost", "http://localhost:8000")),
        ("", False, "127.0.0.1:8000", None),
        ("", False, "elsewhere.example", None),
        (
            "http://127.0.0.1:9000",
            False,
            "localhost:9000",
            RelyingParty("localhost", "http://localhost:9000"),
        ),
    ],
)
def test_it_follows_from_the_address_of_the_site(
    app: Skillbank, url: str, production: bool, host: str, expected: RelyingParty | None
) -> None:
    settings = app.extensions["skillbank.settings"]
    app.extensions["skillbank.settings"] = replace(
        settings, production=production, site=Site(url=url)
    )
    with app.test_request_context("/sign-in", base_url=f"http://{host}"):
        assert relying_party() == expected


def test_where_it_has_none_no_passkey_is_asked_for(app: Skillbank, browser: Browser) -> None:
    settings = app.extensions["skillbank.settings"]
    app.extensions["skillbank.settings"] = replace(settings, site=Site(url=""))
    assert "Sign in with a passkey" in browser.get("http://localhost/sign-in").buttons
    assert "Sign in with a passkey" not in browser.get("http://127.0.0.1/sign-in").buttons
