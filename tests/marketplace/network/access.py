"""Who may open what of the operator’s desk (see ``tests.marketplace.test_access``)."""

from __future__ import annotations

EXPECTED = {
    ("network.deliveries", "GET", ""): "403 403 403 403 403 403 200 403 in",
    ("network.failure_seen", "POST", "ours"): "403 403 403 403 403 403 302 403 401",
    ("network.failure_seen", "POST", "theirs"): "403 403 403 403 403 403 302 403 401",
    ("network.address_works", "POST", ""): "403 403 403 403 403 403 404 403 401",
    ("network.schools", "GET", ""): "403 403 403 403 403 403 200 403 in",
    ("network.activity", "GET", ""): "403 403 403 403 403 403 200 403 in",
    ("network.bring_in", "POST", "theirs"): "403 403 403 403 403 403 302 403 401",
    ("network.school", "GET", "ours"): "403 403 403 403 403 403 200 403 in",
    ("network.school", "GET", "theirs"): "403 403 403 403 403 403 200 403 in",
    ("network.successions", "GET", ""): "403 403 403 403 403 403 200 200 in",
    ("network.decide", "GET", "theirs"): "403 403 403 403 403 403 200 200 in",
    ("network.decide", "POST", "theirs"): "403 403 403 403 403 403 200 200 401",
    ("network.approve", "POST", "theirs"): "403 403 403 403 403 403 302 403 401",
    ("network.refuse", "POST", "theirs"): "403 403 403 403 403 403 302 403 401",
    ("network.policy", "GET", ""): "403 403 403 403 403 403 200 200 in",
}
