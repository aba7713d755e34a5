"""What browsers and search engines look for at the root of the site."""

from __future__ import annotations

from flask.testing import FlaskClient


def test_search_engines_may_list_the_public_pages_only(client: FlaskClient) -> None:
    answer = client.get("/robots.txt")
    assert (answer.status_code, answer.mimetype) == (200, "text/plain")
    assert answer.text.splitlines() == [
        "User-agent: *",
        "Allow: /$",
        "Allow: /find-your-school$",
        "Allow: /offers",
        "Allow: /help",
        "Allow: /privacy",
        "Allow: /accessibility",
        "Allow: /terms",
        "Allow: /cookies",
        "Allow: /contact",
        "Allow: /.well-known/",
        "Allow: /static/",
        "Disallow: /",
    ]


def test_the_icon_is_found_where_browsers_look_for_it(client: FlaskClient) -> None:
    answer = client.get("/favicon.ico")
    assert answer.status_code == 302  # another release may have another picture
    assert answer.location.startswith("/static/mark.svg?v=")
    with client.get(answer.location) as icon:
        assert (icon.status_code, icon.mimetype) == (200, "image/svg+xml")
