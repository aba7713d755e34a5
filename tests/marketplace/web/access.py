"""Who may open what of the health page (see ``tests.marketplace.test_access``)."""

from __future__ import annotations

EXPECTED = {
    ("healthz", "GET", ""): "200 200 200 200 200 200 200 200 200",
}
