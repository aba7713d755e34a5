"""Who may open what of signing in and out (see ``tests.marketplace.test_access``)."""

from __future__ import annotations

EXPECTED = {
    ("accounts.sign_in", "GET", ""): "302 302 302 302 302 302 302 200",
    ("accounts.sign_in", "POST", ""): "422 422 422 422 422 422 422 422",
    ("accounts.switch", "POST", ""): "302 302 302 302 302 302 302 in",
    ("accounts.sign_out", "POST", ""): "302 302 302 302 302 302 302 in",
    ("accounts.use_link", "GET", ""): "200 200 200 200 200 200 200 200",
    ("accounts.use_link", "POST", ""): "422 422 422 422 422 422 422 422",
}
