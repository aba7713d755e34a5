"""Who may open what of the operator’s desk (see ``tests.marketplace.test_access``)."""

from __future__ import annotations

EXPECTED = {
    ("network.deliveries", "GET", ""): "403 403 403 403 403 200 403 in",
    ("network.schools", "GET", ""): "403 403 403 403 403 200 403 in",
    ("network.bring_in", "POST", "theirs"): "403 403 403 403 403 302 403 401",
}
