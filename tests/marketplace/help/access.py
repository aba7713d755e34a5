"""Who may open what of help (see ``tests.marketplace.test_access``)."""

from __future__ import annotations

PUBLIC = "200 200 200 200 200 200 200 200 200"

EXPECTED: dict[tuple[str, str, str], str] = {
    ("help.index", "GET", ""): PUBLIC,
    ("help.article", "GET", ""): PUBLIC,
    ("help.privacy", "GET", ""): PUBLIC,
    ("help.accessibility", "GET", ""): PUBLIC,
    ("help.terms", "GET", ""): PUBLIC,
    ("help.cookie_list", "GET", ""): PUBLIC,
    ("help.contact", "GET", ""): PUBLIC,
    ("help.consent", "GET", ""): "200 200 200 200 200 200 200 200 in",
    ("help.consent", "POST", ""): "302 302 302 302 302 302 302 302 401",
}
