"""Who may open what of mail (see ``tests.marketplace.test_access``)."""

from __future__ import annotations

# Where SKILLBANK_MAILBOX is not set, the mailbox does not exist (see ``test_mailbox``).
NOWHERE = "404 404 404 404 404 404 404 404 404"

EXPECTED: dict[tuple[str, str, str], str] = {
    ("mail.mailbox", "GET", ""): NOWHERE,
    ("mail.message", "GET", "ours"): NOWHERE,
    ("mail.message", "GET", "theirs"): NOWHERE,
    ("mail.message_html", "GET", "ours"): NOWHERE,
    ("mail.message_html", "GET", "theirs"): NOWHERE,
}
