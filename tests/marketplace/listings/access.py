"""Who may open what of listings (see ``tests.marketplace.test_access``)."""

from __future__ import annotations

from tests.marketplace.outcomes import (
    EVERYBODY,
    FORM_OF_COORDINATORS,
    FORM_OURS,
    SCHOOL_ONLY,
    SEND_OF_COORDINATORS,
    SEND_OURS,
    SEND_THEIRS,
    STEP_THEIRS,
)

EXPECTED = {
    ("tariff.tariff", "GET", ""): EVERYBODY,
    ("tariff.change", "GET", ""): "403 403 403 403 403 403 200 403 in",
    ("tariff.change", "POST", ""): "403 403 403 403 403 403 302 403 401",
    ("listings.start", "GET", ""): FORM_OF_COORDINATORS,
    ("listings.topics", "GET", ""): FORM_OF_COORDINATORS,
    ("listings.save_draft", "POST", ""): "403 302 403 403 403 302 403 403 401",
    ("listings.delete_draft", "POST", "ours"): "403 302 403 403 403 404 403 403 401",
    ("listings.delete_draft", "POST", "theirs"): "403 404 403 403 403 404 403 403 401",
    ("listings.ours", "GET", ""): SCHOOL_ONLY,
    ("listings.new", "GET", ""): FORM_OF_COORDINATORS,
    ("listings.new", "POST", ""): SEND_OF_COORDINATORS,
    ("listings.change", "GET", "ours"): FORM_OURS,
    ("listings.change", "GET", "theirs"): STEP_THEIRS,
    ("listings.change", "GET", "seen"): STEP_THEIRS,
    ("listings.change", "POST", "ours"): SEND_OURS,
    ("listings.change", "POST", "theirs"): SEND_THEIRS,
    ("listings.change", "POST", "seen"): SEND_THEIRS,
    ("listings.withdraw", "POST", "ours"): "403 302 403 403 403 404 403 403 401",
    ("listings.withdraw", "POST", "theirs"): SEND_THEIRS,
    ("listings.withdraw", "POST", "seen"): SEND_THEIRS,
    ("listings.reopen", "POST", "ours"): "403 302 403 403 403 404 403 403 401",
    ("listings.reopen", "POST", "theirs"): SEND_THEIRS,
    ("listings.reopen", "POST", "seen"): SEND_THEIRS,
    ("listings.renew", "POST", "ours"): SEND_OURS,
    ("listings.renew", "POST", "theirs"): SEND_THEIRS,
    ("listings.renew", "POST", "seen"): SEND_THEIRS,
    ("listings.met", "GET", "ours"): FORM_OURS,
    ("listings.met", "GET", "theirs"): STEP_THEIRS,
    ("listings.met", "GET", "seen"): STEP_THEIRS,
    ("listings.met", "POST", "ours"): SEND_OURS,
    ("listings.met", "POST", "theirs"): SEND_THEIRS,
    ("listings.met", "POST", "seen"): SEND_THEIRS,
}
