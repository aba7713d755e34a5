"""Who may open what of notifications (see ``tests.marketplace.test_access``).

A notification is one person's: "ours" is one of the coordinator's, "theirs" of someone at another
school.
"""

from __future__ import annotations

from tests.marketplace.outcomes import EVERYBODY

EXPECTED: dict[tuple[str, str, str], str] = {
    ("notifications.ours", "GET", ""): EVERYBODY,
    ("notifications.read_all", "POST", ""): "302 302 302 302 302 302 302 302 401",
    ("notifications.follow", "GET", "ours"): "404 302 404 404 404 404 404 404 in",
    ("notifications.follow", "GET", "theirs"): "404 404 404 404 404 404 404 404 in",
    ("notifications.switch_and_open", "POST", "ours"): "404 302 404 404 404 404 404 404 401",
    ("notifications.switch_and_open", "POST", "theirs"): "404 404 404 404 404 404 404 404 401",
    ("notifications.preferences", "GET", ""): EVERYBODY,
    ("notifications.preferences", "POST", ""): "302 302 302 302 302 302 302 302 401",
    ("notifications.unsubscribe", "GET", "ours"): "200 200 200 200 200 200 200 200 200",
    ("notifications.unsubscribe", "POST", "ours"): "200 200 200 200 200 200 200 200 200",
}
