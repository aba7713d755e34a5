"""Who may open what of confidential requests (see ``tests.marketplace.test_access``)."""

from __future__ import annotations

from tests.marketplace.outcomes import (
    FORM_OF_COORDINATORS,
    FORM_OURS,
    SEND_OURS,
    SEND_THEIRS,
    STEP_THEIRS,
)

PRESS = "403 302 403 403 403 404 403 403 401"

EXPECTED = {
    ("confidential.ours", "GET", ""): FORM_OF_COORDINATORS,
    ("confidential.ask", "GET", "ours"): FORM_OURS,
    ("confidential.ask", "GET", "theirs"): STEP_THEIRS,
    ("confidential.promise", "POST", "ours"): PRESS,
    ("confidential.promise", "POST", "theirs"): SEND_THEIRS,
    ("confidential.decline", "POST", "ours"): PRESS,
    ("confidential.decline", "POST", "theirs"): SEND_THEIRS,
    # Of our own requests.
    ("confidential.request", "GET", ""): FORM_OURS,
    ("confidential.introduce", "GET", ""): FORM_OURS,
    ("confidential.introduce", "POST", ""): SEND_OURS,
    ("confidential.pass_over", "POST", ""): PRESS,
}
