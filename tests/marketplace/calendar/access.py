"""Who may open what of term dates (see ``tests.marketplace.test_access``)."""

from __future__ import annotations

from tests.marketplace.outcomes import FORM_OF_COORDINATORS, SCHOOL_ONLY, SEND_OF_COORDINATORS

OPERATOR = "403 403 403 403 403 403 200 403 in"
DELETED = "403 302 403 403 403 404 403 403 401"

EXPECTED = {
    ("calendar.ours", "GET", ""): SCHOOL_ONLY,
    ("calendar.change", "GET", ""): FORM_OF_COORDINATORS,
    ("calendar.change", "POST", ""): SEND_OF_COORDINATORS,
    ("calendar.delete", "POST", "ours"): DELETED,
    ("calendar.delete", "POST", "theirs"): "403 404 403 403 403 404 403 403 401",
    ("calendar.authorities", "GET", ""): OPERATOR,
    ("calendar.authority", "GET", "ours"): OPERATOR,
    ("calendar.change_authority", "GET", "ours"): OPERATOR,
    ("calendar.change_authority", "POST", "ours"): "403 403 403 403 403 403 422 403 401",
    ("calendar.delete_of_authority", "POST", "ours"): "403 403 403 403 403 403 302 403 401",
}
