"""Who may open what of the pages of several features (see ``tests.marketplace.test_access``)."""

from __future__ import annotations

from tests.marketplace.outcomes import (
    EVERYBODY,
    MESSAGES_OF_OTHERS,
    OUR_MESSAGES,
)

EXPECTED = {
    ("pages.robots", "GET", ""): "200 200 200 200 200 200 200 200 200",
    ("pages.favicon", "GET", ""): "301 301 301 301 301 301 301 301 301",
    ("pages.security_txt", "GET", ""): "200 200 200 200 200 200 200 200 200",
    ("pages.old_security_txt", "GET", ""): "301 301 301 301 301 301 301 301 301",
    # Without a permission it is an error page, for a button has no page of its own.
    ("pages.dismiss_first_week", "POST", ""): "403 302 403 302 403 302 403 403 401",
    ("pages.landing", "GET", ""): "302 302 302 302 302 302 302 302 200",
    ("pages.offers", "GET", ""): "200 200 200 200 200 200 200 200 200",
    ("pages.offer", "GET", "ours"): "404 404 404 404 404 404 404 404 404",
    ("pages.offer", "GET", "theirs"): "404 404 404 404 404 404 404 404 404",
    ("pages.offer", "GET", "seen"): "200 200 200 200 200 200 200 200 200",
    ("pages.dashboard", "GET", ""): "200 200 200 200 302 200 200 200 in",
    ("pages.school", "GET", "ours"): EVERYBODY,
    ("pages.school", "GET", "theirs"): EVERYBODY,
    ("pages.listing", "GET", "ours"): "200 200 200 200 200 404 404 404 in",
    ("pages.listing", "GET", "theirs"): "404 404 404 404 404 404 404 404 in",
    ("pages.listing", "GET", "seen"): EVERYBODY,
    ("pages.conversation", "GET", "ours"): OUR_MESSAGES,
    ("pages.conversation", "GET", "theirs"): MESSAGES_OF_OTHERS,
    ("pages.conversation", "POST", "ours"): "422 422 422 422 403 404 403 403 401",
    ("pages.conversation", "POST", "theirs"): "404 404 404 404 403 404 403 403 401",
}
