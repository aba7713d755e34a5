"""Who may open what of matching (see ``tests.marketplace.test_access``)."""

from __future__ import annotations

from tests.marketplace.outcomes import MESSAGES, MESSAGES_OF_OTHERS, OUR_MESSAGES

EXPECTED: dict[tuple[str, str, str], str] = {
    ("matching.ask", "GET", ""): MESSAGES,
    ("matching.ask", "POST", ""): "422 422 422 422 403 422 403 403 401",
    ("matching.who_fits", "GET", "ours"): OUR_MESSAGES,
    ("matching.who_fits", "GET", "theirs"): MESSAGES_OF_OTHERS,
    ("matching.who_fits", "GET", "seen"): MESSAGES_OF_OTHERS,
    ("matching.who_fits", "POST", "ours"): "422 422 422 422 403 404 403 403 401",
    ("matching.who_fits", "POST", "theirs"): "404 404 404 404 403 404 403 403 401",
    ("matching.who_fits", "POST", "seen"): "404 404 404 404 403 404 403 403 401",
}
