"""Who may open what of mail (see ``tests.marketplace.test_access``)."""

from __future__ import annotations

EXPECTED: dict[tuple[str, str, str], str] = {}
