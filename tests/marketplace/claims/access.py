"""Who may open what of claims (see ``tests.marketplace.test_access``)."""

from __future__ import annotations

ALL = "200 200 200 200 200 200 200 200 200"
NETWORK = "403 403 403 403 403 403 200 403 in"
NETWORK_SENDS = "403 403 403 403 403 403 422 403 401"
TAKEN = "422 422 422 422 422 422 422 422 422"

EXPECTED = {
    ("claims.find", "GET", ""): ALL,
    ("claims.suggestions", "GET", ""): ALL,
    ("claims.school", "GET", "ours"): ALL,
    ("claims.school", "GET", "theirs"): ALL,
    ("claims.claim", "GET", "ours"): TAKEN,
    ("claims.claim", "GET", "theirs"): TAKEN,
    ("claims.claim", "POST", "ours"): TAKEN,
    ("claims.claim", "POST", "theirs"): TAKEN,
    ("claims.sent", "GET", "ours"): ALL,
    ("claims.sent", "GET", "theirs"): ALL,
    ("claims.ask", "GET", "ours"): ALL,
    ("claims.ask", "GET", "theirs"): ALL,
    ("claims.ask", "POST", "ours"): TAKEN,
    ("claims.ask", "POST", "theirs"): TAKEN,
    ("claims.confirm", "GET", "ours"): ALL,
    # The first one uses the link up.
    ("claims.confirm", "POST", "ours"): "302 410 410 410 410 410 410 410 410",
    ("claims.claims", "GET", ""): NETWORK,
    ("claims.one_claim", "GET", "ours"): NETWORK,
    ("claims.approve", "POST", "ours"): NETWORK_SENDS,
    ("claims.refuse", "POST", "ours"): NETWORK_SENDS,
}
