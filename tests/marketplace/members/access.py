"""Who may open what of a school’s people (see ``tests.marketplace.test_access``)."""

from __future__ import annotations

from tests.marketplace.outcomes import (
    PEOPLE_OURS,
    PEOPLE_THEIRS,
)

EXPECTED = {
    ("members.ours", "GET", ""): "403 403 403 302 403 403 403 in",
    ("members.people", "GET", "ours"): PEOPLE_OURS,
    ("members.people", "GET", "theirs"): PEOPLE_THEIRS,
    ("members.people", "POST", "ours"): "403 403 403 422 403 422 403 401",
    ("members.people", "POST", "theirs"): "403 403 403 404 403 422 403 401",
    ("members.roles", "GET", "ours"): PEOPLE_OURS,
    ("members.roles", "GET", "theirs"): PEOPLE_THEIRS,
    ("members.roles", "POST", "ours"): "403 403 403 422 403 422 403 401",
    ("members.roles", "POST", "theirs"): "403 403 403 404 403 422 403 401",
    ("members.remove", "POST", "ours"): "403 403 403 409 403 409 403 401",
    ("members.remove", "POST", "theirs"): "403 403 403 404 403 409 403 401",
    ("members.link", "POST", "ours"): "403 403 403 200 403 200 403 401",
    ("members.link", "POST", "theirs"): "403 403 403 404 403 200 403 401",
}
