"""Who may open what of the auditors’ desk (see ``tests.marketplace.test_access``)."""

from __future__ import annotations

from tests.marketplace.outcomes import (
    AUDITORS,
)

SEND_OF_AUDITORS = "403 403 403 403 403 403 302 302 401"
OF_THE_AUDITOR = "403 403 403 403 403 403 404 200 in"

EXPECTED = {
    ("audit.trial_balance", "GET", ""): AUDITORS,
    ("audit.trial_balance_csv", "GET", ""): AUDITORS,
    ("audit.journal", "GET", ""): AUDITORS,
    ("audit.journal_export", "GET", "ours"): AUDITORS,
    ("audit.journal_export", "GET", "theirs"): AUDITORS,
    ("audit.export", "GET", ""): AUDITORS,
    ("audit.begin_export", "POST", ""): SEND_OF_AUDITORS,
    ("audit.export_progress", "GET", ""): OF_THE_AUDITOR,
    ("audit.export_file", "GET", ""): OF_THE_AUDITOR,
    ("audit.exchange", "GET", "ours"): AUDITORS,
    ("audit.exchange", "GET", "theirs"): AUDITORS,
    ("audit.account", "GET", "ours"): AUDITORS,
    ("audit.account", "GET", "theirs"): AUDITORS,
    ("audit.account_csv", "GET", "ours"): AUDITORS,
    ("audit.account_xlsx", "GET", "ours"): AUDITORS,
    ("audit.account_pdf", "GET", "ours"): AUDITORS,
    ("audit.account_csv", "GET", "theirs"): AUDITORS,
    ("audit.account_xlsx", "GET", "theirs"): AUDITORS,
    ("audit.account_pdf", "GET", "theirs"): AUDITORS,
    ("audit.verifications", "GET", ""): AUDITORS,
    ("audit.verify", "POST", ""): SEND_OF_AUDITORS,
    ("audit.verification", "GET", ""): AUDITORS,
    ("audit.seals", "GET", ""): AUDITORS,
    ("audit.seal", "POST", ""): "403 403 403 403 403 403 302 403 401",
    ("audit.unusual", "GET", ""): AUDITORS,
    ("audit.periods", "GET", ""): AUDITORS,
    ("audit.propose", "GET", ""): AUDITORS,
    ("audit.propose", "POST", ""): "403 403 403 403 403 403 422 422 401",
    ("audit.closing", "GET", ""): AUDITORS,
    ("audit.closing", "POST", ""): "403 403 403 403 403 403 422 302 401",
    ("audit.withdraw", "POST", ""): "403 403 403 403 403 403 409 409 401",
    ("audit.proof", "GET", "ours"): AUDITORS,
    ("audit.proof", "GET", "theirs"): AUDITORS,
    ("proofs.check_a_proof", "GET", ""): "200 200 200 200 200 200 200 200 200",
}
