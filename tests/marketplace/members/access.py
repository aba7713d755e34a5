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
    ("members.remove", "GET", "ours"): PEOPLE_OURS,
    ("members.remove", "GET", "theirs"): PEOPLE_THEIRS,
    ("members.factors", "GET", "ours"): PEOPLE_OURS,
    ("members.factors", "GET", "theirs"): PEOPLE_THEIRS,
    ("members.factors", "POST", "ours"): "403 403 403 422 403 422 403 401",
    ("members.factors", "POST", "theirs"): "403 403 403 404 403 422 403 401",
    ("members.remove", "POST", "ours"): "403 403 403 409 403 409 403 401",
    ("members.remove", "POST", "theirs"): "403 403 403 404 403 409 403 401",
    ("members.reset", "POST", "ours"): "403 403 403 302 403 302 403 401",
    ("members.reset", "POST", "theirs"): "403 403 403 404 403 302 403 401",
    ("members.invite_many", "GET", "ours"): PEOPLE_OURS,
    ("members.invite_many", "GET", "theirs"): PEOPLE_THEIRS,
    ("members.invite_many", "POST", "ours"): "403 403 403 422 403 422 403 401",
    ("members.invite_many", "POST", "theirs"): "403 403 403 404 403 422 403 401",
    ("members.resend", "POST", "ours"): "403 403 403 302 403 302 403 401",
    ("members.resend", "POST", "theirs"): "403 403 403 404 403 302 403 401",
    ("members.revoke", "POST", "ours"): "403 403 403 302 403 422 403 401",
    ("members.revoke", "POST", "theirs"): "403 403 403 404 403 302 403 401",
    ("members.remove_trust_administrator", "GET", "ours"): "403 403 403 403 403 404 403 in",
    ("members.remove_trust_administrator", "GET", "theirs"): "403 403 403 404 403 404 403 in",
    ("members.remove_trust_administrator", "POST", "ours"): "403 403 403 403 403 404 403 401",
    ("members.remove_trust_administrator", "POST", "theirs"): "403 403 403 404 403 404 403 401",
    ("members.accept_invitation", "GET", ""): "200 200 200 200 200 200 200 200",
    ("members.accept_invitation", "POST", ""): "422 422 422 422 422 422 422 422",
}
