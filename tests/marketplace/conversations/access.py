"""Who may open what of conversations (see ``tests.marketplace.test_access``)."""

from __future__ import annotations

from tests.marketplace.outcomes import (
    OUR_PRIVATE,
    PRIVATE_TO_OTHERS,
    SCHOOL_ONLY,
)

EXPECTED = {
    ("conversations.inbox", "GET", ""): SCHOOL_ONLY,
    ("conversations.ask", "GET", "ours"): OUR_PRIVATE,
    ("conversations.ask", "GET", "theirs"): PRIVATE_TO_OTHERS,
    ("conversations.ask", "GET", "seen"): SCHOOL_ONLY,
    ("conversations.ask", "POST", "ours"): "422 422 422 422 404 403 403 401",
    ("conversations.ask", "POST", "theirs"): "404 404 404 404 404 403 403 401",
    ("conversations.ask", "POST", "seen"): "422 422 422 422 422 403 403 401",
}
