"""Who may open what of audiences and groups (see ``tests.marketplace.test_access``)."""

from __future__ import annotations

from tests.marketplace.outcomes import SCHOOL_ONLY

MANAGERS = "403 200 403 200 403 200 403 403 in"
OURS = "403 200 403 200 403 404 403 403 in"
THEIRS = "403 404 403 404 403 404 403 403 in"
SEND_THEIRS = "403 404 403 404 403 404 403 403 401"
PRESS_OURS = "403 302 403 302 403 404 403 403 401"

EXPECTED = {
    ("audiences.who", "GET", ""): SCHOOL_ONLY,
    ("groups.ours", "GET", ""): SCHOOL_ONLY,
    ("groups.new", "GET", ""): MANAGERS,
    ("groups.new", "POST", ""): "403 422 403 422 403 422 403 403 401",
    ("groups.group", "GET", "ours"): "200 200 200 200 200 404 403 403 in",
    ("groups.group", "GET", "theirs"): "404 404 404 404 404 404 403 403 in",
    ("groups.change", "GET", "ours"): OURS,
    ("groups.change", "GET", "theirs"): THEIRS,
    ("groups.change", "POST", "ours"): "403 422 403 422 403 404 403 403 401",
    ("groups.change", "POST", "theirs"): SEND_THEIRS,
    ("groups.invite", "GET", "ours"): OURS,
    ("groups.invite", "GET", "theirs"): THEIRS,
    # Nobody is chosen in a form that is sent empty.
    ("groups.invite", "POST", "ours"): "403 404 403 404 403 404 403 403 401",
    ("groups.invite", "POST", "theirs"): SEND_THEIRS,
    ("groups.accept", "POST", "ours"): PRESS_OURS,
    ("groups.accept", "POST", "theirs"): SEND_THEIRS,
    # The school is in already, so there is nothing to decline; and its own place it leaves.
    ("groups.decline", "POST", "ours"): "403 409 403 409 403 404 403 403 401",
    ("groups.decline", "POST", "theirs"): SEND_THEIRS,
    ("groups.remove", "POST", "ours"): "403 422 403 422 403 404 403 403 401",
    ("groups.remove", "POST", "theirs"): SEND_THEIRS,
    ("groups.leave", "GET", "ours"): OURS,
    ("groups.leave", "GET", "theirs"): THEIRS,
    # The coordinator leaves, so that the administrator finds no group of theirs any more.
    ("groups.leave", "POST", "ours"): "403 302 403 404 403 404 403 403 401",
    ("groups.leave", "POST", "theirs"): SEND_THEIRS,
}
