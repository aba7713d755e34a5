"""Who may open which pages of adjustments (see ``tests.marketplace.test_access``)."""

from __future__ import annotations

# The adjustments are approved already. Auditors do not decide: there are several operators.
EXPECTED = {
    ("adjustments.adjustments", "GET", ""): "403 403 403 403 403 403 200 200 in",
    ("adjustments.choose", "GET", "ours"): "403 403 403 403 403 403 200 403 in",
    ("adjustments.propose", "GET", "ours"): "403 403 403 403 403 403 200 403 in",
    ("adjustments.propose", "POST", "ours"): "403 403 403 403 403 403 422 403 401",
    ("adjustments.adjustment", "GET", "ours"): "403 403 403 403 403 403 200 200 in",
    ("adjustments.approve", "POST", "ours"): "403 403 403 403 403 403 409 403 401",
    ("adjustments.refuse", "GET", "ours"): "403 403 403 403 403 403 302 302 in",
    ("adjustments.refuse", "POST", "ours"): "403 403 403 403 403 403 422 422 401",
    ("adjustments.withdraw", "POST", "ours"): "403 403 403 403 403 403 409 403 401",
    ("adjustments.choose", "GET", "theirs"): "403 403 403 403 403 403 200 403 in",
    ("adjustments.propose", "GET", "theirs"): "403 403 403 403 403 403 200 403 in",
    ("adjustments.propose", "POST", "theirs"): "403 403 403 403 403 403 422 403 401",
    ("adjustments.adjustment", "GET", "theirs"): "403 403 403 403 403 403 200 200 in",
    ("adjustments.approve", "POST", "theirs"): "403 403 403 403 403 403 409 403 401",
    ("adjustments.refuse", "GET", "theirs"): "403 403 403 403 403 403 302 302 in",
    ("adjustments.refuse", "POST", "theirs"): "403 403 403 403 403 403 422 422 401",
    ("adjustments.withdraw", "POST", "theirs"): "403 403 403 403 403 403 409 403 401",
    ("adjustments.own", "GET", ""): "403 403 200 200 403 403 403 403 in",
    ("adjustments.own_one", "GET", "ours"): "403 403 200 200 403 403 403 403 in",
    ("adjustments.own_one", "GET", "theirs"): "403 403 404 404 403 403 403 403 in",
}
