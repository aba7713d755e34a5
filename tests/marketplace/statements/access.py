"""Who may open what of a school’s credits (see ``tests.marketplace.test_access``)."""

from __future__ import annotations

EXPECTED = {
    ("statements.statement", "GET", ""): "403 200 200 403 200 403 403 in",
    ("statements.statement_csv", "GET", ""): "403 200 200 403 200 403 403 in",
    ("statements.statement_xlsx", "GET", ""): "403 200 200 403 200 403 403 in",
    ("statements.statement_pdf", "GET", ""): "403 200 200 403 200 403 403 in",
    ("reconciling.reconciliation", "GET", ""): "403 200 200 403 200 200 200 in",
    ("statements.transaction", "GET", "ours"): "403 200 200 403 404 200 200 in",
    ("statements.transaction", "GET", "theirs"): "404 404 404 404 404 200 200 in",
}
