"""Who may open what of a school’s credits (see ``tests.marketplace.test_access``)."""

from __future__ import annotations

TRUST = "403 403 403 403 200 403 403 403 in"
TRUST_OF_OTHERS = "403 403 403 403 404 403 403 403 in"
"""A trust's credits are read by its own finance staff alone (see ``test_trust``)."""

EXPECTED = {
    ("statements.statement", "GET", ""): "403 200 200 403 200 200 403 403 in",
    ("statements.statement_csv", "GET", ""): "403 200 200 403 200 200 403 403 in",
    ("statements.statement_xlsx", "GET", ""): "403 200 200 403 200 200 403 403 in",
    ("statements.statement_pdf", "GET", ""): "403 200 200 403 200 200 403 403 in",
    ("reconciling.reconciliation", "GET", ""): "403 200 200 403 200 200 200 200 in",
    ("statements.transaction", "GET", "ours"): "403 200 200 403 200 404 200 200 in",
    ("statements.transaction", "GET", "theirs"): "404 404 404 404 404 404 200 200 in",
    ("trust_credits.credits", "GET", ""): TRUST,
    ("trust_credits.credits_csv", "GET", ""): TRUST,
    ("trust_credits.credits_xlsx", "GET", ""): TRUST,
    ("trust_credits.school_statement", "GET", "ours"): TRUST,
    ("trust_credits.school_statement", "GET", "theirs"): TRUST_OF_OTHERS,
    ("trust_credits.school_statement_csv", "GET", "ours"): TRUST,
    ("trust_credits.school_statement_csv", "GET", "theirs"): TRUST_OF_OTHERS,
    ("trust_credits.school_statement_xlsx", "GET", "ours"): TRUST,
    ("trust_credits.school_statement_xlsx", "GET", "theirs"): TRUST_OF_OTHERS,
    ("trust_credits.school_statement_pdf", "GET", "ours"): TRUST,
    ("trust_credits.school_statement_pdf", "GET", "theirs"): TRUST_OF_OTHERS,
}
