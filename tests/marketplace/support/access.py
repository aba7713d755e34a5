"""Who may open what of support access (see ``tests.marketplace.test_access``)."""

from __future__ import annotations

EXPECTED = {
    ("support.desk", "GET", ""): "403 403 403 403 403 403 200 403 in",
    ("support.begin", "GET", ""): "403 403 403 403 403 403 200 403 in",
    ("support.begin", "POST", ""): "403 403 403 403 403 403 422 403 401",
    ("support.enter", "POST", "ours"): "403 403 403 403 403 403 302 403 401",
    ("support.enter", "POST", "theirs"): "403 403 403 403 403 403 302 403 401",
    ("support.history", "GET", ""): "403 403 403 200 403 403 403 403 in",
    ("support.end", "POST", "ours"): "403 403 403 302 403 404 302 404 401",
    ("support.end", "POST", "theirs"): "404 404 404 404 404 404 302 404 401",
}
