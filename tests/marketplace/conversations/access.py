"""Who may open what of conversations (see ``tests.marketplace.test_access``)."""

from __future__ import annotations

from tests.marketplace.outcomes import (
    MESSAGES,
    MESSAGES_OF_OTHERS,
)

EXPECTED = {
    ("conversations.inbox", "GET", ""): MESSAGES,
    ("conversations.ask", "GET", "ours"): "302 302 302 302 403 404 403 403 in",
    ("conversations.ask", "GET", "theirs"): MESSAGES_OF_OTHERS,
    ("conversations.ask", "GET", "seen"): MESSAGES,
    ("conversations.ask", "POST", "ours"): "422 422 422 422 403 404 403 403 401",
    ("conversations.ask", "POST", "theirs"): "404 404 404 404 403 404 403 403 401",
    ("conversations.ask", "POST", "seen"): "422 422 422 422 403 422 403 403 401",
}
